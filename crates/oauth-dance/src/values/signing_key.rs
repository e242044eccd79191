//! Private keys that sign: read from PEM or JWK, never printed, wiped on drop.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use zeroize::{Zeroize as _, Zeroizing};

use crate::values::algorithm::Algorithm;
use crate::values::der::{
    BIT_STRING, CONTEXT_0, CONTEXT_1, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE,
    element, integer,
};
use crate::values::json;
use crate::values::pem::{self, Form};
use crate::values::signing_key_error::SigningKeyError;

/// `rsaEncryption` (RFC 8017 Appendix C).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-ecPublicKey` (RFC 5480 §2.1.1).
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `secp256r1` (RFC 5480 §2.1.1.1).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// `id-Ed25519` (RFC 8410 §3).
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// A private key of RSA, P-256 or Ed25519.
///
/// `Debug` prints the kind only. The memory is wiped when the value is dropped, as far as a program can promise
/// it: the backend that signs makes a copy.
#[derive(Clone)]
pub struct SigningKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa(Zeroizing<Vec<u8>>),
    P256(Zeroizing<[u8; 32]>, Option<[u8; 65]>),
    Ed25519(Zeroizing<[u8; 32]>, Option<[u8; 32]>),
}

/// What a private key consists of, for a backend that signs with it.
#[non_exhaustive]
pub enum KeyParts<'k> {
    /// A key of RSA.
    Rsa {
        /// `RSAPrivateKey` in DER (RFC 8017 Appendix A.1.2). Only its outer form has been checked.
        pkcs1: &'k [u8],
    },
    /// A key of P-256.
    P256 {
        /// The private number, big-endian.
        scalar: &'k [u8; 32],
        /// The uncompressed public point, if the key came with it.
        point: Option<&'k [u8; 65]>,
    },
    /// A key of Ed25519.
    Ed25519 {
        /// The private seed.
        seed: &'k [u8; 32],
        /// The public key, if the key came with it.
        public: Option<&'k [u8; 32]>,
    },
}

impl SigningKey {
    /// Reads a key from PEM: PKCS#8 (`PRIVATE KEY`, such as Apple's `.p8`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1
    /// (`EC PRIVATE KEY`).
    ///
    /// # Errors
    ///
    /// - [`SigningKeyError::NotPem`], [`SigningKeyError::Public`] and [`SigningKeyError::Encrypted`] for a text
    ///   without a private key, or with an encrypted one.
    /// - [`SigningKeyError::Unreadable`] for a key in another form. It says how to convert it.
    /// - [`SigningKeyError::Kind`] for a key on another curve, or of another kind.
    pub fn from_pem(text: &str) -> Result<Self, SigningKeyError> {
        let (form, der) = pem::private_key(text)?;
        match form {
            Form::Pkcs8 => pkcs8(&der),
            Form::Pkcs1 => rsa(&der).ok_or(SigningKeyError::Unreadable),
            Form::Sec1 => sec1(&der, false),
        }
        .map(Self)
    }

    /// Reads a key from a private JWK (RFC 7518 §6.2.2 and §6.3.2, RFC 8037 §2). RSA needs all of `n`, `e`, `d`,
    /// `p`, `q`, `dp`, `dq` and `qi`.
    ///
    /// # Errors
    ///
    /// - [`SigningKeyError::NotAJwk`] if the text is not a JSON object.
    /// - [`SigningKeyError::Jwk`] if a member is missing or cannot be read.
    /// - [`SigningKeyError::Kind`] for a key on another curve, or of another kind.
    pub fn from_jwk(text: &str) -> Result<Self, SigningKeyError> {
        let jwk = json::object(text.as_bytes()).map_err(|_| SigningKeyError::NotAJwk)?;
        let jwk = Jwk(jwk);
        match (jwk.text("kty"), jwk.text("crv")) {
            (Some("RSA"), _) => jwk.rsa(),
            (Some("EC"), Some("P-256")) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&*jwk.array("x")?);
                point[33..].copy_from_slice(&*jwk.array("y")?);
                Ok(Kind::P256(jwk.array("d")?, Some(point)))
            }
            (Some("OKP"), Some("Ed25519")) => {
                let public = match jwk.0.contains_key("x") {
                    true => Some(*jwk.array("x")?),
                    false => None,
                };
                Ok(Kind::Ed25519(jwk.array("d")?, public))
            }
            _ => Err(SigningKeyError::Kind),
        }
        .map(Self)
    }

    /// Returns the algorithm that the key is usually for: RS256, ES256 or EdDSA.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa(_) => Algorithm::Rs256,
            Kind::P256(..) => Algorithm::Es256,
            Kind::Ed25519(..) => Algorithm::EdDsa,
        }
    }

    /// Returns what the key consists of, in plain bytes. Only a backend of signatures needs
    /// it.
    #[must_use]
    pub fn parts(&self) -> KeyParts<'_> {
        match &self.0 {
            Kind::Rsa(pkcs1) => KeyParts::Rsa { pkcs1 },
            Kind::P256(scalar, point) => KeyParts::P256 {
                scalar,
                point: point.as_ref(),
            },
            Kind::Ed25519(seed, public) => KeyParts::Ed25519 {
                seed,
                public: public.as_ref(),
            },
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [redacted])", self.algorithm())
    }
}

