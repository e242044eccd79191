//! Newtypes for secrets: redacted in `Debug`, wiped on drop, read only by a call that a search finds.

use std::fmt;

use http::HeaderValue;
use zeroize::Zeroizing;

macro_rules! secret_type {
    ($(#[$doc:meta])* $visibility:vis $name:ident) => {
        $(#[$doc])*
        ///
        /// `Debug` prints the type's name only. There is no `Display`, no `Serialize` and no
        /// `PartialEq`, so that a secret is neither printed nor compared in variable time by accident.
        /// The memory is wiped when the value is dropped, as far as a program can promise it.
        #[derive(Clone)]
        $visibility struct $name(Zeroizing<String>);

        impl $name {
            /// Wraps a secret.
            #[must_use]
            $visibility fn new(secret: impl Into<String>) -> Self {
                Self(Zeroizing::new(secret.into()))
            }

            /// Returns the secret in plain text. Do not log or store it.
            #[must_use]
            $visibility fn secret(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

secret_type! {
    /// The secret that a provider gave the application when it was registered (RFC 6749 §2.3.1).
    pub ClientSecret
}
secret_type! {
    /// An access token (RFC 6749 §1.4).
    pub AccessToken
}
impl AccessToken {
    /// Returns the `Authorization` of a request with this token (RFC 6750 §2.1), kept out of `Debug`.
    pub(crate) fn bearer(&self) -> HeaderValue {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.secret()))
            .expect("the normaliser takes tokens of visible ASCII only");
        value.set_sensitive(true);
        value
    }
}

secret_type! {
    /// A refresh token (RFC 6749 §1.5).
    pub RefreshToken
}
secret_type! {
    /// A PKCE code verifier (RFC 7636 §4.1). It leaves the process in the token request only.
    pub(crate) CodeVerifier
}
secret_type! {
    /// An authorization code (RFC 6749 §1.3.1).
    pub(crate) AuthorizationCode
}

/// For [`Pending`](crate::values::pending::Pending), which is always sealed before it leaves the process.
pub(crate) mod verifier_as_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::CodeVerifier;

    pub(crate) fn serialize<S: Serializer>(
        verifier: &CodeVerifier,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(verifier.secret())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<CodeVerifier, D::Error> {
        String::deserialize(deserializer).map(CodeVerifier::new)
    }
}
