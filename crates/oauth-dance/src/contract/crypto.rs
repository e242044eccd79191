//! What signs and verifies: a value that a dance is handed, and nothing that a process installs.

use std::fmt;

use crate::values::algorithm::Algorithm;
use crate::values::mac_key::MacKey;
use crate::values::public_key::PublicKey;
use crate::values::signing_key::SigningKey;

/// A backend of signatures.
///
/// `Ring` and `AwsLcRs` are two, behind the Cargo features of their names. Another one, such as a certified
/// module, implements this trait. No method may panic, for no input: keys and signatures come from outside.
pub trait Crypto: fmt::Debug + Send + Sync + 'static {
    /// Returns the name that error texts call the backend by.
    fn name(&self) -> &'static str;

    /// Returns whether the backend verifies signatures of this algorithm.
    fn has(&self, algorithm: Algorithm) -> bool;

    /// Verifies a signature in the form that JSON Web Signatures have (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1):
    /// two numbers of a fixed length for ECDSA, and never DER.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] if the signature is wrong, if the key is not of the algorithm's family or is not a key at
    /// all, or if the backend does not have the algorithm.
    fn verify(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature>;

    /// Verifies a tag of HMAC, in constant time.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] if the tag is wrong, if the key is too short for the algorithm, or if the backend does not
    /// have the algorithm.
    fn verify_mac(
        &self,
        algorithm: Algorithm,
        key: &MacKey,
        message: &[u8],
        tag: &[u8],
    ) -> Result<(), BadSignature>;

    /// Signs, in the form that [`verify`](Self::verify) takes.
    ///
    /// # Errors
    ///
    /// [`CannotSign`] says what is wrong with the key.
    fn sign(
        &self,
        algorithm: Algorithm,
        key: &SigningKey,
        message: &[u8],
    ) -> Result<Vec<u8>, CannotSign>;
}

/// A signature that does not fit its message and its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit the message and the key")]
pub struct BadSignature;

/// Why a key cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CannotSign {
    /// The backend does not sign with this algorithm, or not with a key of this family.
    #[error("{backend} cannot sign with {algorithm} and this kind of key")]
    Algorithm {
        /// The name of the backend.
        backend: &'static str,
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The key came without its public part, and the backend cannot compute it.
    #[error(
        "the P-256 key lacks its public part, which {backend} needs: add it with `openssl ec -in key.pem -out key-with-public-part.pem`, or use the feature `aws-lc-rs`"
    )]
    NoPublicPart {
        /// The name of the backend.
        backend: &'static str,
    },
    /// The backend does not take the key: its parts do not fit together, or it is too short or too long.
    #[error(
        "{backend} does not take this private key: its parts have to fit together, and RSA needs 2048 to 4096 bits; check it with `openssl pkey -check -noout -in key.pem`"
    )]
    Key {
        /// The name of the backend.
        backend: &'static str,
    },
    /// Signing itself failed, as it does without randomness.
    #[error("{backend} failed to sign")]
    Failed {
        /// The name of the backend.
        backend: &'static str,
    },
}
