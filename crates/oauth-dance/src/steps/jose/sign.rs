//! Signs a token of our own, such as a client assertion (RFC 7515 §5.1, RFC 7523 §2.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::contract::crypto::{CannotSign, Crypto};
use crate::values::algorithm::Algorithm;
use crate::values::signing_key::SigningKey;

/// How a token is signed, and what its header says besides.
pub(crate) struct Signing<'s> {
    pub(crate) crypto: &'s dyn Crypto,
    pub(crate) key: &'s SigningKey,
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<&'s str>,
    pub(crate) typ: Option<&'s str>,
}

impl Signing<'_> {
    /// Returns the compact form of a token with these claims.
    ///
    /// # Errors
    ///
    /// [`CannotSign`] says what is wrong with the key.
    pub(crate) fn token(&self, claims: &Map<String, Value>) -> Result<String, CannotSign> {
        let mut header = Map::new();
        header.insert("alg".to_owned(), self.algorithm.name().into());
        let others = [("kid", self.kid), ("typ", self.typ)];
        for (name, text) in others {
            if let Some(text) = text {
                header.insert(name.to_owned(), text.into());
            }
        }
        let encode = |members: &Map<String, Value>| {
            // A map of texts and values is always JSON.
            URL_SAFE_NO_PAD.encode(Value::Object(members.clone()).to_string())
        };
        let mut token = format!("{}.{}", encode(&header), encode(claims));
        let signature = self
            .crypto
            .sign(self.algorithm, self.key, token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Signs once and forgets the result, so that a key that cannot sign is found when it is configured.
    ///
    /// # Errors
    ///
    /// [`CannotSign`] says what is wrong with the key.
    pub(crate) fn check(&self) -> Result<(), CannotSign> {
        self.token(&Map::new()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::steps::jose::fixtures::{ED25519, P256, RSA, backends, object};

    const WITHOUT_PUBLIC: &str = include_str!("../../../tests/keys/p256_without_public.pem");
    const RSA_1024: &str = include_str!("../../../tests/keys/rsa_1024.pem");

    fn check(
        crypto: &dyn Crypto,
        key: &SigningKey,
        algorithm: Algorithm,
    ) -> Result<(), CannotSign> {
        let signing = Signing {
            crypto,
            key,
            algorithm,
            kid: None,
            typ: None,
        };
        signing.check()
    }

    #[test]
    fn a_header_says_how_a_token_is_signed_and_no_more() {
        for crypto in backends() {
            let key = SigningKey::from_pem(ED25519).unwrap();
            let header = |kid, typ| {
                let signing = Signing {
                    crypto: &*crypto,
                    key: &key,
                    algorithm: Algorithm::EdDsa,
                    kid,
                    typ,
                };
                let token = signing.token(&object(json!({ "sub": "us" }))).unwrap();
                let parts: Vec<&str> = token.split('.').collect();
                assert_eq!((parts.len(), parts[1]), (3, "eyJzdWIiOiJ1cyJ9"));
                let header = URL_SAFE_NO_PAD.decode(parts[0]).unwrap();
                serde_json::from_slice::<Value>(&header).unwrap()
            };
            assert_eq!(header(None, None), json!({ "alg": "EdDSA" }));
            let full = json!({ "alg": "EdDSA", "kid": "a", "typ": "JWT" });
            assert_eq!(header(Some("a"), Some("JWT")), full);
        }
    }

    #[test]
    fn a_key_that_cannot_sign_is_found_when_it_is_configured() {
        let algorithms = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
        for crypto in backends() {
            let backend = crypto.name();
            for (pem, own) in [RSA, P256, ED25519].into_iter().zip(algorithms) {
                let key = SigningKey::from_pem(pem).unwrap();
                for algorithm in Algorithm::ALL {
                    let rsa = own == Algorithm::Rs256 && algorithm < Algorithm::Es256;
                    let expected = if rsa || algorithm == own {
                        Ok(())
                    } else {
                        Err(CannotSign::Algorithm { backend, algorithm })
                    };
                    assert_eq!(check(&*crypto, &key, algorithm), expected, "{backend}");
                }
            }
            let short = SigningKey::from_pem(RSA_1024).unwrap();
            let refused = check(&*crypto, &short, Algorithm::Rs256);
            assert_eq!(refused, Err(CannotSign::Key { backend }));
        }
    }

    #[test]
    fn a_key_without_its_public_part_signs_where_the_backend_can_compute_it() {
        let key = SigningKey::from_pem(WITHOUT_PUBLIC).unwrap();
        for crypto in backends() {
            let found = check(&*crypto, &key, Algorithm::Es256);
            if crypto.name() == "ring" {
                let refused = found.unwrap_err();
                assert_eq!(refused, CannotSign::NoPublicPart { backend: "ring" });
                assert!(refused.to_string().contains("`openssl ec -in key.pem -out"));
            } else {
                assert_eq!(found, Ok(()));
            }
        }
    }

    #[test]
    fn a_private_key_with_the_public_part_of_another_is_refused() {
        for (text, member) in [
            (include_str!("../../../tests/keys/p256.jwk.json"), "d"),
            (include_str!("../../../tests/keys/ed25519.jwk.json"), "x"),
            (include_str!("../../../tests/keys/rsa.jwk.json"), "p"),
        ] {
            let mut jwk: Map<String, Value> = serde_json::from_str(text).unwrap();
            let bytes = jwk[member].as_str().unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(bytes).unwrap();
            bytes[31] ^= 2;
            jwk.insert(member.to_owned(), URL_SAFE_NO_PAD.encode(bytes).into());
            let key = SigningKey::from_jwk(&Value::Object(jwk).to_string()).unwrap();
            for crypto in backends() {
                let backend = crypto.name();
                let refused = check(&*crypto, &key, key.algorithm());
                assert_eq!(refused, Err(CannotSign::Key { backend }), "{key:?}");
            }
        }
    }
}
