//! The public keys of one provider (RFC 7517 §5), and which of them verifies a token.

use serde_json::Value;

use crate::steps::jose::header::Header;
use crate::steps::jose::jwk::{Ignored, Jwk};
use crate::values::algorithm::Algorithm;
use crate::values::json::{self, JsonError};
use crate::values::public_key::PublicKey;

/// The longest key set that is read, in bytes. The longest in use, with certificates, have about 50 KiB.
pub(crate) const MAX_SET_BYTES: usize = 512 * 1024;

/// The most keys of a set.
pub(crate) const MAX_KEYS: usize = 128;

/// The keys of one provider that verify signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeySet {
    keys: Vec<Jwk>,
    ignored: Vec<(usize, Ignored)>,
}

/// Why a text is not a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("the provider's key set has {bytes} bytes: at most {MAX_SET_BYTES} are read")]
    TooLong { bytes: usize },
    #[error("the provider's key set {0}")]
    Json(JsonError),
    #[error("the provider's key set has no list `keys`")]
    NoList,
    #[error("the provider's key set has {keys} keys: at most {MAX_KEYS} are read")]
    TooMany { keys: usize },
}

/// Why no key verifies a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoKey {
    #[error("none of the provider's keys has the token's `kid`")]
    UnknownKid,
    #[error("the provider's key with the token's `kid` is not for {algorithm}")]
    OtherAlgorithm { algorithm: Algorithm },
    #[error("several of the provider's keys for {algorithm} have the token's `kid`")]
    RepeatedKid { algorithm: Algorithm },
    #[error("the token names no key by `kid`, and the provider has none for {algorithm}")]
    NoneFits { algorithm: Algorithm },
    #[error("the token names no key by `kid`, and the provider has several for {algorithm}")]
    SeveralFit { algorithm: Algorithm },
}

impl NoKey {
    /// Returns whether a newer key set may hold the key.
    pub(crate) fn may_be_newer(self) -> bool {
        match self {
            Self::UnknownKid | Self::OtherAlgorithm { .. } | Self::NoneFits { .. } => true,
            Self::RepeatedKid { .. } | Self::SeveralFit { .. } => false,
        }
    }
}

