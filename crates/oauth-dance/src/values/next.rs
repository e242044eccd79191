//! The path to return to after a login: parsed, same-origin by type, never an open redirect.

use std::fmt;

use once_cell::sync::Lazy;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::{Position, Url};

/// The characters of a path that a `Location` cannot have as they are: a header is visible ASCII, and these are
/// not in URLs (RFC 3986 §2).
const NOT_IN_A_LOCATION: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// A page of the application's own origin: a path, with an optional query and fragment.
///
/// A `Next` is made of the `next` of a login, by these rules:
///
/// - It begins with `/`, or it is an absolute URL of the application's own origin, spelled as the origin is.
/// - It has at most [`MAX_BYTES`](Self::MAX_BYTES).
/// - It resolves to the application's origin, and so does what one more decoding of its path gives: a proxy may
///   decode it. `//host`, `/\host`, `/%2Fhost`, `/..//host` and control characters in the path are refused;
///   `/a%2Fb` is kept.
/// - Its path has no backslash, which browsers take for a slash. The query and the fragment may have one.
/// - It is not a page of the dances themselves.
///
/// What is kept is kept byte for byte. The browser is sent there with a `Location` that has the same bytes;
/// spaces and characters outside ASCII are percent-encoded. A `next` that is refused leaves an event of
/// `tracing`, and the login ends at [`redirect_to`](crate::DanceBuilder::redirect_to).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Next {
    given: String,
    /// The same for a `Location`, if it differs.
    encoded: Option<String>,
}

/// Why a text is not a `next`.
pub(crate) const TOO_LONG: &str = "it is longer than 1,500 bytes";
const FOREIGN: &str = "it is not plainly a page of the application's origin";

impl Next {
    /// The longest `next`, in bytes: it may wait in a cookie.
    pub const MAX_BYTES: usize = 1500;

    /// Parses the `next` of a request.
    pub(crate) fn parse(text: &str, origin: &Url) -> Result<Self, NotAPath> {
        if text.len() > Self::MAX_BYTES {
            return Err(NotAPath(TOO_LONG));
        }
        let given = match after_origin(text, origin) {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            Some(rest) if rest.is_empty() || rest.starts_with(['?', '#']) => format!("/{rest}"),
            _ => text.to_owned(),
        };
        let foreign = Err(NotAPath(FOREIGN));
        let path = path_of(&given);
        if !given.starts_with('/') || path.contains('\\') || given.chars().any(char::is_control) {
            return foreign;
        }
        let Some(url) = landing(&given, origin) else {
            return foreign;
        };
        // As it was given, and as a browser would make it.
        for path in [path, url.path()] {
            let decoded = percent_decode_str(path).decode_utf8_lossy();
            if decoded.chars().any(char::is_control) || landing(&decoded, origin).is_none() {
                return foreign;
            }
        }
        let encoded = utf8_percent_encode(&given, NOT_IN_A_LOCATION).to_string();
        Ok(Self {
            encoded: (encoded != given).then_some(encoded),
            given,
        })
    }

    /// Returns path, query and fragment, in ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.encoded.as_deref().unwrap_or(&self.given)
    }

    /// Returns the absolute URL on `origin`.
    pub(crate) fn on(&self, origin: &Url) -> Url {
        // Not `join`: the path is put after the origin, so it cannot name another host.
        let site = &origin[..Position::BeforePath];
        Url::parse(&format!("{site}{}", self.as_str())).expect("checked when it was parsed")
    }

    /// Returns the same as the text of a `Location`. It has a fragment, which may be empty: otherwise the browser
    /// would carry on that of the page it comes from (RFC 9110 §10.2.2).
    pub(crate) fn location(&self, origin: &Url) -> String {
        let site = &origin[..Position::BeforePath];
        let fragment = if self.given.contains('#') { "" } else { "#" };
        format!("{site}{}{fragment}", self.as_str())
    }
}

