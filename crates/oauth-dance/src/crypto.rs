//! Signatures: the backends, the keys, and what a backend of your own implements.
//!
//! A backend is a value. None is installed for the process, so two libraries of one program can use different
//! ones. Two come with this crate, each behind a Cargo feature:
//!
//! | features that are on | backend that is taken |
//! |---|---|
//! | `ring` (the default) | [`Ring`] |
//! | `aws-lc-rs` | [`AwsLcRs`] |
//! | both | [`Ring`], unless the application names another one |
//! | none of them | none, unless the application names one |
//!
//! ```
//! use oauth_dance::crypto::SigningKey;
//!
//! # let pem = include_str!("../tests/keys/p256_pkcs8.pem");
//! let key = SigningKey::from_pem(pem)?;
//! assert_eq!(key.algorithm().name(), "ES256");
//! # Ok::<(), oauth_dance::crypto::SigningKeyError>(())
//! ```

#[cfg(feature = "aws-lc-rs")]
pub use crate::contract::aws_lc_crypto::AwsLcRs;
pub use crate::contract::crypto::{BadSignature, CannotSign, Crypto};
#[cfg(feature = "ring")]
pub use crate::contract::ring_crypto::Ring;
pub use crate::values::algorithm::Algorithm;
pub use crate::values::mac_key::{MacKey, ShortSecret};
pub use crate::values::public_key::{Curve, EcPublicKey, PublicKey, PublicKeyError, RsaPublicKey};
pub use crate::values::signing_key::{KeyParts, SigningKey};
pub use crate::values::signing_key_error::SigningKeyError;
