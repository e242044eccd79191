//! Where relative URLs of the provider's API lead, and what its error statuses become.

mod support;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth_dance::{ApiError, ClientError, HttpClient, Limits};
use serde_json::Value;

use self::support::{App, app, app_with};

#[tokio::test]
async fn a_path_goes_below_the_whole_base() {
    let app = app();
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    for path in ["/user", "user", "/people:batchGet", "https://op.test/else"] {
        api.get(path).await.unwrap();
    }
    assert_eq!(
        app.op.calls(),
        [
            "https://op.test/v1/user",
            "https://op.test/v1/user",
            "https://op.test/v1/people:batchGet",
            "https://op.test/else",
        ]
    );
    let away = api.get("//evil.test/user").await.unwrap_err();
    assert!(matches!(away, ApiError::ForeignOrigin));
}

#[tokio::test]
async fn an_answer_does_not_print_what_it_says() {
    let app = app();
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    let answer = api.get("/user").await.unwrap();
    let printed = format!("{answer:?}");
    assert_eq!(
        printed,
        "ApiResponse { status: 200, headers: 1, body_bytes: 2 }"
    );
}

#[tokio::test]
async fn any_request_is_sent_to_its_own_uri() {
    let app = app();
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    for uri in ["/user?a=b", "https://op.test/else"] {
        let request = Request::patch(uri).body(Bytes::new()).unwrap();
        api.send(request).await.unwrap();
    }
    assert_eq!(
        app.op.calls(),
        ["https://op.test/v1/user?a=b", "https://op.test/else"]
    );
    let request = Request::get("https://evil.test/user").body(Bytes::new());
    let away = api.send(request.unwrap()).await.unwrap_err();
    assert!(matches!(away, ApiError::ForeignOrigin));
}

/// A provider whose API always fails with a body of this length.
struct Failing(usize);

#[async_trait]
impl HttpClient for Failing {
    async fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_token = request.uri().path() == "/token";
        let body = match is_token {
            true => r#"{"access_token":"at","token_type":"bearer"}"#.into(),
            false => format!("\"{}\"", "x".repeat(self.0 - 2)).into(),
        };
        let status = if is_token { 200 } else { 418 };
        let response = Response::builder().status(status);
        let response = response.header("content-type", "application/json");
        Ok(response.body(body).unwrap())
    }
}

fn failing(body_bytes: usize) -> App {
    app_with(|dance| dance, |dances| dances.client(Failing(body_bytes)))
}

#[tokio::test]
async fn an_error_status_is_refused_where_json_is_read_and_the_response_stays_reachable() {
    let app = failing(20);
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    let response = api.get("/user").await.unwrap();
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.body().len(), 20);
    for error in [
        response.json::<Value>().unwrap_err(),
        response.clone().error_for_status().unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "the provider's API answered 418 I'm a teapot"
        );
        assert!(!format!("{error:?}").contains("xxx"), "{error:?}");
        assert_eq!(error.status(), StatusCode::BAD_GATEWAY);
        let ApiError::Status(status) = error else {
            panic!("{error:?}");
        };
        assert_eq!(status.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(status.body(), response.body());
    }
}

#[tokio::test]
async fn d01_an_error_keeps_a_capped_body() {
    let app = failing(100_000);
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    let response = api.get("/user").await.unwrap();
    let Err(ApiError::Status(status)) = response.error_for_status() else {
        panic!("an error");
    };
    assert_eq!(
        status.body().len(),
        oauth_dance::ErrorStatus::MAX_BODY_BYTES
    );
}

#[tokio::test]
async fn a_name_that_no_dance_has_is_answered_with_those_that_there_are() {
    let app = app();
    let browser = app.signed_in().await;
    let error = app.visit(&browser).api("github").unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"there is no dance called "github"; the dances are op"#
    );
    assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_url_with_a_user_name_or_a_password_is_not_asked() {
    let app = app();
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    for url in ["https://ada@op.test/user", "https://:word@op.test/user"] {
        let error = api.get(url).await.unwrap_err();
        assert!(matches!(error, ApiError::InvalidRequest(_)), "{error:?}");
    }
    assert!(app.op.calls().is_empty());
}

/// The client is told the cap. One that forgets it fails nevertheless.
#[tokio::test]
async fn d01_a_body_may_be_as_long_as_the_cap() {
    for (over, is_read) in [(0, true), (1, false), (100, false)] {
        let cap = 10_000;
        let limits = Limits::DEFAULT.with_max_body_bytes(cap);
        let client = Failing(cap + over);
        let app = app_with(|dance| dance, |dances| dances.client(client).limits(limits));
        let browser = app.signed_in().await;
        let api = app.visit(&browser).api("op").unwrap();
        assert_eq!(api.get("/user").await.is_ok(), is_read, "{over}");
    }
}

#[tokio::test]
async fn an_error_status_does_not_print_its_body() {
    let app = failing(20);
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    let response = api.get("/user").await.unwrap();
    let Err(ApiError::Status(status)) = response.error_for_status() else {
        panic!("an error");
    };
    let printed = format!("{status:?}");
    assert_eq!(
        printed,
        "ErrorStatus { dance: \"op\", status: 418, body_bytes: 20 }"
    );
}

#[tokio::test]
async fn the_error_of_an_unknown_dance_has_the_name_that_was_asked_for() {
    let app = app();
    let browser = app.browser();
    let Err(ApiError::UnknownDance(unknown)) = app.visit(&browser).api("github") else {
        panic!("an error");
    };
    assert_eq!(unknown.asked(), "github");
}
