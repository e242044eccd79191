//! Flash messages: a text shown once, on the next page.

use serde::{Deserialize, Serialize};

/// A text that is shown once, on the next page that asks for it.
///
/// The text is the application's own and is kept as it was given. The page has to escape it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Flash {
    category: String,
    text: String,
}

/// A message as it was stored. It is cut again when it is read.
#[derive(Deserialize)]
struct Stored {
    category: String,
    text: String,
}

impl From<Stored> for Flash {
    fn from(Stored { category, text }: Stored) -> Self {
        Self::new(category, text)
    }
}

impl Flash {
    /// The longest text, in characters. A longer text is cut. So is one that has no room in the browser's
    /// cookies, which have some 250 bytes for messages beside large sessions.
    pub const MAX_CHARS: usize = 300;

    pub(crate) fn new(category: impl Into<String>, text: impl Into<String>) -> Self {
        let mut category = category.into();
        let mut text = text.into();
        truncate(&mut category, 32);
        truncate(&mut text, Self::MAX_CHARS);
        Self { category, text }
    }

    /// Cuts a quarter of the text. Returns `false` if little is left of it.
    pub(crate) fn shorten(&mut self) -> bool {
        let chars = self.text.chars().count();
        truncate(&mut self.text, chars * 3 / 4);
        chars > 8
    }

    /// Returns the category: `message`, unless a receiver chose another.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn truncate(text: &mut String, max_chars: usize) {
    if let Some((at, _)) = text.char_indices().nth(max_chars) {
        text.truncate(at);
    }
}
