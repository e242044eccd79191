//! A set of scopes that remembers its order.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of scopes (RFC 6749 §3.3). It keeps the order in which they were added.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Splits `text` at any of `separators` and at white space.
    #[must_use]
    pub fn split(text: &str, separators: &[char]) -> Self {
        text.split(|c: char| c.is_whitespace() || separators.contains(&c))
            .filter(|scope| !scope.is_empty())
            .collect()
    }

    /// Returns whether `scope` is in the set. Scopes are case-sensitive.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|candidate| candidate == scope)
    }

    /// Returns the scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns the number of scopes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all scopes in order, with `separator` between them.
    #[must_use]
    pub fn join(&self, separator: &str) -> String {
        self.0.join(separator)
    }
}

/// Compares as sets: the order does not count.
impl PartialEq for Scopes {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|scope| other.contains(scope))
    }
}

impl Eq for Scopes {}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut set = Self::default();
        set.extend(scopes);
        set
    }
}

impl<S: Into<String>> Extend<S> for Scopes {
    fn extend<I: IntoIterator<Item = S>>(&mut self, scopes: I) {
        // One look-up a scope: the text may come from a provider, and hold any number of them.
        let mut known: HashSet<String> = self.0.iter().cloned().collect();
        for scope in scopes {
            let scope = scope.into();
            if !known.contains(&scope) {
                known.insert(scope.clone());
                self.0.push(scope);
            }
        }
    }
}

impl From<Vec<String>> for Scopes {
    fn from(scopes: Vec<String>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<String> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.join(" "))
    }
}
