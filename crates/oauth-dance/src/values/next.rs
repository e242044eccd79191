//! The path to return to after a login: parsed, same-origin by type, never an open redirect.

use std::fmt;

use once_cell::sync::Lazy;
use serde::{Deserialize, Serialize};
use url::Url;

/// A path, with an optional query, on the application's own origin.
///
/// A `Next` is made by parsing only. Parsing refuses every text that a browser, or a proxy that decodes
/// once more, could take for another host. It holds the normalised form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Next(String);

impl Next {
    /// The longest `next`, in bytes, before and after it is normalised: it may wait in a cookie.
    pub const MAX_BYTES: usize = 1024;

    /// Parses the `next` of a request. Returns `None` if the text is not plainly a path of `origin`.
    ///
    /// Refused are other origins in every spelling (`//host`, `/\host`, `https:host`), paths that become
    /// `//host` once dot segments are resolved, backslashes and control characters, plain or
    /// percent-encoded, and encoded slashes (attack cases C01–C06).
    pub(crate) fn parse(text: &str, origin: &Url) -> Option<Self> {
        let plain = text.len() <= Self::MAX_BYTES
            && text.starts_with('/')
            && !text
                .chars()
                .any(|c| c == '\\' || c.is_control() || c.is_whitespace() || is_bidi_control(c));
        let raw_path = text.split(['?', '#']).next().unwrap_or_default();
        if !plain || !valid_percent_encoding(text) || hides_delimiter(raw_path) {
            return None;
        }

        let url = origin.join(text).ok()?;
        let ours = url.origin() == origin.origin()
            && url.username().is_empty()
            && url.password().is_none();
        if !ours || url.path().starts_with("//") {
            return None;
        }
        let query = url.query().map(|query| format!("?{query}"));
        // Normalised, a character outside ASCII is three times as long.
        Some(format!("{}{}", url.path(), query.unwrap_or_default()))
            .filter(|path| path.len() <= Self::MAX_BYTES)
            .map(Self)
    }

    /// Returns the path and query, in ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path without the query.
    pub(crate) fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }

    /// Returns the absolute URL on `origin`.
    pub(crate) fn on(&self, origin: &Url) -> Url {
        // Not `join`: the path is put into the origin, so it cannot name another host.
        let mut url = origin.clone();
        let (path, query) = match self.0.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.0.as_str(), None),
        };
        url.set_path(path);
        url.set_query(query);
        url
    }
}

/// A text that is not a path of the application's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPath;

impl fmt::Display for NotAPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not a path of the application's own origin")
    }
}

impl std::error::Error for NotAPath {}

/// Parses the text again, so that no stored text gets around it. The origin does not matter for a path.
impl TryFrom<String> for Next {
    type Error = NotAPath;

    fn try_from(text: String) -> Result<Self, NotAPath> {
        static ORIGIN: Lazy<Url> =
            Lazy::new(|| Url::parse("https://app.invalid").expect("a constant URL"));
        Self::parse(&text, &ORIGIN)
            .filter(|next| next.0 == text)
            .ok_or(NotAPath)
    }
}

