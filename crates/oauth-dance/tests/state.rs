//! What receivers are given: the application's state, the request's extensions, the identity. What is
//! missing says which call adds it.

mod support;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use oauth_dance::{
    Authorized, BeforeLogin, Dance, LoggedIn, LoggedOut, Missing, OAUTH_AUTHORIZED,
    OAUTH_BEFORE_LOGIN, OAUTH_LOGGED_IN, OAUTH_LOGGED_OUT,
};
use parking_lot::Mutex;

use self::support::{app, app_with};

/// Not `Clone`, as many a pool is not.
struct Pool(&'static str);

#[derive(Clone)]
struct AppSession(&'static str);

type Seen = Arc<Mutex<Vec<String>>>;

fn notes(seen: &Seen, found: Result<String, Missing>) {
    let text = found.unwrap_or_else(|missing| missing.to_string());
    seen.lock().push(text);
}

#[tokio::test]
async fn every_payload_has_the_state_that_was_given() {
    let app = app_with(
        |dance| dance,
        |dances| dances.state(Pool("old")).state(Pool("new")).state(7_u8),
    );
    let seen = Seen::default();
    let to = Arc::clone(&seen);
    app.signals
        .of(&OAUTH_BEFORE_LOGIN)
        .connect(move |_: &Dance, login: &BeforeLogin| {
            notes(&to, login.state::<Pool>().map(|pool| pool.0.to_owned()));
        });
    let to = Arc::clone(&seen);
    app.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            notes(&to, login.state::<u8>().map(u8::to_string));
        });
    let to = Arc::clone(&seen);
    app.signals
        .of(&OAUTH_LOGGED_IN)
        .connect(move |_: &Dance, login: &LoggedIn| {
            notes(&to, login.state::<Pool>().map(|pool| pool.0.to_owned()));
        });
    let to = Arc::clone(&seen);
    app.signals
        .of(&OAUTH_LOGGED_OUT)
        .connect(move |_: &Dance, logout: &LoggedOut| {
            notes(&to, logout.state::<Pool>().map(|pool| pool.0.to_owned()));
        });
    let mut browser = app.signed_in().await;
    app.ask(&browser, http::Method::POST, "/logout/op").await;
    assert_eq!(*seen.lock(), ["new", "7", "new", "new"]);
}

#[tokio::test]
async fn an_extension_of_the_request_is_at_hand() {
    let app = app();
    let seen = Seen::default();
    let to = Arc::clone(&seen);
    app.signals
        .of(&OAUTH_BEFORE_LOGIN)
        .connect(move |_: &Dance, login: &BeforeLogin| {
            notes(
                &to,
                login.extension::<AppSession>().map(|it| it.0.to_owned()),
            );
        });
    let mut request = Request::get("/login/op").body(Bytes::new()).unwrap();
    request.extensions_mut().insert(AppSession("session 7"));
    app.dances.handle(request).await;
    assert_eq!(*seen.lock(), ["session 7"]);
}

#[tokio::test]
async fn what_is_missing_names_its_type_and_the_call_that_adds_it() {
    let app = app();
    let seen = Seen::default();
    let to = Arc::clone(&seen);
    app.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            notes(&to, login.state::<Pool>().map(|_| String::new()));
            notes(&to, login.extension::<AppSession>().map(|_| String::new()));
            notes(&to, login.require_identity().map(|_| String::new()));
        });
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    app.ask(&browser, http::Method::GET, &callback).await;
    assert_eq!(
        *seen.lock(),
        [
            "the application has no state of type `state::Pool`: add it with `DancesBuilder::state`",
            "the request carries no extension of type `state::AppSession`: add the middleware that inserts it, outside of the routes of the dance",
            "the dance \"op\" does not know who signed in: give its provider a userinfo endpoint with `Provider::userinfo`, and do not call `without_identity`",
        ]
    );
}
