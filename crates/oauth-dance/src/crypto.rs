//! The keys of signatures.
//!
//! ```
//! use oauth_dance::crypto::SigningKey;
//!
//! # let pem = include_str!("../tests/keys/p256_pkcs8.pem");
//! let key = SigningKey::from_pem(pem)?;
//! assert_eq!(key.algorithm().name(), "ES256");
//! # Ok::<(), oauth_dance::crypto::SigningKeyError>(())
//! ```

pub use crate::values::algorithm::Algorithm;
pub use crate::values::mac_key::{MacKey, ShortSecret};
pub use crate::values::public_key::{Curve, EcPublicKey, PublicKey, PublicKeyError, RsaPublicKey};
pub use crate::values::signing_key::{KeyParts, SigningKey};
pub use crate::values::signing_key_error::SigningKeyError;
