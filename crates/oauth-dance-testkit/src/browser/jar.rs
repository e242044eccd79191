//! A cookie jar that does what Chromium does (RFC 6265bis), as far as one host and its neighbours need.

use std::fmt;

use cookie::{Cookie, SameSite};
use oauth_dance::Timestamp;
use url::{Host, Url};

use super::site::{FetchSite, is_trustworthy};

/// Browsers drop a cookie whose name and value together are longer.
const MAX_COOKIE_BYTES: usize = 4096;

/// A cookie as the browser keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) host: String,
    pub(crate) host_only: bool,
    pub(crate) path: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: SameSite,
    pub(crate) expires: Option<Timestamp>,
}

impl StoredCookie {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the host that set the cookie, or the domain that it was set for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the path below which the cookie is sent.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns whether the cookie is sent over trustworthy connections only.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Returns whether scripts cannot read the cookie.
    #[must_use]
    pub fn http_only(&self) -> bool {
        self.http_only
    }

    /// Returns when the cookie expires. A session cookie does not.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Reads `Set-Cookie` as an answer of `url`; nothing if a browser would refuse it.
    fn accept(header: &str, url: &Url, now: Timestamp) -> Option<Self> {
        let cookie = Cookie::parse(header.to_owned()).ok()?;
        let host = url.host_str()?;
        let domain = cookie.domain().filter(|domain| !domain.is_empty());
        let named = match domain {
            Some(domain) if domain_matches(url, domain) => domain.to_ascii_lowercase(),
            Some(_) => return None,
            None => host.to_owned(),
        };
        let secure = cookie.secure().unwrap_or_default();
        let path = cookie
            .path()
            .filter(|path| path.starts_with('/'))
            .map_or_else(|| default_path(url), str::to_owned);
        let prefix_kept = match cookie.name() {
            name if starts_with(name, "__Host-") => {
                secure && domain.is_none() && cookie.path() == Some("/")
            }
            name if starts_with(name, "__Secure-") => secure,
            _ => true,
        };
        let fits = cookie.name().len() + cookie.value().len() <= MAX_COOKIE_BYTES;
        let same_site = cookie.same_site().unwrap_or(SameSite::Lax);
        let allowed = if secure {
            is_trustworthy(url)
        } else {
            same_site != SameSite::None
        };
        if !prefix_kept || !fits || !allowed {
            return None;
        }
        Some(Self {
            name: cookie.name().to_owned(),
            value: cookie.value().to_owned(),
            host: named,
            host_only: domain.is_none(),
            path,
            secure,
            http_only: cookie.http_only().unwrap_or_default(),
            same_site,
            expires: expiry(&cookie, now),
        })
    }

    fn is_sent_to(&self, url: &Url, site: FetchSite, safe_method: bool) -> bool {
        let host = url.host_str().unwrap_or_default();
        let host_matches = if self.host_only {
            host == self.host
        } else {
            domain_matches(url, &self.host)
        };
        let site_allows = match self.same_site {
            SameSite::Strict => site < FetchSite::CrossSite,
            SameSite::Lax => site < FetchSite::CrossSite || safe_method,
            SameSite::None => true,
        };
        host_matches
            && path_matches(url.path(), &self.path)
            && (!self.secure || is_trustworthy(url))
            && site_allows
    }

    fn replaces(&self, other: &Self) -> bool {
        (&self.name, &self.host, self.host_only, &self.path)
            == (&other.name, &other.host, other.host_only, &other.path)
    }
}

impl fmt::Debug for StoredCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCookie")
            .field("name", &self.name)
            .field("host", &self.host)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The cookies of a browser. A copy of it is what a thief of cookies has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CookieJar {
    cookies: Vec<StoredCookie>,
}

impl CookieJar {
    /// Returns an empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns every cookie, in the order in which they were set. Expired ones are there until the
    /// next request.
    pub fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.cookies.iter()
    }

    /// Returns how many cookies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cookies.len()
    }

    /// Returns whether there are no cookies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// Returns the first cookie of this name, whatever its host and path.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StoredCookie> {
        self.cookies.iter().find(|cookie| cookie.name == name)
    }

    /// Deletes every cookie of this name, and returns whether there was one.
    pub fn delete(&mut self, name: &str) -> bool {
        let before = self.cookies.len();
        self.cookies.retain(|cookie| cookie.name != name);
        self.cookies.len() < before
    }

    /// Deletes every cookie.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// Takes a `Set-Cookie` value from a response of `url`, and returns whether a browser takes it.
    pub fn set(&mut self, header: &str, url: &Url, now: Timestamp) -> bool {
        let Some(cookie) = StoredCookie::accept(header, url, now) else {
            return false;
        };
        let deletes = cookie.expires.is_some_and(|expires| expires <= now);
        let known = self.cookies.iter().position(|old| cookie.replaces(old));
        match known {
            Some(index) if deletes => {
                self.cookies.remove(index);
            }
            Some(index) => self.cookies[index] = cookie,
            None if deletes => {}
            None => self.cookies.push(cookie),
        }
        true
    }

    /// Puts a cookie in by force, host-only and for every path. No rule of browsers is applied: this
    /// is what a test plants.
    pub fn plant(&mut self, host: &str, name: &str, value: &str) {
        let planted = StoredCookie {
            name: name.to_owned(),
            value: value.to_owned(),
            host: host.to_owned(),
            host_only: true,
            path: "/".to_owned(),
            secure: false,
            http_only: true,
            same_site: SameSite::Lax,
            expires: None,
        };
        self.cookies.retain(|old| !planted.replaces(old));
        self.cookies.push(planted);
    }

    /// The `Cookie` header of a request, if there is anything to send: longer paths first, then older
    /// cookies first.
    pub(crate) fn header(
        &mut self,
        url: &Url,
        site: FetchSite,
        safe_method: bool,
        now: Timestamp,
    ) -> Option<String> {
        self.cookies
            .retain(|cookie| cookie.expires.is_none_or(|expires| expires > now));
        let mut sent: Vec<&StoredCookie> = self
            .cookies
            .iter()
            .filter(|cookie| cookie.is_sent_to(url, site, safe_method))
            .collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// `Max-Age` wins over `Expires`; a moment before 1970 is 1970.
fn expiry(cookie: &Cookie<'_>, now: Timestamp) -> Option<Timestamp> {
    if let Some(age) = cookie.max_age() {
        let age = age.try_into().unwrap_or_default();
        return Some(now.plus(age));
    }
    let moment = cookie.expires_datetime()?.unix_timestamp();
    Some(Timestamp::from_unix_seconds(
        u64::try_from(moment).unwrap_or_default(),
    ))
}

/// RFC 6265 §5.1.3. An address has no domains below it.
fn domain_matches(url: &Url, domain: &str) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => {
            let domain = domain.to_ascii_lowercase();
            host == domain
                || (domain.contains('.')
                    && host
                        .strip_suffix(&domain)
                        .is_some_and(|rest| rest.ends_with('.')))
        }
        _ => url.host_str() == Some(domain),
    }
}

/// RFC 6265 §5.1.4.
fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// RFC 6265 §5.1.4: the folder of the URL.
fn default_path(url: &Url) -> String {
    match url.path().rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder.to_owned(),
        _ => "/".to_owned(),
    }
}

/// Browsers compare the prefixes of cookie names without regard to case.
fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
