//! Random secrets, and comparing them without telling how much of a guess was right.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What the ledger stores in place of a secret: its SHA-256.
pub(crate) type Fingerprint = [u8; 32];

/// 256 random bits as 43 URL-safe characters: a code, a token, a session id.
///
/// # Panics
///
/// If the operating system has no randomness to give; nothing sensible can follow.
pub(crate) fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key under which the ledger finds a secret.
pub(crate) fn fingerprint(secret: &str) -> Fingerprint {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two secrets are equal, in a time that depends on neither of them.
pub(crate) fn same_secret(left: &str, right: &str) -> bool {
    fingerprint(left).ct_eq(&fingerprint(right)).into()
}

/// The `S256` challenge of a verifier (RFC 7636 §4.2).
pub(crate) fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(fingerprint(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, other) = (random_token(), random_token());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }
}
