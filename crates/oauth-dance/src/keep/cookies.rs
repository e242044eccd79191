//! Reads the dance's cookies from a request, and writes them with the attributes that browsers need.

use cookie::{Cookie, SameSite};
use http::HeaderValue;
use http::header::{COOKIE, HeaderMap};

use crate::keep::budget;

/// How much of the dance's own cookies is read, in bytes. The rest is ignored. Cookies of others do not
/// count: they are skipped, in one pass.
const MAX_BYTES: usize = 32 * 1024;

/// How many cookies of one name are read, and how many names. A browser has one of each name.
const MAX_REPEATED: usize = 4;
const MAX_NAMES: usize = 64;

/// The names and attributes of our cookies.
#[derive(Debug, Clone)]
pub(crate) struct CookiePolicy {
    prefix: String,
    /// The same for every cookie, so they are formatted once.
    attributes: String,
}

impl CookiePolicy {
    /// Makes `__Host-` cookies: from a secure origin, for this host alone, unreadable by scripts (RFC
    /// 6265bis §4.1.3). `namespace` tells applications on one host apart.
    pub(crate) fn secure(namespace: &str) -> Self {
        Self {
            prefix: format!("__Host-{namespace}-"),
            attributes: attributes(true),
        }
    }

    /// Makes the same cookies without the prefix and `Secure`, for plain http on a loopback address.
    pub(crate) fn insecure_loopback(namespace: &str) -> Self {
        Self {
            prefix: format!("{namespace}-"),
            attributes: attributes(false),
        }
    }

    /// Returns the full name of the dance's cookie called `name`.
    pub(crate) fn name(&self, name: &str) -> String {
        [&self.prefix, name].concat()
    }

    /// Returns a `Set-Cookie` that keeps `value`, for `max_age_seconds` or until the browser closes.
    pub(crate) fn set(&self, name: &str, value: &str, max_age_seconds: Option<u64>) -> HeaderValue {
        let mut cookie = [&self.prefix, name, "=", value, &self.attributes].concat();
        if let Some(seconds) = max_age_seconds {
            cookie.push_str("; Max-Age=");
            cookie.push_str(&seconds.to_string());
        }
        HeaderValue::try_from(cookie)
            .expect("our cookie names and base64url values are visible ASCII")
    }

    /// Reads a `Set-Cookie` of ours back: the name without the prefix, and the value.
    pub(crate) fn read_set<'h>(&self, header: &'h HeaderValue) -> Option<(&'h str, &'h str)> {
        let pair = header.to_str().ok()?.split(';').next()?;
        pair.strip_prefix(&self.prefix)?.split_once('=')
    }

    /// Returns a `Set-Cookie` that deletes: the same attributes, an age of zero.
    pub(crate) fn delete(&self, name: &str) -> HeaderValue {
        self.set(name, "", Some(0))
    }
}

/// Returns the text after the value of a cookie. `Lax`, because the callback is a top-level navigation
/// from the provider's site: `Strict` cookies do not arrive there.
fn attributes(secure: bool) -> String {
    Cookie::build(("", ""))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .to_string()
        .trim_start_matches('=')
        .to_owned()
}

/// The dance's cookies of one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestCookies {
    // The names are kept without the prefix.
    pairs: Vec<(String, String)>,
}

impl RequestCookies {
    /// Reads all `Cookie` headers (HTTP/2 may split them, RFC 9113 §8.2.3). Cookies of others, texts that
    /// are not cookies, and the fifth cookie of one name are skipped.
    pub(crate) fn read(headers: &HeaderMap, policy: &CookiePolicy) -> Self {
        let mut budget = MAX_BYTES;
        let mut pairs: Vec<(String, String)> = Vec::new();
        // Pair by pair: scripts of the page may set cookies of any bytes. Those hide none of the dance's,
        // which are ASCII.
        let all = headers.get_all(COOKIE).iter();
        let ours = all
            .flat_map(|header| header.as_bytes().split(|byte| *byte == b';'))
            .map(<[u8]>::trim_ascii)
            .filter(|pair| pair.starts_with(policy.prefix.as_bytes()) && pair.is_ascii())
            .filter_map(|pair| Cookie::parse(std::str::from_utf8(pair).ok()?).ok());
        for cookie in ours {
            let Some(name) = cookie.name().strip_prefix(&policy.prefix) else {
                continue;
            };
            let repeated = pairs.iter().filter(|(other, _)| other == name).count();
            let rest = budget.checked_sub(name.len() + cookie.value().len());
            if let Some(rest) = rest
                && repeated < MAX_REPEATED
                && pairs.len() < MAX_NAMES * MAX_REPEATED
            {
                budget = rest;
                pairs.push((name.to_owned(), cookie.value().to_owned()));
            }
        }
        Self { pairs }
    }

