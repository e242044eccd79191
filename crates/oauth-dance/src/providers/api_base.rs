//! The API base that a token answer names.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

/// The member of a token answer that names the API base, and the hosts that are allowed there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiBaseMember {
    pub(crate) member: String,
    pub(crate) host_suffixes: Vec<String>,
}

impl ApiBaseMember {
    /// Returns the API base that a token answer names, if it is allowed.
    pub(crate) fn read(&self, answer: &Map<String, Value>) -> Option<Url> {
        let text = answer.get(&self.member)?.as_str()?;
        let mut url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let is_allowed = self.host_suffixes.iter().any(|suffix| {
            let rest = host.strip_suffix(suffix.as_str());
            !suffix.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        let is_plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() != "https" || !is_plain || !is_allowed {
            return None;
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Some(url)
    }
}
