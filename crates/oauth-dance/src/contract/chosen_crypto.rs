//! Which backend of signatures a dance takes, by the features that are on and the builder's word.

use std::sync::Arc;

use crate::contract::crypto::Crypto;
use crate::values::config_error::ConfigError;

/// Returns the backend that the builder names, or else that of the features: ring before aws-lc-rs.
///
/// # Errors
///
/// [`ConfigError::Missing`] if the builder names none and no feature is on. `dance` needs signatures.
pub(crate) fn chosen(
    dance: &str,
    named: Option<Arc<dyn Crypto>>,
) -> Result<Arc<dyn Crypto>, ConfigError> {
    named.or_else(of_features).ok_or_else(|| {
        ConfigError::missing(
            dance,
            "a backend of signatures",
            "switch on the feature `ring` or `aws-lc-rs` of `oauth-dance`, or hand one over with `.crypto(…)`",
        )
    })
}

fn of_features() -> Option<Arc<dyn Crypto>> {
    #[cfg(feature = "ring")]
    return Some(Arc::new(super::ring_crypto::Ring));
    #[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
    return Some(Arc::new(super::aws_lc_crypto::AwsLcRs));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::crypto::{BadSignature, CannotSign};
    use crate::values::algorithm::Algorithm;
    use crate::values::mac_key::MacKey;
    use crate::values::public_key::PublicKey;
    use crate::values::signing_key::SigningKey;

    /// A backend of an application's own, which has nothing.
    #[derive(Debug)]
    struct Own;

    impl Crypto for Own {
        fn name(&self) -> &'static str {
            "own"
        }
        fn has(&self, _: Algorithm) -> bool {
            false
        }
        fn verify(
            &self,
            _: Algorithm,
            _: &PublicKey,
            _: &[u8],
            _: &[u8],
        ) -> Result<(), BadSignature> {
            Err(BadSignature)
        }
        fn verify_mac(
            &self,
            _: Algorithm,
            _: &MacKey,
            _: &[u8],
            _: &[u8],
        ) -> Result<(), BadSignature> {
            Err(BadSignature)
        }
        fn sign(&self, _: Algorithm, _: &SigningKey, _: &[u8]) -> Result<Vec<u8>, CannotSign> {
            Err(CannotSign::Failed { backend: "own" })
        }
    }

    #[test]
    fn l07_the_features_choose_a_backend_and_none_is_an_error_of_the_configuration() {
        let chosen = chosen("acme", None);
        match (cfg!(feature = "ring"), cfg!(feature = "aws-lc-rs")) {
            (true, _) => assert_eq!(chosen.unwrap().name(), "ring"),
            (false, true) => assert_eq!(chosen.unwrap().name(), "aws-lc-rs"),
            (false, false) => {
                let text = chosen.unwrap_err().to_string();
                assert!(
                    text.contains("\"acme\" lacks a backend of signatures"),
                    "{text}"
                );
                assert!(text.contains("feature `ring` or `aws-lc-rs`"), "{text}");
            }
        }
    }

    #[test]
    fn l07_the_builder_has_the_last_word_with_any_features() {
        assert_eq!(chosen("acme", Some(Arc::new(Own))).unwrap().name(), "own");
    }
}
