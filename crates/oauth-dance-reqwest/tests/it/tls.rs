//! TLS through rustls: whom the client trusts, and what the others get to see.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use oauth_dance::{ClientErrorKind, HttpClient, Limits};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::ClientBuilder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::post;

const AUTHORITY: &[u8] = include_bytes!("../data/authority.pem");
const LOCALHOST: (&[u8], &[u8]) = (
    include_bytes!("../data/localhost.pem"),
    include_bytes!("../data/localhost.key.pem"),
);
const ELSEWHERE: (&[u8], &[u8]) = (
    include_bytes!("../data/elsewhere.example.pem"),
    include_bytes!("../data/elsewhere.example.key.pem"),
);

/// Serves one connection; the thread answers what it could decrypt of the request.
fn serve((certificate, key): (&[u8], &[u8])) -> (SocketAddr, JoinHandle<String>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate).unwrap()],
            PrivateKeyDer::from_pem_slice(key).unwrap(),
        )
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
        while !request[..length].ends_with(b"canary-body") {
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

fn client(trusted: Option<&[u8]>) -> ReqwestClient {
    let mut builder = ReqwestClient::builder().configure(ClientBuilder::no_proxy);
    if let Some(pem) = trusted {
        builder = builder.root_certificates_pem(pem);
    }
    builder.build().unwrap()
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_accepted() {
    let (address, server) = serve(LOCALHOST);
    let url = format!("https://localhost:{}/token", address.port());

    let response = client(Some(AUTHORITY))
        .send(post(&url), Limits::DEFAULT)
        .await
        .unwrap();

    assert_eq!(response.body(), "{}");
    assert!(server.join().unwrap().starts_with("POST /token HTTP/1.1"));
}

#[tokio::test]
async fn an_unknown_authority_or_another_name_is_refused_before_anything_is_sent() {
    for (trusted, certificate) in [(None, LOCALHOST), (Some(AUTHORITY), ELSEWHERE)] {
        let (address, server) = serve(certificate);
        let url = format!("https://localhost:{}/token", address.port());

        let error = client(trusted)
            .send(post(&url), Limits::DEFAULT)
            .await
            .unwrap_err();

        assert_eq!(error.kind(), ClientErrorKind::Connect);
        assert_eq!(server.join().unwrap(), "");
    }
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
fn no_provider_is_installed_for_the_process() {
    client(None);
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
