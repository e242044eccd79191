//! Verifies a signed token: its form, its header, its key, its signature, in this order.

use std::fmt;

use crate::contract::crypto::Crypto;
use crate::steps::jose::algorithms::Algorithms;
use crate::steps::jose::compact::{self, CompactError};
use crate::steps::jose::header::{self, HeaderError};
use crate::steps::jose::key_set::{KeySet, NoKey};
use crate::values::algorithm::Algorithm;
use crate::values::mac_key::{MacKey, ShortSecret};

/// What a token of one provider is verified with.
#[derive(Clone, Copy)]
pub(crate) struct Trust<'t> {
    pub(crate) crypto: &'t dyn Crypto,
    pub(crate) algorithms: &'t Algorithms,
    /// For the algorithms with a public key. These are never a key of HMAC.
    pub(crate) keys: &'t KeySet,
    /// For HMAC.
    pub(crate) secret: Option<&'t MacKey>,
}

/// What a token held, once its signature was verified. Only [`verify`] makes one. `Debug` does not print the payload.
pub(crate) struct Signed {
    payload: Vec<u8>,
    algorithm: Algorithm,
    typ: Option<String>,
}

impl Signed {
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the media type of the token in lower case and without `application/`, if it has one.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    #[cfg(test)]
    pub(crate) fn for_test(payload: &[u8], algorithm: Algorithm, typ: Option<&str>) -> Self {
        Self {
            payload: payload.to_vec(),
            algorithm,
            typ: typ.map(str::to_owned),
        }
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({}, [redacted])", self.algorithm)
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VerifyError {
    #[error(transparent)]
    Compact(#[from] CompactError),
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error(
        "the token is signed with {algorithm}, which the provider does not announce or the client does not take"
    )]
    NotAllowed { algorithm: Algorithm },
    #[error(transparent)]
    Key(#[from] NoKey),
    #[error("the token is signed with {algorithm}, and the client has no secret")]
    NoSecret { algorithm: Algorithm },
    #[error(transparent)]
    Secret(#[from] ShortSecret),
    #[error("the token's signature was not made by the provider's key, or the token was changed")]
    Signature,
}

/// Verifies a token in the compact form.
///
/// # Errors
///
/// [`VerifyError`], by the first check that failed.
pub(crate) fn verify(token: &str, trust: &Trust<'_>) -> Result<Signed, VerifyError> {
    let compact = compact::parse(token)?;
    let header = header::parse(&compact.header)?;
    let algorithm = header.algorithm;
    if !trust.algorithms.contains(algorithm) {
        return Err(VerifyError::NotAllowed { algorithm });
    }
    let (message, signature) = (compact.signing_input, &compact.signature);
    let verified = if algorithm.is_mac() {
        let key = trust.secret.ok_or(VerifyError::NoSecret { algorithm })?;
        key.bytes_for(algorithm)?;
        trust.crypto.verify_mac(algorithm, key, message, signature)
    } else {
        let key = trust.keys.key_for(&header)?;
        trust.crypto.verify(algorithm, key, message, signature)
    };
    verified.map_err(|_| VerifyError::Signature)?;
    Ok(Signed {
        payload: compact.payload,
        algorithm,
        typ: header.typ,
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::steps::jose::compact::Part;
    use crate::steps::jose::fixtures::{
        JWKS, RSA, backends, hmac_token, token, verify_with, with_header,
    };

    const RS256: Algorithm = Algorithm::Rs256;
    const THREE: [(&str, Algorithm); 3] = [
        ("rsa", Algorithm::Rs256),
        ("p256", Algorithm::Es256),
        ("ed25519", Algorithm::EdDsa),
    ];

    /// Verifies with every backend and all algorithms. All have to agree.
    fn refused(keys: &str, secret: Option<&MacKey>, token: &str) -> Option<VerifyError> {
        let mut results = backends()
            .into_iter()
            .map(|crypto| verify_with(&*crypto, &Algorithm::ALL, keys, secret, token).err());
        let first = results.next()?;
        assert!(results.all(|result| result == first));
        first
    }

    /// The tokens of the three keys.
    fn tokens() -> Vec<String> {
        let Some(crypto) = backends().pop() else {
            return Vec::new();
        };
        let claims = json!({ "sub": "ada" });
        let tokens = THREE.map(|(kid, algorithm)| token(&*crypto, kid, algorithm, claims.clone()));
        tokens.to_vec()
    }

    /// Asserts the error, unless this build has no backend.
    #[track_caller]
    fn assert_refused(keys: &str, secret: Option<&MacKey>, token: &str, error: VerifyError) {
        if !backends().is_empty() {
            assert_eq!(refused(keys, secret, token), Some(error), "{token}");
        }
    }

    fn secret() -> MacKey {
        MacKey::of_bytes(&[7; 64])
    }

    #[test]
    fn each_algorithm_of_the_three_keys_is_signed_and_verified_by_each_backend() {
        use Algorithm as A;
        let rsa = [A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512];
        let all = rsa.map(|algorithm| ("rsa", algorithm)).into_iter();
        for (kid, algorithm) in all.chain(THREE) {
            for signer in backends() {
                let token = token(&*signer, kid, algorithm, json!({ "sub": "ada" }));
                for verifier in backends() {
                    let only = [algorithm];
                    let signed = verify_with(&*verifier, &only, JWKS, None, &token).unwrap();
                    assert_eq!(signed.payload(), br#"{"sub":"ada"}"#);
                    assert_eq!((signed.algorithm(), signed.typ()), (algorithm, None));
                }
            }
        }
    }

    #[test]
    fn e01_an_unsigned_token_is_refused() {
        for token in tokens() {
            let (message, signature) = token.rsplit_once('.').unwrap();
            let unsigned = VerifyError::Compact(CompactError::Unsigned);
            assert_refused(JWKS, None, &format!("{message}."), unsigned);
            for alg in ["none", "nOnE"] {
                let none = with_header(&token, json!({ "alg": alg }));
                assert_refused(JWKS, None, &none, HeaderError::None.into());
                let empty = none.strip_suffix(signature).unwrap();
                assert_refused(JWKS, None, empty, unsigned);
            }
        }
    }

    #[test]
    fn e01_an_algorithm_that_is_not_announced_is_refused() {
        for crypto in backends() {
            let token = token(&*crypto, "rsa", Algorithm::Ps256, json!({}));
            let refused = verify_with(&*crypto, &[RS256], JWKS, None, &token).unwrap_err();
            let algorithm = Algorithm::Ps256;
            assert_eq!(refused, VerifyError::NotAllowed { algorithm });
        }
    }

    #[test]
    fn e02_hmac_with_a_public_key_is_refused() {
        let jwks: Value = serde_json::from_str(JWKS).unwrap();
        let jwk = &jwks["keys"][0];
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
        let pem = RSA.replace("PRIVATE", "PUBLIC");
        let forged = [
            pem.trim_end().as_bytes().to_vec(),
            pem.as_bytes().to_vec(),
            [b"x\n", pem.as_bytes()].concat(),
            jwk.to_string().into_bytes(),
            JWKS.as_bytes().to_vec(),
            modulus,
            Vec::new(),
        ];
        for key in forged {
            let token = hmac_token(&json!({ "alg": "HS256", "kid": "rsa" }), &key);
            // Without a secret, HMAC is not among the algorithms.
            let algorithm = Algorithm::Hs256;
            assert_refused(JWKS, None, &token, VerifyError::NotAllowed { algorithm });
            // With one, nothing but the secret is a key of HMAC.
            assert_refused(JWKS, Some(&secret()), &token, VerifyError::Signature);
        }
    }

    #[test]
    fn e02_hmac_needs_the_secret_even_if_the_algorithm_is_allowed() {
        for crypto in backends() {
            let names = ["HS256".to_owned()];
            let algorithms = Algorithms::offered(Some(&names), &*crypto, true).unwrap();
            let trust = Trust {
                crypto: &*crypto,
                algorithms: &algorithms,
                keys: &KeySet::parse(JWKS.as_bytes()).unwrap(),
                secret: None,
            };
            let token = hmac_token(&json!({ "alg": "HS256", "kid": "rsa" }), &[]);
            let algorithm = Algorithm::Hs256;
            let expected = VerifyError::NoSecret { algorithm };
            assert_eq!(verify(&token, &trust).unwrap_err(), expected);
        }
    }

    #[test]
    fn e36_a_token_of_the_client_secret_is_verified_if_the_secret_is_long_enough() {
        for crypto in backends() {
            for alg in ["HS256", "HS384", "HS512"] {
                let token = hmac_token(&json!({ "alg": alg }), &[7; 64]);
                let all = Algorithm::ALL;
                let signed = verify_with(&*crypto, &all, JWKS, Some(&secret()), &token);
                assert_eq!(signed.unwrap().algorithm().name(), alg);
            }
        }
        let short = MacKey::of_bytes(&[7; 31]);
        for (alg, needed) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
            let token = hmac_token(&json!({ "alg": alg }), &[7; 31]);
            let error = short.bytes_for(Algorithm::from_name(alg).unwrap());
            let error = error.unwrap_err();
            assert_eq!(error.needed, needed);
            assert_refused(JWKS, Some(&short), &token, VerifyError::Secret(error));
        }
    }

    #[test]
    fn e03_a_key_in_the_header_does_not_verify_its_token() {
        let mine = json!({ "kty": "oct", "k": URL_SAFE_NO_PAD.encode([9; 32]) });
        let header = json!({ "alg": "HS256", "jwk": mine, "jku": "https://evil.test/jwks" });
        let token = hmac_token(&header, &[9; 32]);
        assert_refused(JWKS, Some(&secret()), &token, VerifyError::Signature);
        // The real key's signature covers the header as it was.
        let jwks: Value = serde_json::from_str(JWKS).unwrap();
        for token in tokens() {
            let token = with_header(&token, json!({ "jwk": jwks["keys"][1], "x5c": ["AAAA"] }));
            assert_refused(JWKS, None, &token, VerifyError::Signature);
        }
    }

    #[test]
    fn e05_an_identifier_of_any_text_finds_no_key() {
        for kid in ["../../rsa", "rsa' OR '1'='1", "rsa\r\nx: y", "RSA", ""] {
            for token in tokens() {
                let token = with_header(&token, json!({ "kid": kid }));
                assert_refused(JWKS, None, &token, NoKey::UnknownKid.into());
            }
        }
        let long = with_header(
            &hmac_token(&json!({ "alg": "RS256" }), b""),
            json!({
                "kid": "k".repeat(1 << 20)
            }),
        );
        let bytes = long.len();
        assert_refused(JWKS, None, &long, CompactError::TooLong { bytes }.into());
    }

    #[test]
    fn e10_the_identifier_of_another_kind_of_key_is_refused() {
        for token in tokens() {
            let token = with_header(&token, json!({ "alg": "ES384" }));
            let algorithm = Algorithm::Es384;
            assert_refused(
                JWKS,
                None,
                &token,
                NoKey::OtherAlgorithm { algorithm }.into(),
            );
        }
    }

    #[test]
    fn e24_extensions_are_refused_before_a_key_is_looked_for() {
        let nothing = r#"{"keys":[]}"#;
        for token in tokens() {
            for (members, error) in [
                (json!({ "crit": ["x"], "x": 1 }), HeaderError::Critical),
                (json!({ "b64": false }), HeaderError::NotEncoded),
                (json!({ "cty": "JWT" }), HeaderError::Nested),
            ] {
                assert_refused(nothing, None, &with_header(&token, members), error.into());
            }
        }
    }

    #[test]
    fn e30_a_token_of_another_providers_key_is_refused() {
        let other: Value = serde_json::from_str(JWKS).unwrap();
        let mut modulus = vec![0xfb; 256];
        modulus[255] = 0xff;
        let mut key = other["keys"][0].clone();
        key["n"] = URL_SAFE_NO_PAD.encode(modulus).into();
        let keys = json!({ "keys": [key] }).to_string();
        if let Some(token) = tokens().first() {
            assert_refused(&keys, None, token, VerifyError::Signature);
        }
    }

    #[test]
    fn e33_signatures_of_zeros_and_of_another_length_are_refused() {
        for token in tokens() {
            let (message, signature) = token.rsplit_once('.').unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let longer = [&bytes[..], &[0]].concat();
            let before = [&[0][..], &bytes].concat();
            for bad in [
                &vec![0; bytes.len()],
                &longer,
                &before,
                &vec![0],
                &vec![0xff; 1024],
            ] {
                let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(bad));
                assert_refused(JWKS, None, &token, VerifyError::Signature);
            }
        }
    }

    #[test]
    fn e34_pss_and_pkcs1_are_not_swapped() {
        for crypto in backends() {
            for (made, said) in [(RS256, "PS256"), (Algorithm::Ps256, "RS256")] {
                // The header is signed too: the wrong padding has to come under the right header.
                let right = token(&*crypto, "rsa", made, json!({}));
                let swapped = with_header(&right, json!({ "alg": said }));
                let (message, _) = swapped.rsplit_once('.').unwrap();
                let key = crate::values::signing_key::SigningKey::from_pem(RSA).unwrap();
                let signature = crypto.sign(made, &key, message.as_bytes()).unwrap();
                let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
                assert_refused(JWKS, None, &token, VerifyError::Signature);
            }
        }
    }

    #[test]
    fn e26_a_token_that_is_cut_anywhere_is_refused() {
        for token in tokens() {
            for end in 0..token.len() {
                let cut = refused(JWKS, None, &token[..end]);
                assert!(cut.is_some() || backends().is_empty(), "{end}");
            }
            for begin in 1..token.len() {
                let cut = refused(JWKS, None, &token[begin..]);
                assert!(cut.is_some() || backends().is_empty(), "{begin}");
            }
        }
    }

    #[test]
    fn a_changed_payload_is_refused() {
        for token in tokens() {
            let parts: Vec<&str> = token.split('.').collect();
            let payload = URL_SAFE_NO_PAD.encode(r#"{"sub":"eve"}"#);
            let token = [parts[0], &payload, parts[2]].join(".");
            assert_refused(JWKS, None, &token, VerifyError::Signature);
        }
    }

    #[test]
    fn the_form_is_checked_first() {
        let error = CompactError::Base64(Part::Signature);
        for token in tokens() {
            assert_refused(JWKS, None, &format!("{token}="), error.into());
        }
    }

    #[test]
    fn k01_a_payload_is_not_printed() {
        let signed = Signed::for_test(b"canary", RS256, Some("jwt"));
        assert_eq!(format!("{signed:?}"), "Signed(RS256, [redacted])");
    }

    #[test]
    fn k01_no_error_holds_anything_of_the_token() {
        for token in tokens() {
            let (message, _) = token.rsplit_once('.').unwrap();
            for bad in [
                message,
                &format!("{message}.AAAA"),
                &with_header(&token, json!({ "kid": "canary" })),
            ] {
                let error = refused(JWKS, None, bad);
                let text = error
                    .map(|error| format!("{error} {error:?}"))
                    .unwrap_or_default();
                assert!(!text.contains("canary") && !text.contains("eyJ"), "{text}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn e26_a_token_with_a_flipped_bit_is_refused(which in 0usize..3, at: prop::sample::Index, bit in 0u8..7) {
            if let Some(token) = tokens().get(which) {
                let mut bytes = token.clone().into_bytes();
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
                let changed = String::from_utf8(bytes).unwrap();
                prop_assert!(refused(JWKS, None, &changed).is_some());
            }
        }

        #[test]
        fn no_backend_panics(
            which in 0usize..13,
            x in prop::collection::vec(any::<u8>(), 32), y in prop::collection::vec(any::<u8>(), 32),
            signature in prop::collection::vec(any::<u8>(), 0..600), message: Vec<u8>,
        ) {
            use crate::values::public_key::{Curve, EcPublicKey, PublicKey, RsaPublicKey};
            let algorithm = Algorithm::ALL[which];
            let ed25519 = x.clone().try_into().unwrap();
            let mut modulus = x.repeat(8);
            modulus[0] |= 0x80;
            modulus[255] |= 1;
            let keys = [
                PublicKey::Ec(EcPublicKey::new(Curve::P256, &x, &y).unwrap()),
                PublicKey::Ed25519(ed25519),
                PublicKey::Rsa(RsaPublicKey::new(&modulus, &[3]).unwrap()),
            ];
            for crypto in backends() {
                for key in &keys {
                    prop_assert!(crypto.verify(algorithm, key, &message, &signature).is_err());
                }
                prop_assert!(crypto.verify_mac(algorithm, &secret(), &message, &signature).is_err());
            }
        }
    }
}