/// Reads `PrivateKeyInfo` (RFC 5208 §5) or `OneAsymmetricKey` (RFC 5958 §2).
fn pkcs8(der: &[u8]) -> Result<Kind, SigningKeyError> {
    let unreadable = SigningKeyError::Unreadable;
    let mut outer = Reader::of(der);
    let mut info = outer.enter(SEQUENCE).ok_or(unreadable)?;
    let _version = info.read(INTEGER).ok_or(unreadable)?;
    let mut kind = info.enter(SEQUENCE).ok_or(unreadable)?;
    let algorithm = kind.read(OBJECT_IDENTIFIER).ok_or(unreadable)?;
    let key = info.read(OCTET_STRING).ok_or(unreadable)?;
    match algorithm {
        RSA => rsa(key).ok_or(unreadable),
        EC => match kind.read(OBJECT_IDENTIFIER) {
            Some(P256) => sec1(key, true),
            Some(_) => Err(SigningKeyError::Kind),
            None => Err(unreadable),
        },
        ED25519 => {
            let seed = Reader::of(key).read(OCTET_STRING).and_then(array);
            Ok(Kind::Ed25519(seed.ok_or(unreadable)?, None))
        }
        _ => Err(SigningKeyError::Kind),
    }
}

/// Checks the outer form of `RSAPrivateKey`: a sequence of a version and at least eight numbers.
fn rsa(der: &[u8]) -> Option<Kind> {
    let mut outer = Reader::of(der);
    let mut key = outer.enter(SEQUENCE)?;
    for _version_and_numbers in 0..9 {
        key.read(INTEGER)?;
    }
    (outer.is_empty() && key.is_empty()).then(|| Kind::Rsa(Zeroizing::new(der.to_vec())))
}

/// Reads `ECPrivateKey` (RFC 5915 §3). It names its curve unless something outside does.
fn sec1(der: &[u8], is_known_p256: bool) -> Result<Kind, SigningKeyError> {
    let unreadable = SigningKeyError::Unreadable;
    let mut key = Reader::of(der).enter(SEQUENCE).ok_or(unreadable)?;
    let _version = key.read(INTEGER).ok_or(unreadable)?;
    let scalar = key.read(OCTET_STRING).ok_or(unreadable)?;
    let curve = key
        .enter(CONTEXT_0)
        .and_then(|mut curve| curve.read(OBJECT_IDENTIFIER));
    match curve {
        Some(P256) => {}
        Some(_) => return Err(SigningKeyError::Kind),
        None if is_known_p256 => {}
        None => return Err(unreadable),
    }
    let point = match key.enter(CONTEXT_1) {
        // The first byte tells how many bits are not used.
        Some(mut public) => match public.read(BIT_STRING) {
            Some([0, point @ ..]) => Some(point.try_into().map_err(|_| unreadable)?),
            _ => return Err(unreadable),
        },
        None => None,
    };
    Ok(Kind::P256(array(scalar).ok_or(unreadable)?, point))
}

fn array(bytes: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut array = Zeroizing::new([0; 32]);
    if bytes.len() != array.len() {
        return None;
    }
    array.copy_from_slice(bytes);
    Some(array)
}

/// The members of a private JWK, wiped on drop.
struct Jwk(Map<String, Value>);

