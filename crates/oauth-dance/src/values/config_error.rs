//! What can be wrong with a configuration: reported once, by `build()`, under the setting's name.

use std::fmt;

use crate::values::key::KeyError;

/// A configuration that cannot work. The text names the setting and says what to do.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A setting is missing.
    #[error("the dance {dance:?} lacks {setting}: {hint}")]
    Missing {
        /// The name of the dance.
        dance: String,
        /// The setting.
        setting: &'static str,
        /// The call or the environment variable that supplies the setting.
        hint: String,
    },
    /// A setting of one dance cannot be used.
    #[error("the dance {dance:?}: {setting} {problem}")]
    Invalid {
        /// The name of the dance.
        dance: String,
        /// The setting.
        setting: &'static str,
        /// What is wrong with the setting. It never holds the value of a secret.
        problem: String,
    },
    /// A setting that all dances share cannot be used.
    #[error("{setting} {problem}")]
    Site {
        /// The setting.
        setting: &'static str,
        /// What is wrong with the setting.
        problem: String,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl ConfigError {
    pub(crate) fn missing(dance: &str, setting: &'static str, hint: impl Into<String>) -> Self {
        Self::Missing {
            dance: dance.to_owned(),
            setting,
            hint: hint.into(),
        }
    }

    pub(crate) fn invalid(dance: &str, setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            dance: dance.to_owned(),
            setting,
            problem: problem.into(),
        }
    }

    pub(crate) fn site(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Site {
            setting,
            problem: problem.into(),
        }
    }
}

/// Prints what `Display` prints, because `?` in `main` shows `Debug`.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
