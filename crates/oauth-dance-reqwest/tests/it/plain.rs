//! What the client sends, and what it returns, if the provider behaves.

use http::{Method, Request, StatusCode, Version};
use oauth_dance::{HttpClient, Limits};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::{ClientBuilder, Proxy};

use crate::support::{Answer, Server, client, get, post};

#[tokio::test]
async fn method_path_headers_and_body_arrive_as_given() {
    let server = Server::start([Answer::response("200 OK", "", b"")]).await;
    let request = Request::builder()
        .method(Method::POST)
        .uri(server.url("/token?tenant=a%20b"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body("grant_type=x".into())
        .unwrap();

    client().send(request, Limits::DEFAULT).await.unwrap();

    let requests = server.requests();
    let sent = requests[0].as_str();
    assert!(
        sent.starts_with("POST /token?tenant=a%20b HTTP/1.1\r\n"),
        "{sent}"
    );
    assert!(
        sent.contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{sent}"
    );
    assert!(sent.contains("accept: application/json\r\n"), "{sent}");
    assert!(sent.contains("accept-encoding: gzip\r\n"), "{sent}");
    assert!(sent.contains("user-agent: oauth-dance/"), "{sent}");
    assert!(sent.ends_with("\r\n\r\ngrant_type=x"), "{sent}");
}

#[tokio::test]
async fn status_headers_and_body_come_back() {
    let headers = "x-one: 1\r\nx-two: a\r\nx-two: b\r\n";
    let server = Server::start([Answer::response("201 Created", headers, b"{\"a\":1}")]).await;

    let response = client()
        .send(post(&server.url("/token")), Limits::DEFAULT)
        .await
        .unwrap();

    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.version(), Version::HTTP_11);
    assert_eq!(response.headers()["x-one"], "1");
    let twice: Vec<_> = response.headers().get_all("x-two").iter().collect();
    assert_eq!(twice, ["a", "b"]);
    assert_eq!(response.body(), "{\"a\":1}");
}

#[tokio::test]
async fn the_application_can_give_its_name_and_a_request_can_give_another() {
    let server = Server::start([Answer::response("200 OK", "", b"")]).await;
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
async fn a_provider_on_this_machine_is_not_looked_for_at_the_proxy() {
    let proxy = Server::start([Answer::response("200 OK", "", b"from the proxy")]).await;
    let provider = Server::start([Answer::response("200 OK", "", b"from the provider")]).await;
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