impl Jwk {
    fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Value::as_str)
    }

    fn bytes(&self, member: &'static str) -> Result<Zeroizing<Vec<u8>>, SigningKeyError> {
        self.text(member)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
            .map(Zeroizing::new)
            .ok_or(SigningKeyError::Jwk { member })
    }

    fn array(&self, member: &'static str) -> Result<Zeroizing<[u8; 32]>, SigningKeyError> {
        array(&self.bytes(member)?).ok_or(SigningKeyError::Jwk { member })
    }

    /// Writes the numbers as `RSAPrivateKey`.
    fn rsa(&self) -> Result<Kind, SigningKeyError> {
        const NUMBERS: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
        // With room for all of it, so that no copy is left behind.
        let mut numbers = Zeroizing::new(Vec::with_capacity(16 * 1024));
        numbers.extend_from_slice(&[INTEGER, 1, 0]);
        for member in NUMBERS {
            let number = integer(&self.bytes(member)?).ok_or(SigningKeyError::Jwk { member })?;
            numbers.extend_from_slice(&number);
        }
        let key = element(SEQUENCE, &numbers).ok_or(SigningKeyError::Jwk { member: "n" })?;
        Ok(Kind::Rsa(key))
    }
}

impl Drop for Jwk {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPLE: &str = include_str!("../../tests/keys/p256_apple.p8");
    const ED25519_PKCS8: &str = include_str!("../../tests/keys/ed25519_pkcs8.pem");
    const P256_PKCS8: &str = include_str!("../../tests/keys/p256_pkcs8.pem");
    const P256_SEC1: &str = include_str!("../../tests/keys/p256_sec1.pem");
    const RSA_PKCS1: &str = include_str!("../../tests/keys/rsa_pkcs1.pem");
    const RSA_PKCS8: &str = include_str!("../../tests/keys/rsa_pkcs8.pem");
    const WITHOUT_PUBLIC: &str = include_str!("../../tests/keys/p256_without_public.pem");

    const ED25519_JWK: &str = include_str!("../../tests/keys/ed25519.jwk.json");
    const P256_JWK: &str = include_str!("../../tests/keys/p256.jwk.json");
    const RSA_JWK: &str = include_str!("../../tests/keys/rsa.jwk.json");

    /// The bytes of a key, to compare forms of one key.
    fn bytes(key: &SigningKey) -> (Vec<u8>, Vec<u8>) {
        match key.parts() {
            KeyParts::Rsa { pkcs1 } => (pkcs1.to_vec(), Vec::new()),
            KeyParts::P256 { scalar, point } => {
                (scalar.to_vec(), point.map(Vec::from).unwrap_or_default())
            }
            KeyParts::Ed25519 { seed, .. } => (seed.to_vec(), Vec::new()),
        }
    }

    fn pem(text: &str) -> SigningKey {
        SigningKey::from_pem(text).unwrap()
    }

    fn jwk(text: &str) -> SigningKey {
        SigningKey::from_jwk(text).unwrap()
    }

    fn jwk_without(text: &str, member: &str) -> Result<SigningKey, SigningKeyError> {
        let mut jwk: Map<String, Value> = serde_json::from_str(text).unwrap();
        jwk.remove(member).unwrap();
        SigningKey::from_jwk(&Value::Object(jwk).to_string())
    }

    #[test]
    fn each_form_of_a_key_is_the_same_key() {
        for (forms, algorithm) in [
            (
                vec![pem(RSA_PKCS8), pem(RSA_PKCS1), jwk(RSA_JWK)],
                Algorithm::Rs256,
            ),
            (
                vec![pem(P256_PKCS8), pem(P256_SEC1), pem(APPLE), jwk(P256_JWK)],
                Algorithm::Es256,
            ),
            (vec![pem(ED25519_PKCS8), jwk(ED25519_JWK)], Algorithm::EdDsa),
        ] {
            for form in &forms {
                assert_eq!(form.algorithm(), algorithm);
                assert_eq!(bytes(form), bytes(&forms[0]), "{algorithm}");
            }
        }
    }

    #[test]
    fn a_key_of_p256_may_lack_its_public_part() {
        let (scalar, point) = bytes(&pem(WITHOUT_PUBLIC));
        assert_eq!(scalar, bytes(&pem(P256_PKCS8)).0);
        assert!(point.is_empty());
        // Its curve is named outside of the SEC 1 part.
        let (_, der) = pem::private_key(WITHOUT_PUBLIC).unwrap();
        assert_eq!(
            sec1(&der[der.len() - 39..], false).err(),
            Some(SigningKeyError::Unreadable)
        );
    }

