//! What a client sends, and what it returns, if the provider behaves.

use http::{Method, Request, StatusCode};
use oauth_dance::{HttpClient, Limits};

use super::server::{Answer, ScriptedServer, post};

/// Nothing of a request is lost or changed.
pub async fn method_path_headers_and_body_arrive_as_given(client: impl HttpClient) {
    let server = ScriptedServer::start([Answer::response("200 OK", "", b"")]).await;
    let request = Request::builder()
        .method(Method::POST)
        .uri(server.url("/token?tenant=a%20b"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .header("user-agent", "other/2")
        .body("grant_type=x".into())
        .expect("a request");

    let sent = client.send(request, Limits::DEFAULT).await;
    sent.expect("an answer");

    let requests = server.requests();
    let sent = requests[0].as_str();
    assert!(
        sent.starts_with("POST /token?tenant=a%20b HTTP/1.1\r\n"),
        "{sent}"
    );
    let lower = sent.to_lowercase();
    for header in [
        format!("host: {}\r\n", server.address()),
        "content-type: application/x-www-form-urlencoded\r\n".to_owned(),
        "accept: application/json\r\n".to_owned(),
        "user-agent: other/2\r\n".to_owned(),
    ] {
        assert_eq!(lower.matches(&header).count(), 1, "{header} in {sent}");
    }
    assert!(sent.ends_with("\r\n\r\ngrant_type=x"), "{sent}");
}

/// Nothing of a response is lost or changed.
pub async fn status_headers_and_body_come_back(client: impl HttpClient) {
    let headers = "x-one: 1\r\nx-two: a\r\nx-two: b\r\n";
    let answer = Answer::response("201 Created", headers, b"{\"a\":1}");
    let server = ScriptedServer::start([answer]).await;

    let response = client
        .send(post(&server.url("/token")), Limits::DEFAULT)
        .await
        .expect("an answer");

    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["x-one"], "1");
    let twice: Vec<_> = response.headers().get_all("x-two").iter().collect();
    assert_eq!(twice, ["a", "b"]);
    assert_eq!(response.body(), "{\"a\":1}");
}