/// Returns what follows the origin in `text`, if `text` begins with it.
fn after_origin<'t>(text: &'t str, origin: &Url) -> Option<&'t str> {
    let site = &origin[..Position::BeforePath];
    let begins = text.get(..site.len())?.eq_ignore_ascii_case(site);
    begins.then(|| &text[site.len()..])
}

fn path_of(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// Returns where a browser on `origin` would land, if that is on `origin` in every reading.
fn landing(text: &str, origin: &Url) -> Option<Url> {
    let url = origin.join(text).ok()?;
    let ours = url.origin() == origin.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && !url.path().starts_with("//");
    ours.then_some(url)
}

/// A text that is not a page of the application's own, by the rules of [`Next`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPath(pub(crate) &'static str);

impl fmt::Display for NotAPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a page of the application's own: {}", self.0)
    }
}

impl std::error::Error for NotAPath {}

/// Parses the text again, so that no stored text gets around it. The origin does not matter for a path.
impl TryFrom<String> for Next {
    type Error = NotAPath;

    fn try_from(text: String) -> Result<Self, NotAPath> {
        static ORIGIN: Lazy<Url> =
            Lazy::new(|| Url::parse("https://app.invalid").expect("a constant URL"));
        let next = Self::parse(&text, &ORIGIN)?;
        if next.given != text {
            return Err(NotAPath(FOREIGN));
        }
        Ok(next)
    }
}

