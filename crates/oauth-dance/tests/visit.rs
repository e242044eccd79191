//! A visit knows what it has done itself, and what a page may not do to caches.

mod support;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Request, Response};
use oauth_dance::{ApiError, ClientError, HttpClient, Limits};

use self::support::{LIFETIME, Op, app, app_with};

fn set_cookies(headers: &HeaderMap) -> usize {
    headers.get_all(SET_COOKIE).iter().count()
}

#[tokio::test]
async fn f03_many_calls_of_one_visit_set_one_cookie() {
    let app = app();
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME);
    let visit = app.visit(&browser);
    let api = visit.api("op").unwrap();
    for _ in 0..20 {
        api.get("/user").await.unwrap();
    }
    assert_eq!(app.op.refreshes().len(), 1);
    assert_eq!(set_cookies(&app.finish(&visit, &browser)), 1);
}

#[tokio::test]
async fn f03_a_long_visit_refreshes_with_what_it_was_given_last() {
    let app = app();
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    for _ in 0..3 {
        app.clock.advance(LIFETIME);
        visit.api("op").unwrap().token().await.unwrap();
    }
    assert_eq!(app.op.refreshes(), ["refresh-1", "refresh-2", "refresh-3"]);
    assert_eq!(set_cookies(&app.finish(&visit, &browser)), 1);

    // The browser has the last one.
    app.clock.advance(LIFETIME);
    let visit = app.visit(&browser);
    visit.api("op").unwrap().token().await.unwrap();
    assert_eq!(app.op.refreshes().last().unwrap(), "refresh-4");
}

#[tokio::test]
async fn f03_nothing_is_refreshed_when_the_response_has_gone() {
    let app = app();
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME - Duration::from_secs(10));
    let visit = app.visit(&browser);
    app.finish(&visit, &browser);
    let api = visit.api("op").unwrap();
    assert_eq!(
        api.token().await.unwrap().access_token().secret(),
        "access-1"
    );
    app.clock.advance(Duration::from_secs(10));
    let error = api.token().await.unwrap_err();
    assert!(matches!(error, ApiError::VisitFinished), "{error:?}");
    assert!(app.op.refreshes().is_empty(), "a refresh token was spent");
}

#[tokio::test]
async fn a_page_with_our_cookie_is_kept_by_no_cache() {
    let app = app();
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME);
    let visit = app.visit(&browser);
    visit.api("op").unwrap().token().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    );
    oauth_dance::leaf::finish(&visit, &mut headers);
    assert_eq!(headers.get_all(CACHE_CONTROL).iter().count(), 1);
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert_eq!(headers[VARY], "cookie");
}

#[tokio::test]
async fn a_page_that_asks_who_is_there_varies_and_another_is_left_alone() {
    let app = app();
    let browser = app.signed_in().await;
    let asks = app.visit(&browser);
    assert!(asks.owner("op").await.unwrap().is_some());
    let headers = app.finish(&asks, &browser);
    assert_eq!(headers[VARY], "cookie");
    assert!(!headers.contains_key(CACHE_CONTROL));

    let shows = app.visit(&browser);
    assert!(shows.take_flashes().is_empty());
    assert_eq!(app.finish(&shows, &browser)[VARY], "cookie");

    let neither = app.visit(&browser);
    assert!(app.finish(&neither, &browser).is_empty());
}

#[tokio::test]
async fn a_message_outlives_a_second_end_of_its_visit() {
    let app = app();
    for (takes, expected) in [
        (false, ["old", "one", "two"].as_slice()),
        (true, &["one", "two"]),
    ] {
        let browser = app.browser();
        let visit = app.visit(&browser);
        visit.flash("old");
        app.finish(&visit, &browser);

        let visit = app.visit(&browser);
        if takes {
            assert_eq!(visit.take_flashes().len(), 1);
        }
        visit.flash("one");
        app.finish(&visit, &browser);
        visit.flash("two");
        app.finish(&visit, &browser);
        // Nothing has changed since.
        assert_eq!(set_cookies(&app.finish(&visit, &browser)), 0);
        let left = app.visit(&browser).take_flashes();
        let left: Vec<&str> = left.iter().map(oauth_dance::Flash::text).collect();
        assert_eq!(left, expected, "taken: {takes}");
    }
}

/// A provider that grants no refresh tokens.
struct WithoutRefresh(Op);

#[async_trait]
impl HttpClient for WithoutRefresh {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let mut response = self.0.send(request, limits).await?;
        let mut answer: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        answer["refresh_token"] = serde_json::Value::Null;
        *response.body_mut() = answer.to_string().into();
        Ok(response)
    }
}

#[tokio::test]
async fn f05_a_refresh_that_cannot_be_loses_no_living_token() {
    let client = WithoutRefresh(Op::default());
    let app = app_with(|dance| dance, |dances| dances.client(client));
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let error = visit.api("op").unwrap().refresh().await.unwrap_err();
    assert!(error.as_login_required().is_some(), "{error:?}");
    assert_eq!(set_cookies(&app.finish(&visit, &browser)), 0);
    let visit = app.visit(&browser);
    assert!(visit.api("op").unwrap().token().await.is_ok());

    // One that has expired is of no use any more.
    app.clock.advance(LIFETIME);
    assert!(visit.api("op").unwrap().refresh().await.is_err());
    assert_eq!(set_cookies(&app.finish(&visit, &browser)), 1);
}
