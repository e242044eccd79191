//! Origins and sites: what a browser calls the same, and what it trusts without TLS.

use oauth_dance::leaf::is_loopback;
use url::{Host, Url};

/// How a request relates to the page that caused it; later ones are further away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FetchSite {
    /// No page caused it: the address was typed or bookmarked.
    None,
    SameOrigin,
    SameSite,
    CrossSite,
}

impl FetchSite {
    /// How `url` relates to the page at `initiator`.
    pub(crate) fn between(initiator: Option<&Url>, url: &Url) -> Self {
        match initiator {
            None => Self::None,
            Some(initiator) if initiator.origin() == url.origin() => Self::SameOrigin,
            Some(initiator) if same_site(initiator, url) => Self::SameSite,
            Some(_) => Self::CrossSite,
        }
    }

    /// The value of `Sec-Fetch-Site`.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SameOrigin => "same-origin",
            Self::SameSite => "same-site",
            Self::CrossSite => "cross-site",
        }
    }
}

/// The same scheme and the same registrable domain, ports aside. This crate has no public suffix list:
/// two names are taken for one site if their last two labels are equal.
fn same_site(left: &Url, right: &Url) -> bool {
    left.scheme() == right.scheme()
        && match (left.host(), right.host()) {
            (Some(Host::Domain(left)), Some(Host::Domain(right))) => {
                registrable(left) == registrable(right)
            }
            (left, right) => left == right,
        }
}

fn registrable(host: &str) -> &str {
    let start = host
        .rmatch_indices('.')
        .nth(1)
        .map_or(0, |(dot, _)| dot + 1);
    &host[start..]
}

/// Whether cookies marked `Secure` may travel: over TLS, and to this machine itself (as Chromium
/// does).
pub(crate) fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(initiator: &str, url: &str) -> FetchSite {
        let parse = |text| Url::parse(text).expect("a URL");
        FetchSite::between(Some(&parse(initiator)), &parse(url))
    }

    #[test]
    fn a_port_makes_another_origin_of_the_same_site() {
        let site = between("http://127.0.0.1:1/", "http://127.0.0.1:2/");
        assert_eq!(site, FetchSite::SameSite);
        let site = between("http://127.0.0.1:1/x", "http://127.0.0.1:1/y");
        assert_eq!(site, FetchSite::SameOrigin);
    }

    #[test]
    fn localhost_and_its_address_are_two_sites() {
        let site = between("http://127.0.0.1:1/", "http://localhost:1/");
        assert_eq!(site, FetchSite::CrossSite);
        let site = between("https://a.example.com/", "https://example.com/");
        assert_eq!(site, FetchSite::SameSite);
        let site = between("http://example.com/", "https://example.com/");
        assert_eq!(site, FetchSite::CrossSite);
    }
}
