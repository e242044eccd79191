//! The algorithms that a provider's tokens may be signed with: those that it names, and that the backend has.

use crate::contract::crypto::Crypto;
use crate::values::algorithm::Algorithm;

/// The most names that are read.
const MAX_NAMES: usize = 64;

/// A set of algorithms. It is never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Algorithms(Vec<Algorithm>);

/// Why no algorithm is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAlgorithm {
    #[error(
        "the provider signs its tokens with {algorithm} only, which {backend} does not have: enable the feature `aws-lc-rs` of `oauth-dance`, and hand `AwsLcRs` over if `ring` is on too"
    )]
    Backend {
        algorithm: Algorithm,
        backend: &'static str,
    },
    #[error(
        "the provider signs its tokens with the client secret only (HS256, HS384 or HS512): configure a secret of at least 32 bytes"
    )]
    NeedsSecret,
    #[error("the provider names no algorithm for its tokens that is known")]
    Unknown,
}

impl Algorithms {
    /// Returns the algorithms among `names` that the backend has. `None` stands for metadata that names none: then
    /// the algorithm is RS256 (OpenID Connect Core §2, Registration §2).
    ///
    /// An algorithm of HMAC counts only if the client has a secret for it. `none` never counts.
    ///
    /// # Errors
    ///
    /// [`NoAlgorithm`] if none is left.
    pub(crate) fn offered(
        names: Option<&[String]>,
        crypto: &dyn Crypto,
        has_secret: bool,
    ) -> Result<Self, NoAlgorithm> {
        let known: Vec<Algorithm> = match names {
            Some(names) => {
                let names = names.iter().take(MAX_NAMES);
                names
                    .filter_map(|name| Algorithm::from_name(name))
                    .collect()
            }
            None => vec![Algorithm::Rs256],
        };
        let usable = known
            .iter()
            .copied()
            .filter(|algorithm| crypto.has(*algorithm) && (has_secret || !algorithm.is_mac()));
        let usable: Vec<Algorithm> = usable.collect();
        if !usable.is_empty() {
            return Ok(Self(usable));
        }
        let lacking = known.iter().find(|algorithm| !algorithm.is_mac());
        Err(match lacking {
            Some(algorithm) => NoAlgorithm::Backend {
                algorithm: *algorithm,
                backend: crypto.name(),
            },
            None if known.is_empty() => NoAlgorithm::Unknown,
            None => NoAlgorithm::NeedsSecret,
        })
    }

    pub(crate) fn contains(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }
}

#[cfg(all(test, feature = "ring"))]
mod tests {
    use super::*;
    use crate::contract::ring_crypto::Ring;

    fn offered(names: &[&str], has_secret: bool) -> Result<Vec<Algorithm>, NoAlgorithm> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Algorithms::offered(Some(&names), &Ring, has_secret).map(|algorithms| algorithms.0)
    }

    #[test]
    fn e01_what_is_known_of_the_offer_is_taken_and_none_is_not() {
        let taken = offered(&["none", "RS256", "ES256K", "EdDSA", "ES512"], false);
        assert_eq!(taken, Ok(vec![Algorithm::Rs256, Algorithm::EdDsa]));
        for names in [&[][..], &["none"], &["RS1", "rs256"]] {
            assert_eq!(offered(names, true), Err(NoAlgorithm::Unknown), "{names:?}");
        }
    }

    #[test]
    fn metadata_without_algorithms_means_rs256() {
        let algorithms = Algorithms::offered(None, &Ring, true).unwrap();
        assert_eq!(algorithms.0, [Algorithm::Rs256]);
    }

    #[test]
    fn e36_hmac_needs_a_secret() {
        let names = ["HS256", "RS256"];
        let both = Ok(vec![Algorithm::Hs256, Algorithm::Rs256]);
        assert_eq!(offered(&names, true), both);
        assert_eq!(offered(&names, false), Ok(vec![Algorithm::Rs256]));
        assert_eq!(offered(&names[..1], false), Err(NoAlgorithm::NeedsSecret));
    }

    #[test]
    fn a_provider_with_es512_only_needs_the_other_backend() {
        let refused = offered(&["ES512", "HS256"], false).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("ES512 only, which ring does not have")
        );
        assert!(refused.to_string().contains("feature `aws-lc-rs`"));
        assert!(offered(&["ES512", "HS256"], true).is_ok());
        let late: Vec<&str> = std::iter::repeat_n("x", MAX_NAMES)
            .chain(["RS256"])
            .collect();
        assert_eq!(offered(&late, true), Err(NoAlgorithm::Unknown));
    }

    #[cfg(feature = "aws-lc-rs")]
    #[test]
    fn es512_is_taken_with_the_other_backend() {
        let names = ["ES512".to_owned()];
        let crypto = crate::contract::aws_lc_crypto::AwsLcRs;
        let taken = Algorithms::offered(Some(&names), &crypto, false).unwrap();
        assert!(taken.contains(Algorithm::Es512));
    }
}
