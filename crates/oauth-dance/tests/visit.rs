//! A visit knows what it has done itself, and what a page may not do to caches.

mod support;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use oauth_dance::{ApiError, ClientError, HttpClient, Limits, LoginRequired, MemoryStore, leaf};
use serde_json::Value;

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

/// A provider whose answers are changed on their way.
struct Changed(Op, fn(&mut Value));

#[async_trait]
impl HttpClient for Changed {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let mut response = self.0.send(request, limits).await?;
        let mut answer: Value = serde_json::from_slice(response.body()).unwrap();
        self.1(&mut answer);
        *response.body_mut() = answer.to_string().into();
        Ok(response)
    }
}

#[tokio::test]
async fn f05_a_refresh_that_cannot_be_loses_no_living_token() {
    let client = Changed(Op::default(), |it| it["refresh_token"] = Value::Null);
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

#[tokio::test]
async fn f05_an_empty_refresh_token_is_none() {
    let client = Changed(Op::default(), |it| it["refresh_token"] = "".into());
    let app = app_with(|dance| dance, |dances| dances.client(client));
    let browser = app.signed_in().await;
    let token = app.visit(&browser).api("op").unwrap().token().await;
    assert!(token.unwrap().refresh_token().is_none());
}

#[tokio::test]
async fn d23_a_token_of_16_kib_is_kept_and_a_longer_one_is_refused() {
    let longest: fn(&mut Value) = |it| it["access_token"] = "x".repeat(16 * 1024).into();
    let longer: fn(&mut Value) = |it| it["access_token"] = "x".repeat(16 * 1024 + 1).into();
    for (change, status) in [(longest, 303), (longer, 502)] {
        let client = Changed(Op::default(), change);
        let app = app_with(
            |dance| dance,
            |dances| dances.client(client).store(MemoryStore::new()),
        );
        let browser = app.browser();
        let callback = app.callback(&browser).await;
        let page = app.ask(&browser, Method::GET, &callback).await;
        assert_eq!(page.status(), status);
    }
}

#[tokio::test]
async fn a_message_keeps_its_category() {
    let app = app();
    let browser = app.browser();
    let visit = app.visit(&browser);
    visit.flash("saved");
    visit.flash_as("error", "lost");
    app.finish(&visit, &browser);
    let flashes = app.visit(&browser).take_flashes();
    let categories: Vec<&str> = flashes.iter().map(oauth_dance::Flash::category).collect();
    assert_eq!(categories, ["message", "error"]);
}

/// The page of a form, say, that shows at once what it has done.
#[tokio::test]
async fn a_message_that_its_visit_takes_after_a_first_end_is_shown_once() {
    let app = app();
    let browser = app.browser();
    let visit = app.visit(&browser);
    assert!(visit.take_flashes().is_empty());
    visit.flash("saved");
    app.finish(&visit, &browser);
    assert_eq!(visit.take_flashes().len(), 1);
    app.finish(&visit, &browser);
    assert!(app.visit(&browser).take_flashes().is_empty());
}

/// Ten seconds after the login is done, and it waits for its receivers until their deadline.
#[tokio::test]
async fn c07_a_login_that_did_not_help_is_not_begun_again_at_once() {
    let deadline = Duration::from_secs(5);
    for (seconds, status) in [(14, 403), (15, 303)] {
        let app = app_with(|dance| dance, |dances| dances.receiver_deadline(deadline));
        let browser = app.signed_in().await;
        app.clock.advance(Duration::from_secs(seconds));
        let required = LoginRequired::new(app.dances.get("op").unwrap());
        let response = leaf::login_required(&app.visit(&browser), &required).await;
        assert_eq!(response.status(), status, "after {seconds} seconds");
    }
}

#[tokio::test]
async fn c07_a_page_that_needs_another_login_says_that_the_last_one_did_not_help() {
    let app = app();
    let browser = app.signed_in().await;
    let required = LoginRequired::new(app.dances.get("op").unwrap());
    let response = leaf::login_required(&app.visit(&browser), &required).await;
    let page = String::from_utf8_lossy(response.body()).into_owned();
    assert!(page.contains("The sign-in did not help"), "{page}");
}

#[tokio::test]
async fn k01_what_is_printed_names_dances_and_shows_no_secret() {
    let app = app();
    let browser = app.signed_in().await;
    let dance = app.dances.get("op").unwrap();
    assert_eq!(format!("{dance:?}"), r#"Dance("op")"#);
    assert_eq!(format!("{:?}", app.dances), r#"[Dance("op")]"#);
    let visit = app.visit(&browser);
    assert_eq!(
        format!("{visit:?}"),
        r#"Visit { dances: [Dance("op")], .. }"#
    );
    assert_eq!(format!("{:?}", app.signals), "SignalSet { .. }");
}

#[tokio::test]
async fn a_dance_that_does_not_exist_has_neither_an_api_nor_an_owner() {
    let app = app();
    let visit = app.visit(&app.browser());
    let api = visit.api("oq").unwrap_err();
    assert!(matches!(api, ApiError::UnknownDance(_)), "{api:?}");
    let owner = visit.owner("oq").await.unwrap_err();
    assert_eq!(owner.to_string(), api.to_string());
}
