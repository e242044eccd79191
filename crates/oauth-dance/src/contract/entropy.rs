//! Where the driver draws randomness. The steps of the dance draw none: the driver hands them bytes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::values::login_error::{Failed, LoginError};

/// A source of cryptographically secure random bytes.
///
/// Only tests that need repeatable values replace it.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// [`EntropyError`] if the source has failed. The dance then refuses to begin or finish a login.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The random source of the operating system failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntropyError;

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the random source of the operating system failed")
    }
}

impl std::error::Error for EntropyError {}

impl From<EntropyError> for Failed {
    fn from(error: EntropyError) -> Self {
        Self::because(LoginError::NoEntropy, error)
    }
}

/// The random source of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}

/// The randomness of one request. It is drawn from the source in one piece, since each draw is a system
/// call. Every byte is used once.
pub(crate) struct Draws<'s> {
    source: &'s dyn Entropy,
    drawn: Zeroizing<[u8; PIECE]>,
    left: usize,
}

/// What one request needs: a login draws a `state`, a verifier and up to two seals.
const PIECE: usize = 128;

impl<'s> Draws<'s> {
    /// Prepares the draws. The source is read at the first use.
    pub(crate) fn from(source: &'s dyn Entropy) -> Self {
        Self {
            source,
            drawn: Zeroizing::new([0; PIECE]),
            left: 0,
        }
    }

    /// Returns the next `N` bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], EntropyError> {
        const { assert!(N <= PIECE) }
        if self.left < N {
            self.left = 0;
            self.source.fill(&mut *self.drawn)?;
            self.left = PIECE;
        }
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.drawn[self.left - N..self.left]);
        self.left -= N;
        Ok(bytes)
    }

    /// Returns 256 bits as 43 characters of base64url, the form that `state`, `nonce`, PKCE verifiers
    /// (RFC 7636 §4.1) and browser identifiers share.
    pub(crate) fn text(&mut self) -> Result<String, EntropyError> {
        Ok(URL_SAFE_NO_PAD.encode(self.bytes::<32>()?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Fills each piece with one number, counted up.
    #[derive(Default)]
    struct Counted(AtomicU8);

    impl Entropy for Counted {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            let piece = self.0.fetch_add(1, Ordering::Relaxed);
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte = piece.wrapping_mul(128) + u8::try_from(index).unwrap();
            }
            Ok(())
        }
    }

    struct Failing;

    impl Entropy for Failing {
        fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError)
        }
    }

    #[test]
    fn no_byte_is_handed_out_twice() {
        let source = Counted::default();
        let mut draws = Draws::from(&source);
        let mut seen = HashSet::new();
        // Two pieces of 128 different bytes each; 28 does not divide 128.
        for _ in 0..8 {
            for byte in draws.bytes::<28>().unwrap() {
                assert!(seen.insert(byte), "{byte}");
            }
        }
    }

    #[test]
    fn a_piece_is_handed_out_to_its_last_byte() {
        let source = Counted::default();
        let mut draws = Draws::from(&source);
        for _ in 0..4 {
            draws.bytes::<32>().unwrap();
        }
        assert_eq!(source.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_failed_source_hands_out_nothing() {
        let mut draws = Draws::from(&Failing);
        assert_eq!(draws.bytes::<1>(), Err(EntropyError));
        assert_eq!(draws.bytes::<1>(), Err(EntropyError));
    }
}
