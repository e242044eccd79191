//! Why the browser has no page to show.

use std::borrow::Cow;
use std::fmt;

pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a [`Browser`](super::Browser) has no page to show. An answer with an error status is a page.
#[derive(Debug)]
pub struct BrowserError {
    what: Cow<'static, str>,
    source: Option<Source>,
}

impl BrowserError {
    pub(crate) fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn from_source(what: &'static str, source: impl Into<Source>) -> Self {
        Self {
            what: what.into(),
            source: Some(source.into()),
        }
    }
}

impl fmt::Display for BrowserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for BrowserError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