    /// Returns these cookies as the browser will have them after these `Set-Cookie` headers.
    pub(crate) fn after<'h>(
        &self,
        set: impl Iterator<Item = &'h HeaderValue>,
        policy: &CookiePolicy,
    ) -> Self {
        let mut pairs = self.pairs.clone();
        for (name, value) in set.filter_map(|header| policy.read_set(header)) {
            pairs.retain(|(other, _)| other != name);
            if !value.is_empty() {
                pairs.push((name.to_owned(), value.to_owned()));
            }
        }
        Self { pairs }
    }

    /// Returns how many bytes of a `Cookie` header those take whose name `counts`.
    pub(crate) fn bytes(&self, policy: &CookiePolicy, counts: impl Fn(&str) -> bool) -> usize {
        let counting = self.pairs.iter().filter(|(name, _)| counts(name));
        counting
            .map(|(name, value)| budget::size(&policy.name(name), value))
            .sum()
    }

    /// Returns all values under `name`. There may be several, and only an authentic one counts, so
    /// callers try each.
    pub(crate) fn values<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c str> {
        self.pairs
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the cookies whose names begin with `prefix`, as (name, value).
    pub(crate) fn starting_with<'c>(
        &'c self,
        prefix: &'c str,
    ) -> impl Iterator<Item = (&'c str, &'c str)> {
        self.pairs
            .iter()
            .filter(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> RequestCookies {
        let map = headers
            .iter()
            .map(|value| (COOKIE, HeaderValue::from_str(value).unwrap()))
            .collect();
        RequestCookies::read(&map, &CookiePolicy::secure("od"))
    }

    #[test]
    fn a13_both_cookie_headers_and_both_values_are_read() {
        let cookies = read(&["__Host-od-session=a; other=1", "__Host-od-session=b"]);
        assert_eq!(cookies.values("session").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn g13_of_many_cookies_a_bounded_number_is_kept() {
        let repeated = ["__Host-od-session=a; "; 100].concat();
        assert_eq!(read(&[&repeated]).pairs.len(), MAX_REPEATED);
        let names: Vec<_> = (0..1000)
            .map(|number| format!("__Host-od-{number}=a"))
            .collect();
        let cookies = read(&[&names.join("; ")]);
        assert_eq!(cookies.pairs.len(), MAX_NAMES * MAX_REPEATED);
    }

    #[test]
    fn g13_a_cookie_beyond_the_cap_hides_no_later_one() {
        let long = format!(
            "__Host-od-long={}; __Host-od-session=kept",
            "x".repeat(MAX_BYTES)
        );
        let cookies = read(&[&long]);
        assert_eq!(cookies.values("long").count(), 0);
        assert_eq!(cookies.values("session").collect::<Vec<_>>(), ["kept"]);
    }

    #[test]
    fn a12_a_cookie_without_the_host_prefix_is_not_ours() {
        assert_eq!(read(&["od-session=planted"]).values("session").count(), 0);
    }

    #[test]
    fn g13_rubbish_is_passed_over() {
        let cookies = read(&["; ;;=; novalue; \"q\"=\"; __Host-od-session=kept"]);
        assert_eq!(cookies.values("session").collect::<Vec<_>>(), ["kept"]);
    }

    #[test]
    fn g13_a_foreign_cookie_beyond_ascii_hides_none_of_ours() {
        // As often as one name is read.
        let repeated = ["__Host-od-session=é; "; MAX_REPEATED].concat();
        for foreign in [
            repeated.as_bytes(),
            "x=é".as_bytes(),
            b"x=\xff",
            b"\xe9",
            b"__Host-od-session=\xff",
        ] {
            let header = [b"a=1; ", foreign, b"; __Host-od-session=kept"].concat();
            let header = HeaderValue::from_bytes(&header).unwrap();
            let map = HeaderMap::from_iter([(COOKIE, header)]);
            let cookies = RequestCookies::read(&map, &CookiePolicy::secure("od"));
            assert_eq!(cookies.values("session").collect::<Vec<_>>(), ["kept"]);
        }
    }

    #[test]
    fn r66_attributes_of_a_cookie_on_https() {
        let header = CookiePolicy::secure("od").set("session", "v", Some(600));
        assert_eq!(
            header,
            "__Host-od-session=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"
        );
    }

    #[test]
    fn r71_deletion_has_the_same_attributes() {
        let header = CookiePolicy::secure("od").delete("session");
        assert_eq!(
            header,
            "__Host-od-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
        );
    }
}
