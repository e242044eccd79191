//! Rejections: what becomes of them inside of the service, with and without a `recover` of the application.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, LOCATION};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use oauth_dance::{Authorized, Dance, Dances, Key, OAUTH_AUTHORIZED, SignalSet, Visit, providers};
use oauth_dance_testkit::{Browser, DevProvider};
use oauth_dance_warp::{Api, App, Error, api, flashes, recover, routes, service, signed_in, visit};
use tokio::sync::Notify;
use tower_service::Service as _;
use warp::reply::{Response, WithStatus, with_status};
use warp::{Filter, Rejection, path, reject};

const ORIGIN: &str = "https://app.test";
const LOGIN: &str = "https://app.test/login/github?next=%2Fpage";

type GitHub = Api<providers::GitHub>;

fn dances() -> Dances {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    let greet = |_: &Dance, login: &Authorized| login.flash("Welcome.");
    signals.of(&OAUTH_AUTHORIZED).connect(greet);
    Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/lost"))
        .build()
        .unwrap()
}

/// Asks for a page as a browser does that is not signed in.
async fn ask(mut app: App, path: &str) -> Response {
    let request = Request::get(path).header(ACCEPT, "text/html");
    let Ok(response) = app
        .call(request.body(Full::<Bytes>::default()).unwrap())
        .await;
    response
}

async fn text(response: Response) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

fn location(response: &Response) -> Option<&str> {
    Some(response.headers().get(LOCATION)?.to_str().unwrap())
}

/// A `recover` of an application that makes one page of every rejection.
async fn sorry(_: Rejection) -> Result<WithStatus<&'static str>, Infallible> {
    Ok(with_status("Sorry.", StatusCode::INTERNAL_SERVER_ERROR))
}

async fn calls(visit: Visit) -> Result<String, Rejection> {
    let api = visit.api("github").map_err(Error::from)?;
    let answer = api.get("/user").await.map_err(Error::from)?;
    Ok(answer.status().to_string())
}

async fn misspells(visit: Visit) -> Result<String, Rejection> {
    let api = visit.api("gitbuh").map_err(Error::from)?;
    Ok(format!("{api:?}"))
}

#[tokio::test]
async fn a_rejection_of_a_filter_leads_to_the_login() {
    let page = path!("page").and(api()).map(|_: GitHub| "");
    let response = ask(service(page, &dances()), "/page").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&response), Some(LOGIN));
}

#[tokio::test]
async fn a_rejection_of_a_handler_leads_to_the_login() {
    let page = path!("page").and(visit()).and_then(calls);
    let response = ask(service(page, &dances()), "/page").await;
    assert_eq!(location(&response), Some(LOGIN));
}

#[tokio::test]
async fn the_login_takes_the_place_of_an_error_page_of_the_application() {
    let of_filter = path!("page").and(signed_in()).map(|_: i64| "");
    let response = ask(service(of_filter.recover(sorry), &dances()), "/page").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&response), Some(LOGIN));

    let of_handler = path!("page").and(visit()).and_then(calls);
    let response = ask(service(of_handler.recover(sorry), &dances()), "/page").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&response), Some(LOGIN));
}

#[tokio::test]
async fn an_error_page_for_another_rejection_stays() {
    let page = path!("page").and(api()).map(|_: GitHub| "");
    let response = ask(service(page.recover(sorry), &dances()), "/other").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text(response).await, "Sorry.");
}

#[tokio::test]
async fn a_page_for_guests_after_the_page_for_users_stays() {
    let users = path!("page").and(api()).map(|_: GitHub| "user");
    let guests = path!("page").map(|| "guest");
    let response = ask(service(users.or(guests), &dances()), "/page").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "guest");
}

#[tokio::test]
async fn an_error_of_the_dance_keeps_its_page_if_it_is_recovered_first() {
    let page = path!("page").and(visit()).and_then(misspells);
    let app = service(page.recover(recover).recover(sorry), &dances());
    let response = ask(app.clone(), "/page").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(text(response).await, "");
    assert_eq!(text(ask(app, "/other").await).await, "Sorry.");
}

#[tokio::test]
async fn a_recover_of_the_application_reads_the_error() {
    async fn own(rejection: Rejection) -> Result<String, Rejection> {
        let error = Error::of(&rejection).and_then(Error::as_api_error);
        Ok(error.ok_or_else(reject::not_found)?.to_string())
    }
    let page = path!("page").and(visit()).and_then(misspells);
    let app = service(page.recover(own), &dances());
    let response = ask(app.clone(), "/page").await;
    assert!(text(response).await.contains("gitbuh"));
    assert_eq!(ask(app, "/other").await.status(), StatusCode::NOT_FOUND);
}

/// The page has taken the message, and rejects. The next page shows it no more.
#[tokio::test]
async fn the_cookies_of_a_visit_go_out_with_a_rejection() {
    let dances = dances();
    let lost = path!("lost").and(flashes());
    let lost = lost.and_then(async |flashes: Vec<_>| match flashes.len() {
        1 => Err::<&str, _>(reject::not_found()),
        _ => Ok("no message"),
    });
    let app = service(routes(&dances).or(lost), &dances);
    let browser = Browser::of(ORIGIN, app);
    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let page = browser.get("/lost").await.unwrap();
    assert_eq!(page.text(), "no message");
}

/// Two requests take turns on one thread. One of them needs a login.
#[tokio::test]
async fn a_login_is_for_the_request_that_needs_it() {
    let turn = Arc::new(Notify::new());
    let waits = turn.clone();
    let slow = path!("page").and(visit()).and_then(move |visit: Visit| {
        let waits = waits.clone();
        async move {
            waits.notified().await;
            calls(visit).await
        }
    });
    let quick = path!("other").and(visit()).and_then(move |_: Visit| {
        let turn = turn.clone();
        async move {
            turn.notify_one();
            tokio::task::yield_now().await;
            Err::<&str, _>(reject::not_found())
        }
    });
    let app = service(slow.or(quick).recover(sorry), &dances());
    let (slow, quick) = tokio::join!(ask(app.clone(), "/page"), ask(app, "/other"));
    assert_eq!(location(&slow), Some(LOGIN));
    assert_eq!(text(quick).await, "Sorry.");
}
