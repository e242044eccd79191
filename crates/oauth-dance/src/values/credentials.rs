//! The application's registration with a provider.

use crate::values::config_error::ConfigError;
use crate::values::secret::ClientSecret;

/// A client identifier and, for confidential clients, its secret (RFC 6749 §2.2–2.3).
#[derive(Debug, Clone)]
pub struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<ClientSecret>,
}

impl Credentials {
    /// Makes the credentials of a confidential client, which has a secret.
    #[must_use]
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: Some(ClientSecret::new(client_secret)),
        }
    }

    /// Makes the credentials of a public client, which has no secret. Its provider has
    /// [`ClientAuth::None`](crate::ClientAuth::None).
    #[must_use]
    pub fn public(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: None,
        }
    }

    /// Reads `{NAME}_OAUTH_CLIENT_ID` and `{NAME}_OAUTH_CLIENT_SECRET`. `{NAME}` is the name of the dance
    /// in capitals, with `_` for `-`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Missing`] if a variable is unset or empty. It names the variable.
    pub fn from_env(name: &str) -> Result<Self, ConfigError> {
        Ok(Self::new(
            read(name, "the client id", "CLIENT_ID")?,
            read(name, "the client secret", "CLIENT_SECRET")?,
        ))
    }

    /// Reads `{NAME}_OAUTH_CLIENT_ID` of a public client, as [`from_env`](Self::from_env) does.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Missing`] if the variable is unset or empty. It names the variable.
    pub fn public_from_env(name: &str) -> Result<Self, ConfigError> {
        Ok(Self::public(read(name, "the client id", "CLIENT_ID")?))
    }
}

fn read(name: &str, setting: &'static str, suffix: &str) -> Result<String, ConfigError> {
    let prefix = name.to_ascii_uppercase().replace('-', "_");
    let variable = format!("{prefix}_OAUTH_{suffix}");
    std::env::var(&variable)
        .ok()
        .filter(|value| !value.trim().is_empty())
        .ok_or_else(|| {
            let hint = format!("set the environment variable {variable}");
            ConfigError::missing(name, setting, hint)
        })
}
