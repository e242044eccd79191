//! The client secret as a key of HMAC: made of a secret only, and never of a public key.

use std::fmt;

use zeroize::Zeroizing;

use crate::values::algorithm::{Algorithm, Hash};
use crate::values::secret::ClientSecret;

/// The fewest bytes of a client secret that is a key (OpenID Connect Core §16.19, for HS256).
const MIN_BYTES: usize = 32;

/// A client secret that is long enough to be a key of HMAC.
///
/// `Debug` prints the type's name only. The memory is wiped when the value is dropped.
#[derive(Clone)]
pub struct MacKey(Zeroizing<Vec<u8>>);

impl MacKey {
    /// Makes a key of the bytes of a client secret (OpenID Connect Core §10.1).
    ///
    /// # Errors
    ///
    /// [`ShortSecret`] if the secret has fewer than 32 bytes.
    pub fn new(secret: &ClientSecret) -> Result<Self, ShortSecret> {
        let bytes = secret.secret().as_bytes();
        if bytes.len() < MIN_BYTES {
            return Err(ShortSecret {
                algorithm: Algorithm::Hs256,
                bytes: bytes.len(),
                needed: MIN_BYTES,
            });
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Makes a key of any bytes, for vectors whose keys are not texts.
    #[cfg(test)]
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Returns the bytes if they are as many as `algorithm` needs: 32, 48 or 64 (RFC 7518 §3.2).
    ///
    /// # Errors
    ///
    /// [`ShortSecret`] if there are fewer.
    pub fn bytes_for(&self, algorithm: Algorithm) -> Result<&[u8], ShortSecret> {
        let needed = match algorithm.hash() {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        };
        if self.0.len() < needed {
            return Err(ShortSecret {
                algorithm,
                bytes: self.0.len(),
                needed,
            });
        }
        Ok(&self.0)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey([redacted])")
    }
}

/// A client secret that is too short for HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the client secret has {bytes} bytes, and {algorithm} needs {needed}: ask the provider for a longer secret, or for ID tokens that are signed with RS256 or ES256"
)]
#[non_exhaustive]
pub struct ShortSecret {
    /// The algorithm that the secret is too short for.
    pub algorithm: Algorithm,
    /// The bytes that there are.
    pub bytes: usize,
    /// The bytes that the algorithm needs.
    pub needed: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bytes: usize) -> Result<MacKey, ShortSecret> {
        MacKey::new(&ClientSecret::new("s".repeat(bytes)))
    }

    #[test]
    fn e36_a_secret_of_fewer_than_32_bytes_is_refused_when_it_is_configured() {
        for bytes in [0, 16, 31] {
            let refused = key(bytes).unwrap_err();
            assert_eq!((refused.bytes, refused.needed), (bytes, 32));
        }
        assert!(key(32).is_ok());
    }

    #[test]
    fn e36_a_secret_is_as_long_as_the_hash() {
        for (algorithm, needed) in [
            (Algorithm::Hs256, 32),
            (Algorithm::Hs384, 48),
            (Algorithm::Hs512, 64),
        ] {
            let enough = key(needed).unwrap();
            assert_eq!(enough.bytes_for(algorithm).map(<[u8]>::len), Ok(needed));
            if needed > MIN_BYTES {
                let refused = key(needed - 1).unwrap().bytes_for(algorithm).unwrap_err();
                let expected = (algorithm, needed - 1, needed);
                let found = (refused.algorithm, refused.bytes, refused.needed);
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn k01_a_key_is_not_printed() {
        let printed = format!("{:?}", key(32).unwrap());
        assert_eq!(printed, "MacKey([redacted])");
    }
}