    #[test]
    fn what_cannot_sign_says_which_command_helps() {
        for (text, error, says) in [
            (
                include_str!("../../tests/keys/encrypted_pkcs8.pem"),
                SigningKeyError::Encrypted,
                "openssl pkcs8 -topk8 -nocrypt",
            ),
            (
                include_str!("../../tests/keys/encrypted_pkcs1.pem"),
                SigningKeyError::Encrypted,
                "openssl pkcs8 -topk8 -nocrypt",
            ),
            (
                include_str!("../../tests/keys/p384_pkcs8.pem"),
                SigningKeyError::Kind,
                "openssl genpkey -algorithm EC",
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----",
                SigningKeyError::Unreadable,
                "openssl pkcs8 -topk8 -nocrypt",
            ),
            ("", SigningKeyError::NotPem, "-----BEGIN PRIVATE KEY-----"),
        ] {
            let refused = SigningKey::from_pem(text).unwrap_err();
            assert_eq!(refused, error);
            assert!(format!("{refused:?}").contains(says), "{refused}");
        }
    }

    #[test]
    fn a_jwk_needs_all_of_its_members() {
        for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
            let refused = jwk_without(RSA_JWK, member).unwrap_err();
            assert_eq!(refused, SigningKeyError::Jwk { member });
        }
        for member in ["x", "y", "d"] {
            let refused = jwk_without(P256_JWK, member).unwrap_err();
            assert_eq!(refused, SigningKeyError::Jwk { member });
        }
        let refused = jwk_without(ED25519_JWK, "d").unwrap_err();
        assert_eq!(refused, SigningKeyError::Jwk { member: "d" });
        assert!(jwk_without(ED25519_JWK, "x").is_ok());
        for member in ["kty", "crv"] {
            assert_eq!(
                jwk_without(P256_JWK, member).unwrap_err(),
                SigningKeyError::Kind
            );
        }
    }

    #[test]
    fn a_jwk_is_an_object_with_base64url_of_the_right_length() {
        for text in ["", "[]", "{", r#"{"kty":"EC","kty":"RSA"}"#] {
            let refused = SigningKey::from_jwk(text).unwrap_err();
            assert_eq!(refused, SigningKeyError::NotAJwk, "{text}");
        }
        for bad in ["AAAA", "+/+/", ""] {
            let mut jwk: Map<String, Value> = serde_json::from_str(P256_JWK).unwrap();
            jwk.insert("d".to_owned(), bad.into());
            let refused = SigningKey::from_jwk(&Value::Object(jwk).to_string()).unwrap_err();
            assert_eq!(refused, SigningKeyError::Jwk { member: "d" }, "{bad}");
        }
    }

    #[test]
    fn k01_a_key_is_not_printed() {
        for (key, printed) in [
            (pem(RSA_PKCS8), "SigningKey(RS256, [redacted])"),
            (pem(P256_PKCS8), "SigningKey(ES256, [redacted])"),
            (pem(ED25519_PKCS8), "SigningKey(EdDSA, [redacted])"),
        ] {
            assert_eq!(format!("{key:?}"), printed);
        }
    }

    #[test]
    fn a_key_of_rsa_has_nine_numbers_and_nothing_behind_them() {
        let (_, der) = pem::private_key(RSA_PKCS1).unwrap();
        let behind = [&der[..], &[0]].concat();
        assert!(rsa(&behind).is_none());
        let numbers = Reader::of(&der).read(SEQUENCE).unwrap();
        let number = integer(&[1]).unwrap();
        let more = element(SEQUENCE, &[numbers, &number].concat()).unwrap();
        assert!(rsa(&more).is_none());
    }

    /// Every prefix and every changed byte of a key: none may panic.
    #[test]
    fn no_der_panics() {
        for text in [
            RSA_PKCS8,
            RSA_PKCS1,
            P256_PKCS8,
            P256_SEC1,
            APPLE,
            ED25519_PKCS8,
        ] {
            let (form, der) = pem::private_key(text).unwrap();
            let read = |der: &[u8]| match form {
                Form::Pkcs8 => pkcs8(der).is_ok(),
                Form::Pkcs1 => rsa(der).is_some(),
                Form::Sec1 => sec1(der, false).is_ok(),
            };
            for end in 0..der.len() {
                assert!(!read(&der[..end]), "{end}");
            }
            for at in 0..der.len() {
                for bit in 0..8 {
                    let mut changed = der.to_vec();
                    changed[at] ^= 1 << bit;
                    read(&changed);
                }
            }
        }
    }
}
