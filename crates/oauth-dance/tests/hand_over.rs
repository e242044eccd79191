//! A receiver leaves a value for the code around the dance, which has what no receiver can hold.

mod support;

use bytes::Bytes;
use http::{Request, Response};
use oauth_dance::{
    Authorized, Dance, LoggedIn, LoggedOut, LoginFailure, OAUTH_AUTHORIZED, OAUTH_ERROR,
    OAUTH_LOGGED_IN, OAUTH_LOGGED_OUT, Outcome,
};
use oauth_dance_testkit::Browser;

use self::support::{App, ORIGIN, app};

#[derive(Debug, Clone, PartialEq, Eq)]
struct SignIn(&'static str);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Welcome(u32);

/// Finishes a login, and returns the response as the code around the dance has it.
async fn finished(app: &App, browser: &Browser) -> Response<Bytes> {
    let callback = app.callback(browser).await;
    let head = browser.head(format!("{ORIGIN}{callback}")).unwrap();
    let request = Request::from_parts(head, Bytes::new());
    app.dances.handle(request).await
}

#[tokio::test]
async fn what_receivers_hand_over_is_in_the_extensions_of_the_response() {
    let app = app();
    let authorized = app.signals.of(&OAUTH_AUTHORIZED);
    authorized.connect(|_: &Dance, login: &Authorized| login.hand_over(SignIn("ada")));
    let logged_in = app.signals.of(&OAUTH_LOGGED_IN);
    logged_in.connect(|_: &Dance, login: &LoggedIn| login.hand_over(Welcome(7)));
    let response = finished(&app, &app.browser()).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.extensions().get(), Some(&SignIn("ada")));
    assert_eq!(response.extensions().get(), Some(&Welcome(7)));
}

#[tokio::test]
async fn of_two_values_of_one_type_the_later_stays() {
    let app = app();
    let authorized = app.signals.of(&OAUTH_AUTHORIZED);
    authorized.connect(|_: &Dance, login: &Authorized| {
        login.hand_over(SignIn("first"));
        login.hand_over(SignIn("second"));
    });
    let logged_in = app.signals.of(&OAUTH_LOGGED_IN);
    logged_in.connect(|_: &Dance, login: &LoggedIn| login.hand_over(SignIn("third")));
    let response = finished(&app, &app.browser()).await;
    assert_eq!(response.extensions().get(), Some(&SignIn("third")));
}

#[tokio::test]
async fn a_reply_of_a_receiver_keeps_what_was_handed_over() {
    let app = app();
    let authorized = app.signals.of(&OAUTH_AUTHORIZED);
    authorized.connect(|_: &Dance, login: &Authorized| {
        login.hand_over(SignIn("ada"));
        Some(Outcome::redirect("/here").and_discard())
    });
    let response = finished(&app, &app.browser()).await;
    assert_eq!(response.extensions().get(), Some(&SignIn("ada")));
}

#[tokio::test]
async fn h03_a_login_that_fails_hands_over_no_sign_in() {
    let app = app();
    let authorized = app.signals.of(&OAUTH_AUTHORIZED);
    authorized.connect(|_: &Dance, login: &Authorized| login.hand_over(SignIn("ada")));
    authorized.connect(|_: &Dance, _: &Authorized| Err::<(), _>("told to fail"));
    let error = app.signals.of(&OAUTH_ERROR);
    error.connect(|_: &Dance, failure: &LoginFailure| failure.hand_over(Welcome(0)));
    let response = finished(&app, &app.browser()).await;
    assert_eq!(response.extensions().get::<SignIn>(), None);
    assert_eq!(response.extensions().get(), Some(&Welcome(0)));
}

#[tokio::test]
async fn a_page_that_signs_out_takes_what_was_handed_over_once() {
    let app = app();
    let logged_out = app.signals.of(&OAUTH_LOGGED_OUT);
    logged_out.connect(|_: &Dance, logout: &LoggedOut| logout.hand_over(SignIn("no one")));
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    visit.sign_out(&app.posted(&browser)).await.unwrap();
    assert_eq!(visit.handed_over(), Some(SignIn("no one")));
    assert_eq!(visit.handed_over::<SignIn>(), None);
}
