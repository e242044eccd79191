//! The application's key, and a ring of them for rotation.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A 256-bit key.
///
/// The dance seals what it gives to a browser or a store under keys derived from this one: pending
/// logins, sessions, flash messages and tokens.
///
/// ```
/// use oauth_dance::Key;
///
/// let key = Key::generate()?;
/// let kept_for_later = key.to_base64();           // put this into a secret store
/// let same = Key::from_base64(&kept_for_later)?;
/// # let _ = same;
/// # Ok::<(), oauth_dance::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Draws a new key from the operating system.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoEntropy`] if the random source fails.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(|_| KeyError::NoEntropy)?;
        Ok(Self(bytes))
    }

    /// Reads a key from 44 characters of base64 (standard or URL alphabet, padding optional), as printed
    /// by `openssl rand -base64 32`.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Hexadecimal`] if the text is 64 hexadecimal digits.
    /// - [`KeyError::NotBase64`] if the text is not base64.
    /// - [`KeyError::WrongLength`] if it does not hold exactly 32 bytes.
    /// - [`KeyError::Weak`] if all bytes are the same.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        // It is base64 too, of 48 bytes.
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(KeyError::Hexadecimal);
        }
        let decoded = [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
            .into_iter()
            .find_map(|engine| engine.decode(text).ok())
            .map(Zeroizing::new)
            .ok_or(KeyError::NotBase64)?;
        Self::from_bytes(&decoded)
    }

    /// Makes a key of exactly 32 bytes.
    ///
    /// # Errors
    ///
    /// - [`KeyError::WrongLength`] if there are more or fewer bytes.
    /// - [`KeyError::Weak`] if all bytes are the same.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let array: [u8; 32] = bytes
            .try_into()
            .map_err(|_| KeyError::WrongLength { bytes: bytes.len() })?;
        if array.iter().all(|byte| *byte == array[0]) {
            return Err(KeyError::Weak);
        }
        Ok(Self(Zeroizing::new(array)))
    }

    /// Reads a base64 key from the environment variable called `variable`.
    ///
    /// # Errors
    ///
    /// Each names the variable.
    ///
    /// - [`KeyError::Environment`] if the variable is unset or empty. It says how to make a key.
    /// - [`KeyError::InEnvironment`] with the error of [`from_base64`](Self::from_base64) if the text is not a key.
    pub fn from_env(variable: &str) -> Result<Self, KeyError> {
        let value = std::env::var(variable)
            .map(Zeroizing::new)
            .ok()
            .filter(|value| !value.trim().is_empty())
            .ok_or_else(|| KeyError::Environment {
                variable: variable.to_owned(),
            })?;
        Self::from_base64(&value).map_err(|error| KeyError::InEnvironment {
            variable: variable.to_owned(),
            error: Box::new(error),
        })
    }

    /// Returns the key as base64. Do not log it; keep it in a secret store.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(*self.0)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns four bytes that tell keys apart in an envelope. They reveal nothing about the key.
    pub(crate) fn id(&self) -> [u8; 4] {
        let mut digest = Sha256::new();
        digest.update(b"oauth-dance key id");
        digest.update(*self.0);
        let digest = digest.finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

/// A key that seals, and older keys that only open.
///
/// To rotate, put the new key first and keep the old one after it. Drop the old key when everything that
/// it sealed has expired. What a dropped key sealed reads as absent: the user has to sign in again.
///
/// ```
/// # use oauth_dance::{Key, KeyRing};
/// # let (new_key, old_key) = (Key::generate()?, Key::generate()?);
/// let keys = KeyRing::new(new_key).with_older(old_key);
/// # let _ = keys;
/// # Ok::<(), oauth_dance::KeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeyRing {
    keys: Vec<Key>,
}

impl KeyRing {
    /// Makes a ring of one key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { keys: vec![key] }
    }

    /// Adds an older key, which opens what it once sealed and seals nothing new.
    #[must_use]
    pub fn with_older(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Returns the keys. The first one seals.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }
}

impl From<Key> for KeyRing {
    fn from(key: Key) -> Self {
        Self::new(key)
    }
}

/// Why a key cannot be used.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The environment variable is unset or empty.
    #[error(
        "the environment variable {variable} holds no key: set it to 32 random bytes in base64, for example the output of `openssl rand -base64 32`"
    )]
    Environment {
        /// The variable's name.
        variable: String,
    },
    /// The environment variable holds a text that is not a key.
    #[error("the environment variable {variable}: {error}")]
    InEnvironment {
        /// The variable's name.
        variable: String,
        /// What is wrong with the text.
        error: Box<KeyError>,
    },
    /// The text is 64 hexadecimal digits.
    #[error(
        "the key looks hexadecimal: decode it and use `Key::from_bytes`, or use the output of `openssl rand -base64 32`"
    )]
    Hexadecimal,
    /// The text is not base64.
    #[error("the key is not base64: use 32 random bytes, for example `openssl rand -base64 32`")]
    NotBase64,
    /// The key is too long or too short.
    #[error(
        "the key has {bytes} bytes and needs exactly 32: use the output of `openssl rand -base64 32`"
    )]
    WrongLength {
        /// The number of bytes that there were.
        bytes: usize,
    },
    /// All bytes are the same, so the key was not drawn at random.
    #[error("the key is one byte repeated: use 32 random bytes")]
    Weak,
    /// The operating system's random source failed.
    #[error("the random source of the operating system failed: no key was drawn")]
    NoEntropy,
}

/// Prints what `Display` prints, because `?` in `main` shows `Debug`.
impl fmt::Debug for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
