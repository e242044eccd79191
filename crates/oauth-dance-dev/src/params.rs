//! Request parameters as OAuth reads them: form-encoded, none repeated, empty means absent.

use std::fmt;

/// How many parameters a request may have before it is refused.
const MAX_PARAMS: usize = 100;

/// The decoded parameters of a query or a form, in order.
#[derive(Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

/// A parameter that must not be repeated was repeated (RFC 6749 §3.1, §3.2).
#[derive(Debug)]
pub(crate) struct Repeated(pub(crate) &'static str);

impl Params {
    /// Whether a request has more parameters than are read.
    pub(crate) fn too_many(encoded: &[u8]) -> bool {
        encoded.iter().filter(|byte| **byte == b'&').count() >= MAX_PARAMS
    }

    /// Decodes `application/x-www-form-urlencoded` text; what follows the hundredth parameter is dropped.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(
            form_urlencoded::parse(encoded)
                .take(MAX_PARAMS)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The value of a parameter that may appear once. A parameter without a value counts as omitted
    /// (RFC 6749 §3.1).
    pub(crate) fn one(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Repeated(name));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// Adds parameters from another place.
    pub(crate) fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// The pairs, in order.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// Every value of a parameter.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The words of a space-delimited `scope` parameter, each once, in order (RFC 6749 §3.3).
pub(crate) fn scopes(value: Option<&str>) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in value.unwrap_or_default().split(' ') {
        if !scope.is_empty() && !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}