impl From<Next> for String {
    fn from(next: Next) -> Self {
        next.given
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Url {
        Url::parse("https://app.example").unwrap()
    }

    fn parse(text: &str) -> Option<String> {
        let next = Next::parse(text, &origin()).ok()?;
        Some(next.to_string())
    }

    #[track_caller]
    fn refused(cases: &[&str]) {
        for case in cases {
            assert_eq!(parse(case), None, "{case:?}");
        }
    }

    #[test]
    fn r11_pages_of_our_own_are_kept_byte_for_byte() {
        for page in [
            "/",
            "/welcome",
            "/a/b?c=d&e=%2Ff",
            "/a//b",
            "/caf%C3%A9",
            "/app#/inbox/42",
            "/app?a=b#",
            "/a%2Fb",
            "/a%5Cb",
            "/a?b=c\\d",
            "/a#\\d",
            "/50%off",
            "/%50off",
            "/a?%zz=%ff",
            "/%ff",
            "/a/../b",
            "/a?next=//evil&u=https://evil/",
            "/a?text=%0D%0A",
            "/%252f%252fevil",
            "/@evil:80",
            "/a'(){}|^;=,b",
        ] {
            assert_eq!(parse(page).as_deref(), Some(page), "{page}");
        }
        let longest = format!("/{}", "a".repeat(Next::MAX_BYTES - 1));
        assert_eq!(parse(&longest), Some(longest));
    }

    #[test]
    fn r11_an_absolute_url_of_our_own_is_its_path() {
        for (url, page) in [
            ("https://app.example", "/"),
            ("https://app.example/x?y#z", "/x?y#z"),
            ("HTTPS://App.Example/x", "/x"),
            ("https://app.example?y", "/?y"),
            ("https://app.example#z", "/#z"),
        ] {
            assert_eq!(parse(url).as_deref(), Some(page), "{url}");
        }
        let with_port = Url::parse("http://127.0.0.1:3000").unwrap();
        assert!(Next::parse("http://127.0.0.1:3000/x", &with_port).is_ok());
        assert!(Next::parse("http://127.0.0.1/x", &with_port).is_err());
        assert!(Next::parse("http://127.0.0.1:30001/x", &with_port).is_err());
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
            "https://app.example.evil/x",
            "https://app.example@evil/x",
            "https://app.example:8443/x",
            "https://app.example\\@evil/x",
            "https://app.example//evil/x",
            "https://app.example/\\evil/x",
            "http://app.example/x",
            " /x",
            "\0/x",
            "evil",
            "?x",
            "#x",
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
            "/a/..%2f/evil.com",
            "/a/%2e%2e/%2fevil.com",
            "/a\\..\\..\\\\evil.com",
            "/a%5c..%5c..%5c%5cevil.com",
        ]);
    }

    #[test]
    fn c03_control_characters_are_refused() {
        refused(&[
            "/\t/evil",
            "/\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:a=b",
            "/a?b\nc",
            "/a#b\0c",
            "/a\u{85}b",
        ]);
    }

    #[test]
    fn c04_hosts_behind_one_more_decoding_are_refused() {
        refused(&[
            "/%2f%2fevil",
            "/%2F%2Fevil",
            "/%2fevil",
            "/%5cevil",
            "/%5C/evil",
            "/%09/evil",
            "/a%00",
            "/a\\b",
        ]);
    }

    #[test]
    fn c05_unicode_stays_on_our_origin_as_ascii() {
        for (given, ascii) in [
            ("/\u{ff0f}evil", "/%EF%BC%8Fevil"),
            ("/\u{2028}x", "/%E2%80%A8x"),
            ("/\u{202e}x", "/%E2%80%AEx"),
            ("/a b\"<>`?c d", "/a%20b%22%3C%3E%60?c%20d"),
        ] {
            assert_eq!(parse(given).as_deref(), Some(ascii), "{given}");
        }
    }

    #[test]
    fn c06_overlong_text_is_refused() {
        for text in ["a".repeat(100 * 1024), "a".repeat(Next::MAX_BYTES)] {
            let refused = Next::parse(&format!("/{text}"), &origin()).unwrap_err();
            assert_eq!(refused, NotAPath(TOO_LONG));
        }
        // Counted as it was given, and not as it is encoded.
        let many = format!("/{}", "é".repeat((Next::MAX_BYTES - 1) / 2));
        assert!(parse(&many).is_some());
    }

    #[test]
    fn c10_the_location_is_ascii_and_absolute_and_has_a_fragment() {
        for (given, location) in [
            ("/café?q=é", "https://app.example/caf%C3%A9?q=%C3%A9#"),
            ("/app#/inbox", "https://app.example/app#/inbox"),
            ("/", "https://app.example/#"),
        ] {
            let next = Next::parse(given, &origin()).unwrap();
            assert_eq!(next.location(&origin()), location);
            assert!(http::HeaderValue::try_from(next.location(&origin())).is_ok());
        }
    }

    #[test]
    fn c01_a_stored_text_is_parsed_again() {
        for text in ["//evil", "/\\evil", "https://app.invalid/", "/a\nb", ""] {
            let stored = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<Next>(&stored).is_err(), "{text}");
        }
        for text in ["/a?b=c", "/é b#c"] {
            let next = Next::parse(text, &origin()).unwrap();
            let stored = serde_json::to_string(&next).unwrap();
            assert_eq!(stored, serde_json::to_string(text).unwrap());
            assert_eq!(serde_json::from_str::<Next>(&stored).unwrap(), next);
        }
    }

    proptest::proptest! {
        #[test]
        fn c13_whatever_is_accepted_lands_on_our_origin(
            text in "(https://app.example)?[/\\\\.%a-z0-9:@?#\t 25fFcC]{0,24}"
        ) {
            if let Ok(next) = Next::parse(&text, &origin()) {
                let location = Url::parse(&next.location(&origin())).unwrap();
                proptest::prop_assert_eq!(location.origin(), origin().origin());
                proptest::prop_assert!(!location.path().starts_with("//"));
                // As a relative reference, in case an application uses it as one.
                let joined = origin().join(next.as_str()).unwrap();
                proptest::prop_assert_eq!(joined.origin(), origin().origin());
                // Behind a proxy that decodes once more, and sends it on.
                let path = path_of(next.as_str());
                let decoded = percent_decode_str(path).decode_utf8_lossy();
                let joined = origin().join(&decoded).unwrap();
                proptest::prop_assert_eq!(joined.origin(), origin().origin());
            }
        }
    }
}
