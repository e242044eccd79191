//! Tokens in cookies: a request that left with cookies that were replaced while it was on its way.

mod support;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use oauth_dance::{ClientError, HttpClient, Limits};
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
