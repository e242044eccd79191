//! What handlers return and take: errors of the dance, and users of a type of the application's own.

use std::error::Error as StdError;
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use axum::Router;
use axum::routing::{get, post};
use http::request::Parts;
use oauth_dance::{
    Authorized, Dance, Dances, Key, LoggedOut, OAUTH_AUTHORIZED, OAUTH_LOGGED_OUT, Provider,
    SignalSet, providers,
};
use oauth_dance_axum::{Api, Error, SignedIn, Visit};
use oauth_dance_testkit::{Browser, DevProvider};

const ORIGIN: &str = "https://app.test";

/// A user of the application.
#[derive(Debug, Clone, Copy)]
struct MemberId(i64);

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "member-{}", self.0)
    }
}

impl FromStr for MemberId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.trim_start_matches("member-").parse().map(Self)
    }
}

async fn number(SignedIn(MemberId(number)): SignedIn<MemberId>) -> String {
    number.to_string()
}

async fn repositories(github: Api<providers::GitHub>) -> Result<String, Error> {
    let response = github.get("/user/repos").await?.error_for_status()?;
    Ok(String::from_utf8_lossy(response.body()).into_owned())
}

async fn sessions(Visit(visit): Visit) -> Result<String, Error> {
    Ok(visit.dances().sessions(7).await?.len().to_string())
}

async fn sign_out(Visit(visit): Visit, request: Parts) -> Result<&'static str, Error> {
    visit.sign_out(&request).await?;
    Ok("Good-bye.")
}

/// A browser of an application whose dances have these receivers.
fn browser(signals: &SignalSet) -> Browser {
    let github = DevProvider::standing_in_for(providers::github());
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .signals(signals.clone())
        .with(github.dance().redirect_to("/"))
        .build()
        .unwrap();
    let app = Router::new()
        .route("/", get("Home"))
        .route("/number", get(number))
        .route("/repositories", get(repositories))
        .route("/sessions", get(sessions))
        .route("/sign-out", post(sign_out));
    Browser::of(ORIGIN, oauth_dance_axum::mount(app, &dances))
}

fn signs_in(_: &Dance, login: &Authorized) {
    login.sign_in(MemberId(7));
}

#[tokio::test]
async fn a_user_of_a_type_of_the_application_is_signed_in_and_read_back() {
    let signals = SignalSet::new();
    signals.of(&OAUTH_AUTHORIZED).connect(signs_in);
    let page = browser(&signals).sign_in("/number", "ada").await.unwrap();
    assert_eq!(page.text(), "7");
}

/// The receiver of the guide. It adds an account to the user who is signed in already.
async fn links(_: &Dance, login: &Authorized) -> Result<(), Box<dyn StdError + Send + Sync>> {
    let visit: &oauth_dance::Visit = login.extension()?;
    let signed_in = visit.user().await?.map(str::parse).transpose()?;
    login.sign_in(signed_in.unwrap_or(MemberId(8)));
    Ok(())
}

#[tokio::test]
async fn a_receiver_reads_the_user_who_is_signed_in_already() {
    let github = DevProvider::standing_in_for(providers::github());
    let acme = DevProvider::standing_in_for(
        Provider::oauth2(
            "acme",
            "https://acme.test/authorize",
            "https://acme.test/token",
        )
        .userinfo("https://acme.test/me", "id"),
    );
    let signals = SignalSet::new();
    let connection = signals.of(&OAUTH_AUTHORIZED).connect(signs_in);
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client().and(acme.client()))
        .signals(signals.clone())
        .with(github.dance().redirect_to("/number"))
        .with(acme.dance().redirect_to("/number"))
        .build()
        .unwrap();
    let app = Router::new().route("/number", get(number));
    let browser = Browser::of(ORIGIN, oauth_dance_axum::mount(app, &dances));
    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.text(), "7");

    // A newcomer would be member 8 from now on.
    connection.disconnect();
    signals.of(&OAUTH_AUTHORIZED).connect(links);
    let page = browser.sign_in("/login/acme", "ada").await.unwrap();
    assert_eq!(page.text(), "7");
}

#[tokio::test]
async fn a_login_without_a_user_ends_at_a_page_that_says_so() {
    let browser = browser(&SignalSet::new());
    let page = browser.sign_in("/number", "ada").await.unwrap();
    assert_eq!(page.status(), 403);
    assert!(page.text().contains("no account here"), "{page:?}");
}

#[tokio::test]
async fn an_error_of_the_api_is_an_empty_page_with_its_status() {
    let browser = browser(&SignalSet::new());
    let page = browser.sign_in("/repositories", "ada").await.unwrap();
    assert_eq!((page.status().as_u16(), &*page.text()), (502, ""));
}

#[tokio::test]
async fn sessions_that_are_kept_in_cookies_cannot_be_listed() {
    let page = browser(&SignalSet::new()).get("/sessions").await.unwrap();
    assert_eq!((page.status().as_u16(), &*page.text()), (500, ""));
}

#[tokio::test]
async fn a_page_of_the_application_signs_out() {
    let signals = SignalSet::new();
    let browser = browser(&signals);
    browser.sign_in("/login/github", "ada").await.unwrap();
    let url = format!("{ORIGIN}/sign-out");
    let page = browser.request(http::Method::POST, &*url).send();
    assert_eq!(page.await.unwrap().text(), "Good-bye.");

    let fails = |_: &Dance, _: &LoggedOut| -> Result<(), &str> { Err("no") };
    signals.of(&OAUTH_LOGGED_OUT).connect(fails);
    let page = browser.request(http::Method::POST, &*url).send();
    let page = page.await.unwrap();
    assert_eq!((page.status().as_u16(), &*page.text()), (500, ""));
}

#[tokio::test]
async fn i12_a_page_of_another_site_signs_nobody_out_by_a_page_of_the_application() {
    let browser = browser(&SignalSet::new());
    browser.sign_in("/login/github", "ada").await.unwrap();
    let before = browser.jar();
    let request = browser.request(http::Method::POST, format!("{ORIGIN}/sign-out"));
    let page = request.caused_by("https://evil.test/").send().await;
    assert_eq!(page.unwrap().status(), 403);
    assert_eq!(format!("{:?}", browser.jar()), format!("{before:?}"));
}
