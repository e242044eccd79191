//! Why a text is not a private key that can sign, and which command makes one of it.

use std::fmt;

/// Why a text is not a private key that can sign. It never holds any of the text.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// The text has no PEM block.
    #[error(
        "the private key is not PEM: it has to begin with `-----BEGIN PRIVATE KEY-----`, and its line breaks have to be real ones, not the two characters `\\n`"
    )]
    NotPem,
    /// The PEM text holds a public key or a certificate only.
    #[error("this is a public key or a certificate: the private key that belongs to it is needed")]
    Public,
    /// The private key is encrypted.
    #[error(
        "the private key is encrypted with a passphrase: decrypt it with `openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.p8`, and keep the result in a secret store"
    )]
    Encrypted,
    /// The key is neither PKCS#8 nor PKCS#1 nor SEC 1.
    #[error(
        "the private key cannot be read: convert it with `openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.p8`"
    )]
    Unreadable,
    /// The key is of a kind that is not used to sign.
    #[error(
        "the private key is neither RSA, nor P-256, nor Ed25519: make a new one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem`"
    )]
    Kind,
    /// The JWK cannot be read.
    #[error("the member {member:?} of the private JWK is missing or cannot be read")]
    Jwk {
        /// The member of the JWK.
        member: &'static str,
    },
    /// The text is not a JSON object.
    #[error("the private JWK is not a JSON object, or repeats a member")]
    NotAJwk,
}

/// Prints what `Display` prints, because `?` in `main` shows `Debug`.
impl fmt::Debug for SigningKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