impl From<Next> for String {
    fn from(next: Next) -> Self {
        next.0
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters that reorder text, so that an address looks like another.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn valid_percent_encoding(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |at: usize| {
        bytes
            .get(at + 1..at + 3)
            .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    };
    let all_complete = bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| *byte != b'%' || digits(at));
    all_complete
        && percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .is_ok()
}

/// Returns whether one more decoding would reveal a slash, a backslash or a control character in the
/// path.
fn hides_delimiter(path: &str) -> bool {
    path.split('%').skip(1).any(|escape| {
        escape
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .is_none_or(|byte| byte == b'/' || byte == b'\\' || byte.is_ascii_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Url {
        Url::parse("https://app.example").unwrap()
    }

    fn parse(text: &str) -> Option<String> {
        Next::parse(text, &origin()).map(|next| next.0)
    }

    #[track_caller]
    fn refused(cases: &[&str]) {
        for case in cases {
            assert_eq!(parse(case), None, "{case:?}");
        }
    }

    #[test]
    fn paths_of_our_own_are_kept() {
        for path in ["/", "/welcome", "/a/b?c=d&e=%2Ff", "/a//b", "/caf%C3%A9"] {
            assert_eq!(parse(path).as_deref(), Some(path));
        }
    }

    #[test]
    fn c01_other_origins_and_schemes_are_refused() {
        refused(&[
            "//evil",
            "/\\evil",
            "\\/\\/evil",
            "///evil",
            "https:evil",
            "http:evil",
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "https://app@evil",
            "https://app.evil",
            "https://app.example/x",
            " /x",
            "\0/x",
            "evil",
            "",
        ]);
    }

    #[test]
    fn c02_dot_segments_that_uncover_a_host_are_refused() {
        refused(&[
            "/..//evil.com",
            "/.//evil.com",
            "/a/..//evil.com",
            "/%2e%2e//evil.com",
            "/a\\..\\..\\\\evil.com",
        ]);
    }

    #[test]
    fn c03_control_characters_are_refused() {
        refused(&[
            "/\t/evil",
            "/\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:a=b",
            "/a b",
        ]);
    }

    #[test]
    fn c04_delimiters_behind_one_more_decoding_are_refused() {
        refused(&[
            "/%2f%2fevil",
            "/%2F%2Fevil",
            "/%5cevil",
            "/%09/evil",
            "/a%00",
        ]);
    }

    #[test]
    fn c05_unicode_stays_on_our_origin_as_ascii() {
        assert_eq!(parse("/／evil").as_deref(), Some("/%EF%BC%8Fevil"));
        refused(&["/\u{2028}x", "/\u{202e}x"]);
    }

    #[test]
    fn c06_overlong_and_malformed_text_is_refused() {
        refused(&[
            &format!("/{}", "a".repeat(100 * 1024)),
            "/%",
            "/%f",
            "/%zz",
            "/%ff",
        ]);
    }

    #[test]
    fn c06_what_grows_overlong_when_it_is_normalised_is_refused() {
        let fits = "é".repeat((Next::MAX_BYTES - 1) / 6);
        assert!(parse(&format!("/{fits}")).is_some_and(|next| next.len() <= Next::MAX_BYTES));
        refused(&[&format!("/{fits}é"), &format!("/?{fits}é")]);
        refused(&[&format!("/{}", "a".repeat(Next::MAX_BYTES))]);
    }

    #[test]
    fn c10_the_location_is_ascii_and_absolute() {
        let next = Next::parse("/café?q=é", &origin()).unwrap();
        let location = next.on(&origin());
        assert_eq!(location.as_str(), "https://app.example/caf%C3%A9?q=%C3%A9");
    }

    #[test]
    fn c01_a_stored_text_is_parsed_again() {
        for text in ["//evil", "/\\evil", "https://evil.test/", "/a b", ""] {
            let stored = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<Next>(&stored).is_err(), "{text}");
        }
        let next: Next = serde_json::from_str("\"/a?b=c\"").unwrap();
        assert_eq!(next.as_str(), "/a?b=c");
        assert_eq!(serde_json::to_string(&next).unwrap(), "\"/a?b=c\"");
    }

    proptest::proptest! {
        #[test]
        fn c13_whatever_is_accepted_lands_on_our_origin(text in "[/\\\\.%a-z0-9:@?#\\t ]{0,24}") {
            if let Some(next) = Next::parse(&text, &origin()) {
                let location = next.on(&origin());
                proptest::prop_assert_eq!(location.origin(), origin().origin());
                // And as a relative reference, in case an application uses it as one.
                let joined = origin().join(next.as_str()).unwrap();
                proptest::prop_assert_eq!(joined.origin(), origin().origin());
            }
        }
    }
}
