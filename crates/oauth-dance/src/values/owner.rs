//! The owner of a token: a user of the application, or one browser.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The owner of a token.
///
/// By default a token belongs to the browser that signed in. A receiver of
/// [`OAUTH_AUTHORIZED`](crate::OAUTH_AUTHORIZED) that knows the user calls
/// [`store_for`](crate::Authorized::store_for).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// One browser, by the random identifier that its session cookie carries.
    Browser(String),
    /// A user of the application, by the application's own identifier.
    User(String),
}

impl Owner {
    /// The longest identifier of an owner, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// Returns the owner for a user of the application. `id` is the application's own key of the user.
    #[must_use]
    pub fn user(id: impl fmt::Display) -> Self {
        Self::User(id.to_string())
    }

    /// Returns the identifier without its kind.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Browser(id) | Self::User(id) => id,
        }
    }

    /// Returns the kind of owner as one word, `browser` or `user`, for a column of a store.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Browser(_) => "browser",
            Self::User(_) => "user",
        }
    }

    /// Returns whether a store may keep the identifier: it is not overlong and not blank. All users whose
    /// identifier got lost would share the blank one.
    pub(crate) fn is_storable(&self) -> bool {
        self.id().len() <= Self::MAX_BYTES && !is_blank(self.id())
    }

    /// Returns whether this is a user of the application.
    #[must_use]
    pub fn is_user(&self) -> bool {
        matches!(self, Self::User(_))
    }
}

/// Returns whether a text shows nothing: all whose identifier got lost on the way would share it.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|character| character.is_whitespace() || character.is_control())
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.id())
    }
}
