//! One public key of a provider as a JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
//!
//! Members of private keys are not read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::steps::jose::header::MAX_KID_BYTES;
use crate::values::algorithm::Algorithm;
use crate::values::public_key::{Curve, EcPublicKey, PublicKey, PublicKeyError, RsaPublicKey};

/// A key that verifies signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jwk {
    pub(crate) kid: Option<String>,
    /// The only algorithm that the key is for, if it names one.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) key: PublicKey,
    /// The provider has published the private part too, with which every reader of the set can sign.
    pub(crate) is_leaked: bool,
}

/// Why a key is left out of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Ignored {
    #[error("is not a JSON object")]
    NotAnObject,
    #[error("is a secret (`kty` is `oct`), which must not be published")]
    Secret,
    #[error("is of a type or on a curve that is not known")]
    UnknownType,
    #[error("is not for signatures (`use`)")]
    Use,
    #[error("does not verify signatures (`key_ops`)")]
    Operations,
    #[error("is for an algorithm that is not known, or that does not fit its type (`alg`)")]
    Algorithm,
    #[error("has a `kid` that is not a text of at most {MAX_KID_BYTES} bytes")]
    Kid,
    #[error("lacks `{0}`, or holds something else than base64url there")]
    Member(&'static str),
    #[error("cannot be used: {0}")]
    Key(PublicKeyError),
}

impl Jwk {
    /// Reads a key, or says why it is left out.
    pub(crate) fn parse(value: &Value) -> Result<Self, Ignored> {
        let members = value.as_object().ok_or(Ignored::NotAnObject)?;
        let kind = text(members, "kty");
        if kind == Some("oct") {
            return Err(Ignored::Secret);
        }
        if members.get("use").is_some_and(|purpose| purpose != "sig") {
            return Err(Ignored::Use);
        }
        if members
            .get("key_ops")
            .is_some_and(|operations| !can_verify(operations))
        {
            return Err(Ignored::Operations);
        }
        let kid = match members.get("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= MAX_KID_BYTES => Some(kid.clone()),
            Some(_) => return Err(Ignored::Kid),
        };
        let key = match (kind, text(members, "crv")) {
            (Some("RSA"), _) => {
                let key = RsaPublicKey::new(&bytes(members, "n")?, &bytes(members, "e")?);
                PublicKey::Rsa(key.map_err(Ignored::Key)?)
            }
            (Some("EC"), Some("P-256")) => ec(members, Curve::P256)?,
            (Some("EC"), Some("P-384")) => ec(members, Curve::P384)?,
            (Some("EC"), Some("P-521")) => ec(members, Curve::P521)?,
            (Some("OKP"), Some("Ed25519")) => {
                let key = bytes(members, "x")?.try_into();
                PublicKey::Ed25519(key.map_err(|_| Ignored::Member("x"))?)
            }
            _ => return Err(Ignored::UnknownType),
        };
        let algorithm = match members.get("alg") {
            None => None,
            Some(name) => {
                let algorithm = name.as_str().and_then(Algorithm::from_name);
                let fitting = algorithm.filter(|algorithm| key.fits(*algorithm));
                Some(fitting.ok_or(Ignored::Algorithm)?)
            }
        };
        Ok(Self {
            kid,
            algorithm,
            key,
            is_leaked: members.contains_key("d"),
        })
    }

    /// Returns whether the key may verify signatures of `algorithm`.
    pub(crate) fn is_for(&self, algorithm: Algorithm) -> bool {
        self.key.fits(algorithm) && self.algorithm.is_none_or(|only| only == algorithm)
    }
}

fn can_verify(operations: &Value) -> bool {
    let operations = operations.as_array();
    operations.is_some_and(|all| all.iter().any(|operation| operation == "verify"))
}

fn ec(members: &Map<String, Value>, curve: Curve) -> Result<PublicKey, Ignored> {
    let key = EcPublicKey::new(curve, &bytes(members, "x")?, &bytes(members, "y")?);
    key.map(PublicKey::Ec).map_err(Ignored::Key)
}

fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    members.get(name).and_then(Value::as_str)
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, Ignored> {
    text(members, name)
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or(Ignored::Member(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(bits: usize) -> Value {
        let modulus = vec![0xff; bits / 8];
        json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" })
    }

    fn ec(curve: &str, bytes: usize) -> Value {
        let coordinate = URL_SAFE_NO_PAD.encode(vec![1; bytes]);
        json!({ "kty": "EC", "crv": curve, "x": coordinate, "y": coordinate })
    }

    /// A good key, with other members.
    fn with(mut key: Value, members: Value) -> Result<Jwk, Ignored> {
        let Value::Object(members) = members else {
            panic!("not an object");
        };
        key.as_object_mut().unwrap().extend(members);
        Jwk::parse(&key)
    }

    #[test]
    fn keys_of_each_type_are_read() {
        for (key, fits) in [
            (rsa(2048), Algorithm::Ps512),
            (ec("P-256", 32), Algorithm::Es256),
            (ec("P-384", 48), Algorithm::Es384),
            (ec("P-521", 66), Algorithm::Es512),
        ] {
            let jwk = Jwk::parse(&key).unwrap();
            assert!(jwk.is_for(fits), "{fits}");
            assert!((jwk.kid, jwk.algorithm, jwk.is_leaked) == (None, None, false));
        }
        let x = URL_SAFE_NO_PAD.encode([1; 32]);
        let ed25519 = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        assert!(Jwk::parse(&ed25519).unwrap().is_for(Algorithm::EdDsa));
    }

    #[test]
    fn e10_a_key_for_something_else_is_left_out() {
        for (members, why) in [
            (json!({ "use": "enc" }), Ignored::Use),
            (json!({ "use": null }), Ignored::Use),
            (json!({ "use": ["sig"] }), Ignored::Use),
            (json!({ "key_ops": ["encrypt"] }), Ignored::Operations),
            (json!({ "key_ops": [] }), Ignored::Operations),
            (json!({ "key_ops": "verify" }), Ignored::Operations),
            (json!({ "alg": "RSA-OAEP" }), Ignored::Algorithm),
            (json!({ "alg": "ES256" }), Ignored::Algorithm),
            (json!({ "alg": "HS256" }), Ignored::Algorithm),
            (json!({ "alg": null }), Ignored::Algorithm),
            (json!({ "kid": 1 }), Ignored::Kid),
            (
                json!({ "kid": "k".repeat(MAX_KID_BYTES + 1) }),
                Ignored::Kid,
            ),
            (json!({ "kty": "rsa" }), Ignored::UnknownType),
            (json!({ "kty": null }), Ignored::UnknownType),
        ] {
            assert_eq!(with(rsa(2048), members.clone()), Err(why), "{members}");
        }
        for (members, algorithm) in [
            (json!({ "use": "sig", "key_ops": ["verify", "sign"] }), None),
            (
                json!({ "alg": "PS256", "kid": "a" }),
                Some(Algorithm::Ps256),
            ),
        ] {
            let key = with(rsa(2048), members).unwrap();
            assert_eq!(key.algorithm, algorithm);
        }
        let only = with(rsa(2048), json!({ "alg": "PS256" })).unwrap();
        assert!(only.is_for(Algorithm::Ps256) && !only.is_for(Algorithm::Rs256));
    }

    #[test]
    fn e10_a_curve_has_its_algorithm() {
        let mismatch = with(ec("P-384", 48), json!({ "alg": "ES256" }));
        assert_eq!(mismatch, Err(Ignored::Algorithm));
        for curve in ["secp256k1", "P-192", "X25519", "p-256"] {
            let key = Jwk::parse(&ec(curve, 32));
            assert_eq!(key, Err(Ignored::UnknownType), "{curve}");
        }
        let short = Jwk::parse(&ec("P-256", 31));
        let expected = PublicKeyError::Coordinate { bytes: 32 };
        assert_eq!(short, Err(Ignored::Key(expected)));
    }

    #[test]
    fn e12_numbers_of_rsa_are_bounded() {
        for bits in [1024, 16384] {
            let expected = PublicKeyError::ModulusBits { bits };
            assert_eq!(Jwk::parse(&rsa(bits)), Err(Ignored::Key(expected)));
        }
        for (members, why) in [
            (json!({ "e": "AQ" }), Ignored::Key(PublicKeyError::Exponent)),
            (json!({ "e": "" }), Ignored::Key(PublicKeyError::Exponent)),
            (json!({ "e": 65537 }), Ignored::Member("e")),
            (json!({ "e": "AQAB==" }), Ignored::Member("e")),
            (json!({ "n": null }), Ignored::Member("n")),
            (json!({ "n": "+/+/" }), Ignored::Member("n")),
        ] {
            assert_eq!(with(rsa(2048), members.clone()), Err(why), "{members}");
        }
    }

    #[test]
    fn e13_secrets_are_left_out_and_private_members_are_not_read() {
        let secret = json!({ "kty": "oct", "k": "AAAA", "alg": "HS256" });
        assert_eq!(Jwk::parse(&secret), Err(Ignored::Secret));
        let leaked = with(rsa(2048), json!({ "d": "AAAA" })).unwrap();
        assert!(leaked.is_leaked);
        assert!(!format!("{leaked:?}").contains("AAAA"));
    }

    #[test]
    fn a_key_of_ed25519_has_32_bytes() {
        for bytes in [31, 33] {
            let x = URL_SAFE_NO_PAD.encode(vec![1; bytes]);
            let key = Jwk::parse(&json!({ "kty": "OKP", "crv": "Ed25519", "x": x }));
            assert_eq!(key, Err(Ignored::Member("x")));
        }
        assert_eq!(Jwk::parse(&json!([])), Err(Ignored::NotAnObject));
    }
}
