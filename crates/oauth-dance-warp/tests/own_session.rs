//! A session of the application's own beside the dance's, kept by tower-sessions.

use oauth_dance::{Dance, Dances, Key, LoggedIn, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_testkit::{Browser, DevProvider};
use oauth_dance_warp::{routes, service};
use tower_layer::Layer as _;
use tower_sessions::cookie::SameSite;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};
use warp::{Filter as _, ext, path};

const ORIGIN: &str = "https://app.localhost";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Puts something into the session of a visitor who is not signed in.
async fn take_a_book(session: Session) -> &'static str {
    session.insert("cart", "a book").await.unwrap();
    "It is in the cart."
}

async fn account(session: Session) -> String {
    let user: Option<String> = session.get("user").await.unwrap();
    let cart: Option<String> = session.get("cart").await.unwrap();
    format!("{user:?} {cart:?}")
}

/// What the documentation recommends: a new identifier for the session, then who it belongs to.
async fn begin_session(_: &Dance, login: &LoggedIn) -> Result<(), Failure> {
    let session: &Session = login.extension()?;
    session.cycle_id().await?;
    let user = login.require_identity()?.display_name();
    session.insert("user", user).await?;
    Ok(())
}

/// A browser of the application. Its people sign in at another site.
fn browser() -> Browser {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(begin_session);
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/account"))
        .build()
        .unwrap();
    let pages = path!("book")
        .and(ext::get())
        .then(take_a_book)
        .or(path!("account").and(ext::get()).then(account));
    let app = service(routes(&dances).or(pages), &dances);
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_same_site(SameSite::Lax);
    Browser::of(ORIGIN, sessions.layer(app))
}

#[tokio::test]
async fn a_lax_session_comes_back_from_the_provider() {
    let browser = browser();
    browser.get("/book").await.unwrap();
    let anonymous = browser.cookie("id").expect("a session");

    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), r#"Some("Ada Lovelace") Some("a book")"#);
    let identified = browser.cookie("id").expect("a session");
    assert_ne!(identified, anonymous, "the identifier has to be a new one");
}

/// A login that the user refuses signs no one into the session.
#[tokio::test]
async fn a_denied_login_begins_no_session() {
    let browser = browser();
    let page = browser.get("/login/github").await.unwrap();
    let page = browser.follow(page).await.unwrap();
    browser.deny(&page, "ada").await.unwrap();
    let page = browser.get("/account").await.unwrap();
    assert_eq!(page.text(), "None None");
}
