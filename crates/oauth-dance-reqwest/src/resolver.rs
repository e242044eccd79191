//! Names to addresses: `localhost` is this machine, and DNS is never asked for it (RFC 6761 §6.3).

use std::future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use oauth_dance::leaf::is_loopback;

use crate::error::Unresolved;

/// Where a provider on this machine may listen. reqwest puts the port of the URL in place of 0.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// Resolves `localhost` and the names below it to the loopback addresses, and asks the operating system
/// for every other name.
#[derive(Debug)]
pub(crate) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        if is_localhost(name.as_str()) {
            let addresses: Addrs = Box::new(LOOPBACK.into_iter());
            return Box::pin(future::ready(Ok(addresses)));
        }
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(Unresolved)?;
            let addresses: Vec<SocketAddr> = addresses.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Returns whether `name` means this machine, by the rule that URLs are held to.
fn is_localhost(name: &str) -> bool {
    Url::parse(&format!("http://{name}/")).is_ok_and(|url| is_loopback(&url))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use oauth_dance::ClientErrorKind;

    use super::*;
    use crate::error::{Stage, classify};

    async fn addresses(name: &str) -> Vec<SocketAddr> {
        Resolver
            .resolve(name.parse().unwrap())
            .await
            .unwrap()
            .collect()
    }

    #[tokio::test]
    async fn names_below_localhost_are_both_loopback_addresses() {
        for name in [
            "localhost",
            "LocalHost",
            "localhost.",
            "no-such-name.localhost",
            "a.B.LOCALHOST.",
        ] {
            assert_eq!(addresses(name).await, LOOPBACK, "{name}");
        }
    }

    #[tokio::test]
    async fn other_names_are_left_to_the_operating_system() {
        // An address is the one name that the operating system knows without asking the network.
        assert_eq!(
            addresses("192.0.2.7").await,
            [SocketAddr::from(([192, 0, 2, 7], 0))]
        );
        for name in ["notlocalhost", "localhost.example", "localhost.."] {
            assert!(!is_localhost(name), "{name}");
        }
    }

    /// The operating system refuses a label of 64 bytes without asking the network (RFC 1035 §2.3.4).
    #[tokio::test]
    async fn a_name_that_does_not_resolve_has_its_own_word() {
        let client = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(Arc::new(Resolver));
        #[cfg(feature = "rustls")]
        let client = client.tls_backend_preconfigured(crate::tls::client_config(&[]).unwrap());
        let client = client.build().unwrap();
        let request = client.get(format!("http://{}.test/", "x".repeat(64)));
        let error = classify(request.send().await.unwrap_err(), Stage::Head);
        assert_eq!(error.kind(), ClientErrorKind::Unresolved);
    }
}
