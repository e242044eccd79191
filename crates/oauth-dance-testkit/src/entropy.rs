//! Randomness a test can repeat, and take away.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use oauth_dance::{Entropy, EntropyError};
use sha2::{Digest as _, Sha256};

/// An [`Entropy`] that gives the same bytes to everybody who starts from the same seed, and never the
/// same bytes twice. Clones share one stream. **Not random**: for tests only.
///
/// ```
/// use oauth_dance::Entropy;
/// use oauth_dance_testkit::SeededEntropy;
///
/// # fn main() -> Result<(), oauth_dance::EntropyError> {
/// let (one, same) = (SeededEntropy::new(7), SeededEntropy::new(7));
/// let (mut left, mut right) = ([0; 40], [0; 40]);
/// one.fill(&mut left)?;
/// same.fill(&mut right)?;
/// assert_eq!(left, right);
/// one.fill(&mut left)?;
/// assert_ne!(left, right);
///
/// one.fail(true);
/// assert!(one.fill(&mut left).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SeededEntropy {
    shared: Arc<Stream>,
}

struct Stream {
    seed: u64,
    /// How many blocks were given away.
    given: AtomicU64,
    fails: AtomicBool,
}

impl SeededEntropy {
    /// Returns the stream of this seed, from its start.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            shared: Arc::new(Stream {
                seed,
                given: AtomicU64::new(0),
                fails: AtomicBool::new(false),
            }),
        }
    }

    /// Fails from now on, or works again.
    pub fn fail(&self, fails: bool) {
        self.shared.fails.store(fails, Ordering::SeqCst);
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        if self.shared.fails.load(Ordering::SeqCst) {
            return Err(EntropyError);
        }
        for piece in bytes.chunks_mut(32) {
            let block = self.shared.given.fetch_add(1, Ordering::SeqCst);
            let digest = Sha256::new()
                .chain_update(self.shared.seed.to_le_bytes())
                .chain_update(block.to_le_bytes())
                .finalize();
            piece.copy_from_slice(&digest[..piece.len()]);
        }
        Ok(())
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededEntropy")
            .field("seed", &self.shared.seed)
            .finish_non_exhaustive()
    }
}
