//! What the pages of a login that failed say to the user.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use oauth_dance::{
    Authorized, ClientError, ClientErrorKind, Dance, HttpClient, Limits, LoggedOut, LoginFailure,
    LoginRequired, OAUTH_AUTHORIZED, OAUTH_ERROR, OAUTH_LOGGED_OUT, leaf,
};
use oauth_dance_testkit::Page;
use parking_lot::Mutex;

use self::support::{App, app, app_with};

/// A provider that does not answer, for this reason.
struct Silent(ClientErrorKind);

#[async_trait]
impl HttpClient for Silent {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
        Err(ClientError::new(self.0))
    }
}

fn silent(kind: ClientErrorKind) -> App {
    app_with(|dance| dance, |dances| dances.client(Silent(kind)))
}

/// The page after a login that was begun here, with `change` made to the address of its callback.
async fn page_of(app: &App, change: impl FnOnce(String) -> String) -> Page {
    let browser = app.browser();
    let callback = change(app.callback(&browser).await);
    app.ask(&browser, Method::GET, &callback).await
}

#[tokio::test]
async fn a_failed_login_says_whose_failure_it_was() {
    let refuses = app();
    let fails = |_: &Dance, _: &Authorized| -> Result<(), &'static str> { Err("no") };
    refuses.signals.of(&OAUTH_AUTHORIZED).connect(fails);
    let unchanged: fn(String) -> String = |callback| callback;
    for (app, change, heading) in [
        (
            silent(ClientErrorKind::Timeout),
            unchanged,
            "The provider took too long to confirm the sign-in",
        ),
        (
            silent(ClientErrorKind::Connect),
            unchanged,
            "The provider could not confirm the sign-in",
        ),
        (
            app(),
            |callback| callback.replace("code=code&", ""),
            "The provider sent you back with something we cannot use",
        ),
        (refuses, unchanged, "We could not finish the sign-in"),
    ] {
        let page = page_of(&app, change).await;
        assert!(page.text().contains(heading), "{}", page.text());
    }
}

#[tokio::test]
async fn the_applications_own_page_is_told_the_status() {
    let told = Arc::new(Mutex::new(None));
    let to = Arc::clone(&told);
    let client = Silent(ClientErrorKind::Timeout);
    let app = app_with(
        |dance| dance,
        |dances| {
            dances.client(client).pages(move |page| {
                *to.lock() = Some(page.status());
                None
            })
        },
    );
    let page = page_of(&app, |callback| callback).await;
    assert_eq!(*told.lock(), Some(StatusCode::GATEWAY_TIMEOUT));
    assert_eq!(page.status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn the_applications_own_page_is_given_the_messages_that_wait() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&told);
    let app = app_with(
        |dance| dance,
        |dances| {
            dances.pages(move |page| {
                let flashes = page.flashes().iter();
                to.lock().extend(flashes.map(|it| it.text().to_owned()));
                None
            })
        },
    );
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    visit.flash("welcome");
    app.finish(&visit, &browser);
    let required = LoginRequired::new(app.dances.get("op").unwrap());
    leaf::login_required(&app.visit(&browser), &required).await;
    assert_eq!(*told.lock(), ["welcome"]);
}

/// An application whose receiver of a failed login leaves a message, and what its own pages are told.
fn leaves_a_message() -> (App, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&told);
    let client = Silent(ClientErrorKind::Refused);
    let app = app_with(
        |dance| dance,
        |dances| {
            dances.client(client).pages(move |page| {
                let flashes = page.flashes().iter();
                to.lock().extend(flashes.map(|it| it.text().to_owned()));
                None
            })
        },
    );
    let signal = app.signals.of(&OAUTH_ERROR);
    signal.connect(|_: &Dance, failure: &LoginFailure| failure.flash("it failed"));
    (app, told)
}

#[tokio::test]
async fn a_message_about_a_failed_login_is_on_the_page_about_it() {
    let (app, told) = leaves_a_message();
    let page = page_of(&app, |callback| callback).await;
    assert!(page.text().contains("it failed"), "{}", page.text());
    assert_eq!(*told.lock(), ["it failed"]);
}

#[tokio::test]
async fn a_message_on_the_page_of_a_failed_login_is_shown_once_with_those_that_waited() {
    let (app, told) = leaves_a_message();
    let browser = app.browser();
    let visit = app.visit(&browser);
    visit.flash("welcome");
    app.finish(&visit, &browser);
    let callback = app.callback(&browser).await;
    app.ask(&browser, Method::GET, &callback).await;
    assert_eq!(*told.lock(), ["welcome", "it failed"]);
    assert!(app.visit(&browser).take_flashes().is_empty());
}

#[tokio::test]
async fn a_callback_of_another_site_takes_no_message() {
    let (app, told) = leaves_a_message();
    let browser = app.browser();
    let visit = app.visit(&browser);
    visit.flash("welcome");
    app.finish(&visit, &browser);
    app.ask(&browser, Method::GET, "/login/op/authorized?code=a&state=b")
        .await;
    assert!(told.lock().is_empty());
    assert_eq!(app.visit(&browser).take_flashes().len(), 1);
}

#[tokio::test]
async fn a_message_about_a_sign_out_is_on_the_page_about_its_failure() {
    let app = app();
    let signal = app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(|_: &Dance, logout: &LoggedOut| -> Result<(), &str> {
        logout.flash("good-bye");
        Err("no")
    });
    let browser = app.signed_in().await;
    let page = app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(page.status(), 500);
    assert!(page.text().contains("good-bye"), "{}", page.text());
    assert!(app.visit(&browser).take_flashes().is_empty());
}

#[tokio::test]
async fn the_page_for_who_has_no_account_says_what_its_button_is_for() {
    let app = app();
    let visit = app.visit(&app.signed_in().await);
    let error = visit.require_user().await.unwrap_err();
    let required = error.as_login_required().unwrap();
    let response = leaf::login_required(&visit, required).await;
    let page = String::from_utf8_lossy(response.body()).into_owned();
    assert!(page.contains("sign in again with"), "{page}");
    assert!(page.contains(">Sign in again</a>"), "{page}");
}
