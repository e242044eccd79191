//! What an event says of the request for a page that failed.

use http::{Method, Uri};

/// What the log says of the request for a page that failed: its method, and its route or its path. The query is left
/// out, because it may hold secrets.
///
/// The default knows nothing of the request.
#[derive(Debug, Clone, Copy, Default)]
// Without `tracing` there is no event that names them.
#[cfg_attr(not(feature = "tracing"), expect(dead_code))]
pub struct Asked<'a> {
    pub(crate) method: Option<&'a str>,
    pub(crate) route: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// The longest path that is logged, in bytes.
    const MAX_BYTES: usize = 256;

    /// Says that a page was asked for by `method` at the path of `uri`.
    #[must_use]
    pub fn new(method: &'a Method, uri: &'a Uri) -> Self {
        let path = uri.path();
        let mut end = path.len().min(Self::MAX_BYTES);
        while !path.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            method: Some(method.as_str()),
            route: Some(&path[..end]),
        }
    }

    /// Says which route of the framework's router has matched, such as `/users/{id}`. It takes the place of the
    /// path, which may name people.
    #[must_use]
    pub fn route(self, route: &'a str) -> Self {
        Self {
            route: Some(route),
            ..self
        }
    }
}
