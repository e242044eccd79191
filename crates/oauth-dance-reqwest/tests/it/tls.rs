//! TLS through rustls: which servers the client trusts, and what the others get to see.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use oauth_dance::{
    ClientErrorKind, Credentials, Dance, Dances, HttpClient, Key, Limits, LoginError, LoginFailure,
    OAUTH_ERROR, Provider, SignalSet,
};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::{ClientBuilder, Proxy};
use oauth_dance_suites::client_suite::{Answer, ScriptedServer};
use oauth_dance_testkit::Browser;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{get, post};

/// A certificate authority of this test's own; its key ends with the test.
struct Authority {
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let certificate_pem = params.self_signed(&key).unwrap().pem();
        Self {
            certificate_pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// Issues a certificate for a server of this name.
    fn issue(&self, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.into(), key.into())
    }
}

/// Serves one connection; the thread answers what it could decrypt of the request.
fn serve(
    (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
) -> (SocketAddr, JoinHandle<String>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let mut request = vec![0; 4096];
        let mut length = 0;
        // An error is a client that did not trust the certificate.
        while !has_ended(&request[..length]) {
            match stream.read(&mut request[length..]) {
                Ok(0) | Err(_) => break,
                Ok(more) => length += more,
            }
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (address, thread)
}

/// Returns whether the request is here, by the length that it says.
fn has_ended(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.trim() == body.len().to_string())
}

fn client(trusted: Option<&Authority>) -> ReqwestClient {
    let mut builder = ReqwestClient::builder().configure(ClientBuilder::no_proxy);
    if let Some(authority) = trusted {
        builder = builder.root_certificates_pem(authority.certificate_pem.as_str());
    }
    builder.build().unwrap()
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_accepted() {
    let authority = Authority::new();
    let (address, server) = serve(authority.issue("localhost"));
    let url = format!("https://localhost:{}/token", address.port());

    let response = client(Some(&authority))
        .send(post(&url), Limits::DEFAULT)
        .await
        .unwrap();

    assert_eq!(response.body(), "{}");
    assert!(server.join().unwrap().starts_with("POST /token HTTP/1.1"));
}

/// The setting reaches the exchange of a dance: without it, the same provider is not trusted.
#[tokio::test]
async fn d26_a_dance_trusts_the_authorities_that_were_given() {
    let authority = Authority::new();
    for (trusted, failure) in [
        (Some(&authority), None),
        (None, Some(ClientErrorKind::Connect)),
    ] {
        let (address, server) = serve(authority.issue("localhost"));
        let at = |path: &str| format!("https://localhost:{}/{path}", address.port());
        let signals = SignalSet::new();
        let (sent, heard) = std::sync::mpsc::channel();
        let signal = signals.of(&OAUTH_ERROR);
        signal.connect(move |_: &Dance, failed: &LoginFailure| {
            sent.send(failed.error().clone()).unwrap();
        });
        let op = Provider::oauth2("op", at("authorize"), at("token"));
        let dances = Dances::builder("http://localhost:3000", Key::generate().unwrap())
            .client(client(trusted))
            .signals(signals.clone())
            .with(Dance::builder(op).credentials(Credentials::new("id", "canary-body")))
            .build()
            .unwrap();
        let browser = Browser::new().mount("http://localhost:3000", move |request| {
            let dances = dances.clone();
            async move { dances.handle(request).await }
        });
        let begun = browser.get("http://localhost:3000/login/op").await.unwrap();
        let to = begun.location().unwrap();
        let (_, state) = to.query_pairs().find(|(name, _)| name == "state").unwrap();
        let callback = format!("http://localhost:3000/login/op/authorized?code=c&state={state}");
        browser.get(callback).await.unwrap();
        // What it answers is no token, and it was shown the code only if it was trusted.
        let expected = failure.map_or(
            LoginError::ProviderAnswer("content type of the token answer"),
            LoginError::NoAnswer,
        );
        assert_eq!(heard.recv().unwrap(), expected);
        assert_eq!(server.join().unwrap().is_empty(), failure.is_some());
    }
}

#[tokio::test]
async fn an_unknown_authority_or_another_name_is_refused_before_anything_is_sent() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (trusted, server_name) in [
        (None, "localhost"),
        (Some(&stranger), "localhost"),
        (Some(&authority), "elsewhere.example"),
    ] {
        let (address, server) = serve(authority.issue(server_name));
        let url = format!("https://localhost:{}/token", address.port());

        let error = client(trusted)
            .send(post(&url), Limits::DEFAULT)
            .await
            .unwrap_err();

        assert_eq!(error.kind(), ClientErrorKind::Connect);
        assert_eq!(server.join().unwrap(), "");
    }
}

#[tokio::test]
async fn d33_a_provider_elsewhere_is_reached_through_the_proxy_which_sees_no_request() {
    let proxy = ScriptedServer::start([Answer::response("503 Closed", "", b"")]).await;
    let proxy_url = proxy.url("");
    let client = ReqwestClient::builder()
        .configure(move |builder| builder.proxy(Proxy::all(proxy_url.as_str()).unwrap()))
        .build()
        .unwrap();

    client
        .send(
            get("https://provider.example/userinfo?code=canary"),
            Limits::DEFAULT,
        )
        .await
        .unwrap_err();

    let requests = proxy.requests();
    assert_eq!(requests.len(), 1);
    assert!(
        requests[0].starts_with("CONNECT provider.example:443 HTTP/1.1\r\n"),
        "{requests:?}"
    );
    assert!(!requests[0].contains("canary"), "{requests:?}");
}

#[test]
fn text_without_a_certificate_is_refused() {
    for pem in [
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
    ] {
        let error = ReqwestClient::builder()
            .root_certificates_pem(pem)
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("not readable PEM"), "{error}");
    }
}

#[test]
fn l07_no_provider_is_installed_for_the_process() {
    client(None);
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
