//! Plain http: to this machine without a switch, and nowhere else.

use std::error::Error as _;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use http::Uri;
use oauth_dance::{ClientErrorKind, HttpClient, Limits};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::dns::{Addrs, Name, Resolve, Resolving};
use oauth_dance_suites::client_suite::{Answer, ScriptedServer};

use crate::support::{client, get, post};

/// DNS that an attacker runs: it leads every name to the attacker's server, and notes the names.
#[derive(Clone)]
struct HostileDns {
    attacker: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Resolve for HostileDns {
    fn resolve(&self, name: Name) -> Resolving {
        self.asked.lock().unwrap().push(name.as_str().to_owned());
        let addresses: Addrs = Box::new([self.attacker].into_iter());
        Box::pin(async { Ok(addresses) })
    }
}

#[tokio::test]
async fn dns_is_not_asked_for_names_of_this_machine() {
    let attacker = ScriptedServer::start([Answer::response("200 OK", "", b"attacker")]).await;
    let dns = HostileDns {
        attacker: attacker.address(),
        asked: Arc::default(),
    };
    let resolver = dns.clone();
    let client = ReqwestClient::builder()
        .configure(move |builder| builder.no_proxy().dns_resolver(Arc::new(resolver.clone())))
        .build()
        .unwrap();
    let provider = ScriptedServer::start([Answer::response("200 OK", "", b"provider")]).await;

    for name in [
        "localhost",
        "LocalHost",
        "localhost.",
        "no-such-name.localhost",
        "a.B.LOCALHOST.",
    ] {
        let url = format!("http://{name}:{}/token", provider.address().port());
        let response = client.send(post(&url), Limits::DEFAULT).await.unwrap();
        assert_eq!(response.body(), "provider", "{name}");
    }

    assert_eq!(*dns.asked.lock().unwrap(), [""; 0]);
    assert!(attacker.requests().is_empty());
}

#[tokio::test]
async fn a_provider_that_listens_on_the_other_loopback_address_is_found() {
    let address = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let provider =
        ScriptedServer::start_at(address, [Answer::response("200 OK", "", b"six")]).await;
    for host in ["localhost", "dev.localhost", "[::1]"] {
        let url = format!("http://{host}:{}/", provider.address().port());
        let response = client().send(get(&url), Limits::DEFAULT).await.unwrap();
        assert_eq!(response.body(), "six", "{host}");
    }
}

#[tokio::test]
async fn the_whole_block_of_loopback_addresses_is_this_machine() {
    let address = SocketAddr::from(([127, 9, 8, 7], 0));
    let provider =
        ScriptedServer::start_at(address, [Answer::response("200 OK", "", b"here")]).await;
    let response = client()
        .send(get(&provider.url("/")), Limits::DEFAULT)
        .await
        .unwrap();
    assert_eq!(response.body(), "here");
}

#[tokio::test]
async fn http_elsewhere_is_refused() {
    // A proxy would take the request, and the attacker's DNS would lead it anywhere.
    let trap = ScriptedServer::start([Answer::response("200 OK", "", b"trap")]).await;
    let (proxy, attacker) = (trap.url(""), trap.address());
    let client = ReqwestClient::builder()
        .configure(move |builder| {
            let dns = HostileDns {
                attacker,
                asked: Arc::default(),
            };
            let proxy = oauth_dance_reqwest::reqwest::Proxy::all(proxy.as_str()).unwrap();
            builder.proxy(proxy).dns_resolver(Arc::new(dns))
        })
        .build()
        .unwrap();

    for url in [
        "http://provider.example/token",
        "HTTP://provider.example/token",
        "http://localhost.example/token",
        "http://notlocalhost/token",
        "http://127.0.0.1.example/token",
        "http://0.0.0.0/token",
        "http://[::ffff:127.0.0.1]/token",
        "http://192.0.2.7/token",
    ] {
        let refusals = [
            client.send(post(url), Limits::DEFAULT).await.unwrap_err(),
            client.check(&url.parse::<Uri>().unwrap()).unwrap_err(),
        ];
        for error in refusals {
            assert_eq!(error.kind(), ClientErrorKind::Connect, "{url}");
            assert_eq!(
                error.source().unwrap().to_string(),
                "http elsewhere is refused: plain http is for loopback hosts \
                 (localhost, *.localhost, 127.0.0.0/8, [::1]); use https"
            );
        }
    }
    assert!(trap.requests().is_empty());
}

#[tokio::test]
async fn a_url_that_is_not_http_at_all_is_refused_with_the_reason() {
    for (url, reason) in [
        ("ftp://localhost/token", "neither https nor http"),
        ("/token", "not a valid absolute URL"),
        ("localhost:3000", "neither https nor http"),
    ] {
        let error = client().send(post(url), Limits::DEFAULT).await.unwrap_err();
        assert_eq!(error.kind(), ClientErrorKind::Connect, "{url}");
        let source = error.source().unwrap().to_string();
        assert!(source.contains(reason), "{url}: {source}");
    }
}

#[test]
fn loopback_needs_no_switch() {
    for url in [
        "http://localhost:3000/token",
        "http://dev.localhost/token",
        "http://127.0.0.1/token",
        "http://[::1]:3000/token",
    ] {
        assert!(
            client().check(&url.parse::<Uri>().unwrap()).is_ok(),
            "{url}"
        );
    }
}