impl KeySet {
    /// Reads a key set. Keys that cannot verify a token are left out.
    ///
    /// # Errors
    ///
    /// [`KeySetError`] if the text is not a key set, or is too large.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        if text.len() > MAX_SET_BYTES {
            return Err(KeySetError::TooLong { bytes: text.len() });
        }
        let members = json::object(text).map_err(KeySetError::Json)?;
        let list = members.get("keys").and_then(Value::as_array);
        let list = list.ok_or(KeySetError::NoList)?;
        if list.len() > MAX_KEYS {
            return Err(KeySetError::TooMany { keys: list.len() });
        }
        let mut set = Self::default();
        for (index, value) in list.iter().enumerate() {
            match Jwk::parse(value) {
                // Some providers list a key twice.
                Ok(jwk) if set.keys.contains(&jwk) => {}
                Ok(jwk) => set.keys.push(jwk),
                Err(why) => set.ignored.push((index, why)),
            }
        }
        Ok(set)
    }

    /// Returns the keys that were left out, each by its place in the list and with the reason.
    pub(crate) fn ignored(&self) -> &[(usize, Ignored)] {
        &self.ignored
    }

    /// Returns whether the provider has published the private part of a key.
    pub(crate) fn has_leaked_key(&self) -> bool {
        self.keys.iter().any(|jwk| jwk.is_leaked)
    }

    /// Returns the one key that may verify a token with this header. No key is tried out.
    ///
    /// # Errors
    ///
    /// [`NoKey`] if no key may, or more than one.
    pub(crate) fn key_for(&self, header: &Header) -> Result<&PublicKey, NoKey> {
        let algorithm = header.algorithm;
        let mut fitting = self
            .keys
            .iter()
            .filter(|jwk| jwk.is_for(algorithm) && (header.kid.is_none() || jwk.kid == header.kid));
        let found = fitting.next();
        let is_only = fitting.next().is_none();
        match (found, &header.kid) {
            (Some(jwk), _) if is_only => Ok(&jwk.key),
            (Some(_), Some(_)) => Err(NoKey::RepeatedKid { algorithm }),
            (Some(_), None) => Err(NoKey::SeveralFit { algorithm }),
            (None, Some(_)) if self.keys.iter().any(|jwk| jwk.kid == header.kid) => {
                Err(NoKey::OtherAlgorithm { algorithm })
            }
            (None, Some(_)) => Err(NoKey::UnknownKid),
            (None, None) => Err(NoKey::NoneFits { algorithm }),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn rsa(kid: &str, first: u8) -> Value {
        let mut modulus = vec![0xff; 256];
        modulus[0] = first;
        json!({ "kty": "RSA", "kid": kid, "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" })
    }

    fn ec(kid: &str) -> Value {
        let coordinate = URL_SAFE_NO_PAD.encode([1; 32]);
        json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": coordinate, "y": coordinate })
    }

    fn without_kid(mut key: Value) -> Value {
        key.as_object_mut().unwrap().remove("kid");
        key
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn header(algorithm: Algorithm, kid: Option<&str>) -> Header {
        Header {
            algorithm,
            kid: kid.map(str::to_owned),
            typ: None,
        }
    }

    const RS256: Algorithm = Algorithm::Rs256;

    #[test]
    fn a_key_is_found_by_its_identifier() {
        let set = set(&[rsa("a", 0x80), rsa("b", 0x81), without_kid(rsa("", 0x82))]);
        let key = set.key_for(&header(RS256, Some("b"))).unwrap();
        assert!(matches!(key, PublicKey::Rsa(key) if key.modulus()[0] == 0x81));
        for kid in ["c", "", "A"] {
            let missing = set.key_for(&header(RS256, Some(kid)));
            assert_eq!(missing, Err(NoKey::UnknownKid), "{kid}");
        }
    }

    #[test]
    fn e06_without_an_identifier_the_only_key_for_the_algorithm_is_taken() {
        let set = set(&[rsa("a", 0x80), ec("b")]);
        for algorithm in [RS256, Algorithm::Es256] {
            assert!(
                set.key_for(&header(algorithm, None))
                    .unwrap()
                    .fits(algorithm)
            );
        }
        let algorithm = Algorithm::EdDsa;
        let none = set.key_for(&header(algorithm, None));
        assert_eq!(none, Err(NoKey::NoneFits { algorithm }));
    }

    #[test]
    fn e07_without_an_identifier_two_candidates_are_refused() {
        let set = set(&[rsa("a", 0x80), rsa("b", 0x81)]);
        let several = set.key_for(&header(RS256, None));
        assert_eq!(several, Err(NoKey::SeveralFit { algorithm: RS256 }));
    }

    #[test]
    fn e08_of_two_keys_with_one_identifier_the_algorithm_picks_or_none_is_taken() {
        let two_kinds = set(&[rsa("a", 0x80), ec("a")]);
        for algorithm in [RS256, Algorithm::Es256] {
            let key = two_kinds.key_for(&header(algorithm, Some("a"))).unwrap();
            assert!(key.fits(algorithm));
        }
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let refused = two_kinds.key_for(&header(algorithm, Some("a")));
            assert_eq!(refused, Err(NoKey::OtherAlgorithm { algorithm }));
        }
        let one_kind = set(&[rsa("a", 0x80), rsa("a", 0x81)]);
        let repeated = one_kind.key_for(&header(RS256, Some("a")));
        assert_eq!(repeated, Err(NoKey::RepeatedKid { algorithm: RS256 }));
    }

    #[test]
    fn a_key_that_is_listed_twice_is_one_key() {
        let set = set(&[rsa("a", 0x80), rsa("a", 0x80)]);
        assert!(set.key_for(&header(RS256, Some("a"))).is_ok());
    }

    #[test]
    fn e13_what_is_left_out_is_told_by_its_place() {
        let secret = json!({ "kty": "oct", "kid": "a", "k": "AAAA" });
        let set = set(&[rsa("a", 0x80), secret]);
        assert_eq!(set.ignored(), [(1, Ignored::Secret)]);
        assert!(!set.has_leaked_key());
        assert!(set.key_for(&header(RS256, Some("a"))).is_ok());
        let hmac = set.key_for(&header(Algorithm::Hs256, Some("a")));
        let algorithm = Algorithm::Hs256;
        assert_eq!(hmac, Err(NoKey::OtherAlgorithm { algorithm }));
    }

    #[test]
    fn e13_a_published_private_key_is_told() {
        let mut leaked = rsa("a", 0x80);
        leaked["d"] = "AAAA".into();
        assert!(set(&[ec("b"), leaked]).has_leaked_key());
    }

    #[test]
    fn e12_a_set_is_bounded() {
        let long = vec![b' '; MAX_SET_BYTES + 1];
        let bytes = long.len();
        assert_eq!(KeySet::parse(&long), Err(KeySetError::TooLong { bytes }));
        let mut padded = br#"{"keys":[]}"#.to_vec();
        padded.resize(MAX_SET_BYTES, b' ');
        assert_eq!(KeySet::parse(&padded), Ok(KeySet::default()));

        let keys = |count: usize| format!("{{\"keys\":[{}]}}", vec!["{}"; count].join(","));
        let most = KeySet::parse(keys(MAX_KEYS).as_bytes()).unwrap();
        assert_eq!(most.ignored().len(), MAX_KEYS);
        let more = KeySet::parse(keys(MAX_KEYS + 1).as_bytes());
        let expected = KeySetError::TooMany { keys: MAX_KEYS + 1 };
        assert_eq!(more, Err(expected));
        let many_more = KeySet::parse(keys(10_000).as_bytes());
        assert_eq!(many_more, Err(KeySetError::Json(JsonError::TooMany)));
    }

    #[test]
    fn e28_a_set_is_an_object_with_a_list() {
        for text in [
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":null}"#,
            r#"{"keys":"a"}"#,
        ] {
            assert_eq!(
                KeySet::parse(text.as_bytes()),
                Err(KeySetError::NoList),
                "{text}"
            );
        }
        for (text, why) in [
            ("[]", JsonError::NotAnObject),
            ("<html>", JsonError::NotAnObject),
            (r#"{"keys":[],"keys":[]}"#, JsonError::Repeated),
            (
                r#"{"keys":[{"kty":"RSA","kty":"oct"}]}"#,
                JsonError::Repeated,
            ),
        ] {
            let read = KeySet::parse(text.as_bytes());
            assert_eq!(read, Err(KeySetError::Json(why)), "{text}");
        }
    }

    #[test]
    fn a_newer_set_may_hold_a_key_that_is_missing_and_no_set_makes_two_keys_one() {
        let algorithm = RS256;
        for newer in [
            NoKey::UnknownKid,
            NoKey::OtherAlgorithm { algorithm },
            NoKey::NoneFits { algorithm },
        ] {
            assert!(newer.may_be_newer(), "{newer}");
        }
        for ambiguous in [
            NoKey::RepeatedKid { algorithm },
            NoKey::SeveralFit { algorithm },
        ] {
            assert!(!ambiguous.may_be_newer(), "{ambiguous}");
        }
    }
}
