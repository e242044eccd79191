//! A session of the application's own beside the dance's, kept by poem.

mod support;

use oauth_dance::{Dance, Dances, LoggedIn, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_testkit::{Browser, DevProvider};
use poem::session::{CookieConfig, MemoryStorage, ServerSession, Session};
use poem::web::cookie::SameSite;
use poem::{EndpointExt as _, Route, get, handler};
use tokio::task::JoinSet;

use crate::support::{ORIGIN, browser_of};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the crate's documentation recommends: a new identifier for the session, then who it belongs to.
fn begin_session(_: &Dance, login: &LoggedIn) -> Result<(), Failure> {
    let session: &Session = login.extension()?;
    session.renew();
    session.set("user", login.require_identity()?.display_name());
    Ok(())
}

/// Puts something into the session of a visitor who is not signed in.
#[handler]
fn take_a_book(session: &Session) -> &'static str {
    session.set("cart", "a book");
    "It is in the cart."
}

#[handler]
fn account(session: &Session) -> String {
    let user: Option<String> = session.get("user");
    let cart: Option<String> = session.get("cart");
    format!("{user:?} {cart:?}")
}

/// A browser of the application, whose session has the cookie that the documentation recommends.
async fn browser() -> (JoinSet<std::io::Result<()>>, Browser) {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(begin_session);
    let dances = Dances::builder(ORIGIN, oauth_dance::Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/account"))
        .build()
        .unwrap();
    let cookie = CookieConfig::default().name("id").same_site(SameSite::Lax);
    let app = Route::new()
        .at("/book", get(take_a_book))
        .at("/account", get(account));
    let app = oauth_dance_poem::mount(app, &dances)
        .with(ServerSession::new(cookie, MemoryStorage::new()));
    browser_of(app).await
}

#[tokio::test]
async fn a_lax_session_comes_back_from_the_provider() {
    let (_server, browser) = browser().await;
    browser.get(format!("{ORIGIN}/book")).await.unwrap();
    let anonymous = browser.cookie("id").expect("a session");

    let login = format!("{ORIGIN}/login/github");
    let page = browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), r#"Some("Ada Lovelace") Some("a book")"#);
    let identified = browser.cookie("id").expect("a session");
    assert_ne!(identified, anonymous, "the identifier has to be a new one");
}

/// The session that was there before the login is worth nothing after it.
#[tokio::test]
async fn i01_a_planted_session_is_not_signed_in() {
    let (_server, browser) = browser().await;
    browser.get(format!("{ORIGIN}/book")).await.unwrap();
    let planted = browser.cookie("id").expect("a session");
    let login = format!("{ORIGIN}/login/github");
    browser.sign_in(&login, "ada").await.unwrap();

    let attacker = browser.of_another_person();
    attacker.change_jar(|jar| jar.plant("app.localhost", "id", &planted));
    let page = attacker.get(format!("{ORIGIN}/account")).await.unwrap();
    assert_eq!(page.text(), "None None");
}
