//! Which URLs lead to this machine.

use url::{Host, Url};

/// Returns whether the host of `url` is this machine: `localhost`, a name below `localhost`
/// (RFC 6761 §6.3), an address of 127.0.0.0/8, or `[::1]`. The scheme does not matter.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // `Url` has put the name into lower case.
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads_here(url: &str) -> bool {
        is_loopback(&Url::parse(url).unwrap())
    }

    #[test]
    fn names_below_localhost_and_loopback_addresses_are_this_machine() {
        for url in [
            "http://localhost/",
            "https://localhost:8443/token",
            "http://LOCALHOST./",
            "http://dev.localhost:3000",
            "http://a.b.LocalHost.",
            "http://127.0.0.1",
            "http://127.255.255.254",
            "http://127.1",
            "http://2130706433",
            "http://[::1]:3000",
            "http://[0:0:0:0:0:0:0:1]",
        ] {
            assert!(leads_here(url), "{url}");
        }
    }

    #[test]
    fn every_other_host_is_elsewhere() {
        for url in [
            "http://localhost.example",
            "http://notlocalhost",
            "http://localhost..",
            "http://localhost@provider.example",
            "http://126.255.255.255",
            "http://128.0.0.1",
            "http://0.0.0.0",
            "http://127.0.0.1.example",
            "http://[::]",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
            "http://10.0.0.1",
            "data:localhost",
        ] {
            assert!(!leads_here(url), "{url}");
        }
    }
}
