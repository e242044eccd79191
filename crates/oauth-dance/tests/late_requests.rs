//! Tokens in cookies: a request that left with cookies that were replaced while it was on its way.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oauth_dance::{Authorized, ClientError, Dance, HttpClient, Limits, OAUTH_AUTHORIZED};
use oauth_dance_testkit::Browser;

use self::support::{App, LIFETIME, Op, app, app_with};

/// So long a replaced cookie is a late request's.
const GRACE: Duration = Duration::from_secs(30);

/// A provider whose refresh tokens stay as they are.
struct Lasting(Op);

#[async_trait]
impl HttpClient for Lasting {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_refresh = request.body().starts_with(b"grant_type=refresh_token");
        let mut response = self.0.send(request, limits).await?;
        if is_refresh {
            let body = std::str::from_utf8(response.body()).unwrap();
            let body = body.replace("\"refresh_token\"", "\"not_a_refresh_token\"");
            *response.body_mut() = body.into();
        }
        Ok(response)
    }
}

/// A provider whose access tokens live ten seconds.
struct ShortLived(Op);

#[async_trait]
impl HttpClient for ShortLived {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let mut response = self.0.send(request, limits).await?;
        let body = std::str::from_utf8(response.body()).unwrap();
        *response.body_mut() = body.replace("3600", "10").into();
        Ok(response)
    }
}

/// The token of a request that carries the cookies that `browser` has now. They stay as they are.
async fn token_of_a_request(app: &App, browser: &Browser) -> String {
    let visit = app.visit(browser);
    let token = visit.api("op").unwrap().token().await.unwrap();
    token.access_token().secret().to_owned()
}

async fn late_requests_go_on_with_the_token_that_came(app: &App, op: &Op) {
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME);
    let first = token_of_a_request(app, &browser).await;
    app.clock.advance(GRACE - Duration::from_secs(1));
    assert_eq!(token_of_a_request(app, &browser).await, first);
    assert_eq!(op.refreshes().len(), 1, "the refresh token was sent twice");

    // After that time it is for the provider to say what the old refresh token is worth.
    app.clock.advance(Duration::from_secs(1));
    assert_ne!(token_of_a_request(app, &browser).await, first);
    assert_eq!(op.refreshes().len(), 2);
}

#[tokio::test]
async fn f03_a_late_request_does_not_spend_a_refresh_token_that_was_replaced() {
    let app = app();
    late_requests_go_on_with_the_token_that_came(&app, &app.op).await;
}

#[tokio::test]
async fn f03_f04_a_late_request_does_not_send_a_refresh_token_that_stays() {
    let op = Op::default();
    let app = app_with(|dance| dance, |dances| dances.client(Lasting(op.clone())));
    late_requests_go_on_with_the_token_that_came(&app, &op).await;
}

/// A provider with one refresh token for each user, which a login makes valid again.
#[derive(Clone, Default)]
struct Reviving {
    op: Op,
    refuses: Arc<AtomicBool>,
}

#[async_trait]
impl HttpClient for Reviving {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_refresh = request.body().starts_with(b"grant_type=refresh_token");
        let mut response = self.op.send(request, limits).await?;
        if is_refresh && self.refuses.load(Ordering::SeqCst) {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            *response.body_mut() = r#"{"error":"invalid_grant"}"#.into();
        } else {
            let mut answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            answer["refresh_token"] = "the-one".into();
            *response.body_mut() = answer.to_string().into();
        }
        Ok(response)
    }
}

#[tokio::test]
async fn f04_f05_a_refused_refresh_token_counts_again_after_a_login() {
    let provider = Reviving::default();
    let client = provider.clone();
    let app = app_with(|dance| dance, |dances| dances.client(client));
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.store_for(7));
    let browser = app.signed_in().await;
    provider.refuses.store(true, Ordering::SeqCst);
    let refresh = async || {
        let visit = app.visit(&browser);
        let token = visit.api("op").unwrap().refresh().await;
        app.finish(&visit, &browser);
        token
    };
    assert!(refresh().await.is_err());

    provider.refuses.store(false, Ordering::SeqCst);
    app.sign_in(&browser, "op").await;
    assert!(refresh().await.is_ok());
    assert_eq!(provider.op.refreshes(), ["the-one", "the-one"]);
}

#[tokio::test]
async fn f06_a_late_request_is_given_no_expired_token() {
    let op = Op::default();
    let app = app_with(
        |dance| dance,
        |dances| dances.client(ShortLived(op.clone())),
    );
    let browser = app.signed_in().await;
    app.clock.advance(Duration::from_secs(10));
    let first = token_of_a_request(&app, &browser).await;
    app.clock.advance(Duration::from_secs(12));
    assert_ne!(token_of_a_request(&app, &browser).await, first);
    // By the refresh token that came with the first.
    assert_eq!(op.refreshes(), ["refresh-1", "refresh-2"]);
}

#[tokio::test]
async fn f06_a_good_token_in_cookies_is_not_refreshed_ahead_of_time() {
    let app = app();
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME - Duration::from_secs(1));
    token_of_a_request(&app, &browser).await;
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    assert!(app.op.refreshes().is_empty());
}

/// A late answer would put a spent refresh token back into the browser.
#[tokio::test]
async fn f03_a_late_request_goes_on_with_what_was_refreshed_since() {
    let app = app();
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME);
    let before = browser.jar();
    let visit = app.visit(&browser);
    visit.api("op").unwrap().token().await.unwrap();
    app.finish(&visit, &browser);
    let visit = app.visit(&browser);
    let newest = visit.api("op").unwrap().refresh().await.unwrap();
    app.finish(&visit, &browser);

    let late = app.browser();
    late.set_jar(before);
    let visit = app.visit(&late);
    let token = visit.api("op").unwrap().token().await.unwrap();
    assert_eq!(
        token.access_token().secret(),
        newest.access_token().secret()
    );
    let headers = app.finish(&visit, &late);
    browser.take_cookies(support::ORIGIN, &headers).unwrap();
    app.clock.advance(GRACE);
    app.clock.advance(LIFETIME);
    token_of_a_request(&app, &browser).await;
    assert_eq!(app.op.refreshes(), ["refresh-1", "refresh-2", "refresh-3"]);
}
