//! The client under test, and what it sends.

use bytes::Bytes;
use http::{Method, Request};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::ClientBuilder;

/// A client that minds no proxy of the machine the test runs on.
pub(crate) fn client() -> ReqwestClient {
    ReqwestClient::builder()
        .configure(ClientBuilder::no_proxy)
        .build()
        .unwrap()
}

/// A POST as the dance sends it to a token endpoint, with a secret in every part.
pub(crate) fn post(url: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri(url)
        .header("authorization", "Basic canary-header")
        .body(Bytes::from_static(b"code=canary-body"))
        .unwrap()
}

/// A GET without anything.
pub(crate) fn get(url: &str) -> Request<Bytes> {
    Request::builder().uri(url).body(Bytes::new()).unwrap()
}
