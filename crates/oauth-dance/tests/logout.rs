//! A logout forgets what it can, and an application hears of it whatever the store does.

mod support;

use http::header::SET_COOKIE;
use http::{HeaderValue, Method};
use oauth_dance::{Dance, LoggedOut, OAUTH_LOGGED_OUT, StoreKey, TokenStore as _};
use oauth_dance_suites::{FaultyStore, Verb};

use self::support::{App, app_with};

/// An application that ends its own session when a browser signs out.
fn app(store: &FaultyStore) -> App {
    let app = app_with(|dance| dance.store(store.clone()), |dances| dances);
    let signal = app.signals.of(&OAUTH_LOGGED_OUT);
    signal.connect(|_: &Dance, logout: &LoggedOut| {
        assert_eq!(logout.request().uri.path(), "/logout/op");
        logout.set_cookie(HeaderValue::from_static("own=; Max-Age=0"));
    });
    app
}

#[tokio::test]
async fn i16_the_application_ends_its_session_also_when_the_store_is_down() {
    for (down, status) in [(false, 303), (true, 503)] {
        let store = FaultyStore::default();
        let app = app(&store);
        let browser = app.signed_in().await;
        if down {
            store.fail([Verb::Load, Verb::Delete]);
        }
        let answer = app.ask(&browser, Method::POST, "/logout/op").await;
        assert_eq!(answer.status(), status);
        let cookies = answer.headers().get_all(SET_COOKIE);
        assert!(cookies.iter().any(|cookie| cookie == "own=; Max-Age=0"));
        assert!(app.visit(&browser).owner("op").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn i16_a_token_that_cannot_be_loaded_is_deleted() {
    let store = FaultyStore::default();
    let app = app(&store);
    let browser = app.signed_in().await;
    let owner = app
        .visit(&browser)
        .owner("op")
        .await
        .unwrap()
        .unwrap()
        .clone();
    store.fail([Verb::Load]);
    let answer = app.ask(&browser, Method::POST, "/logout/op").await;
    assert_eq!(answer.status(), 303);
    let key = StoreKey::new("op", owner);
    assert!(store.inner().load(&key).await.unwrap().is_none());
}
