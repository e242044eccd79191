//! Without a TLS feature, https fails before anything leaves the process, and says what to do.

use std::error::Error;
use std::net::TcpListener;

use bytes::Bytes;
use http::Request;
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};
use oauth_dance_reqwest::{ReqwestClient, reqwest};

async fn send(client: &ReqwestClient, url: &str) -> ClientError {
    let request = Request::post(url).body(Bytes::new()).unwrap();
    client.send(request, Limits::DEFAULT).await.unwrap_err()
}

#[tokio::test]
async fn the_error_names_the_feature() {
    let error = send(
        &ReqwestClient::new().unwrap(),
        "https://provider.example/token",
    )
    .await;
    assert_eq!(error.kind(), ClientErrorKind::Connect);
    let advice = error.source().unwrap().to_string();
    assert!(advice.contains("feature `rustls`"), "{advice}");
    assert!(advice.contains("oauth-dance-reqwest"), "{advice}");
}

#[tokio::test]
async fn no_proxy_is_handed_the_request_in_clear() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let client = ReqwestClient::builder()
        .configure(move |builder| builder.proxy(reqwest::Proxy::all(url.clone()).unwrap()))
        .build()
        .unwrap();

    for scheme in ["https", "HTTPS"] {
        let error = send(&client, &format!("{scheme}://provider.example/token")).await;
        assert_eq!(error.kind(), ClientErrorKind::Connect);
        assert!(proxy.accept().is_err(), "the proxy was contacted");
    }
}
