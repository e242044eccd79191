//! What the client sends by itself, and how it is configured.

use http::Version;
use oauth_dance::{HttpClient, Limits};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::{ClientBuilder, Proxy};
use oauth_dance_suites::client_suite::{Answer, ScriptedServer};

use crate::support::{client, get, post};

#[tokio::test]
async fn it_asks_for_gzip_by_http_1_1_and_gives_a_name() {
    let server = ScriptedServer::start([Answer::response("200 OK", "", b"")]).await;
    let response = client()
        .send(post(&server.url("/token")), Limits::DEFAULT)
        .await
        .unwrap();
    assert_eq!(response.version(), Version::HTTP_11);
    let requests = server.requests();
    let sent = requests[0].as_str();
    assert!(sent.contains("accept-encoding: gzip\r\n"), "{sent}");
    assert!(sent.contains("user-agent: oauth-dance/"), "{sent}");
}

#[tokio::test]
async fn the_application_can_give_its_name_and_a_request_can_give_another() {
    let server = ScriptedServer::start([Answer::response("200 OK", "", b"")]).await;
    let client = ReqwestClient::builder()
        .user_agent("shop/1")
        .configure(ClientBuilder::no_proxy)
        .build()
        .unwrap();

    client
        .send(get(&server.url("/")), Limits::DEFAULT)
        .await
        .unwrap();
    let mut own = get(&server.url("/"));
    own.headers_mut()
        .insert("user-agent", "other/2".parse().unwrap());
    client.send(own, Limits::DEFAULT).await.unwrap();

    let requests = server.requests();
    assert!(requests[0].contains("user-agent: shop/1\r\n"));
    assert!(requests[1].contains("user-agent: other/2\r\n"));
}

#[test]
fn a_bad_configuration_is_an_error_that_says_so() {
    let error = ReqwestClient::builder()
        .user_agent("line\nbreak")
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the HTTP client could not be built: reqwest refused its configuration"
    );
}

#[test]
fn debug_shows_no_configuration() {
    let client = ReqwestClient::builder()
        .configure(|reqwest| {
            let mut headers = http::HeaderMap::new();
            headers.insert("x-api-key", "canary".parse().unwrap());
            reqwest.default_headers(headers)
        })
        .build()
        .unwrap();
    assert_eq!(format!("{client:?}"), "ReqwestClient { .. }");
}

#[tokio::test]
async fn d33_a_provider_on_this_machine_is_not_looked_for_at_the_proxy() {
    let proxy = ScriptedServer::start([Answer::response("200 OK", "", b"from the proxy")]).await;
    let provider =
        ScriptedServer::start([Answer::response("200 OK", "", b"from the provider")]).await;
    let proxy_url = proxy.url("");
    let client = ReqwestClient::builder()
        .configure(move |builder| builder.proxy(Proxy::all(proxy_url.as_str()).unwrap()))
        .build()
        .unwrap();

    let response = client
        .send(post(&provider.url("/token")), Limits::DEFAULT)
        .await
        .unwrap();

    assert_eq!(response.body(), "from the provider");
    assert!(proxy.requests().is_empty());
}
