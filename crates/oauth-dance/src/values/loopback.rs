//! Which hosts are the machine itself.

use url::{Host, Url};

/// Returns whether the host of `url` is this machine: `localhost` and names below it (RFC 6761 §6.3),
/// `127.0.0.0/8` and `::1`. The scheme does not count.
///
/// Plain http is for these hosts only. A client resolves such names to a loopback address itself and
/// never asks the DNS.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(domain)) => {
            // `url` has written it in lower case. A final dot makes the name absolute.
            let domain = domain.strip_suffix('.').unwrap_or(domain);
            domain == "localhost" || domain.ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r21_loopback_hosts_are_told_from_names_that_look_like_them() {
        for (url, expected) in [
            ("http://localhost", true),
            ("http://LOCALHOST:3000", true),
            ("http://localhost./", true),
            ("http://app.localhost", true),
            ("http://127.0.0.1:80", true),
            ("http://127.255.0.9", true),
            ("http://0x7f.1/", true),
            ("http://[::1]:3000", true),
            ("https://localhost", true),
            ("http://localhost.example", false),
            ("http://notlocalhost", false),
            ("http://127.0.0.1.example", false),
            ("http://128.0.0.1", false),
            ("http://0.0.0.0", false),
            ("http://10.0.0.1", false),
            ("http://[::2]", false),
            // An IPv4 address in IPv6 clothes: RFC 6761 and RFC 4291 do not call it loopback.
            ("http://[::ffff:127.0.0.1]", false),
            ("data:localhost", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
