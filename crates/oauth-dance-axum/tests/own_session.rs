//! A session of the application's own beside the dance's, kept by tower-sessions.

use axum::Router;
use axum::routing::get;
use oauth_dance::{Dance, Dances, Key, LoggedIn, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_testkit::{Browser, DevProvider};
use tower_sessions::cookie::SameSite;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

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

/// What the guide recommends: a new identifier for the session, then who it belongs to.
async fn begin_session(_: &Dance, login: &LoggedIn) -> Result<(), Failure> {
    let session: &Session = login.extension()?;
    session.cycle_id().await?;
    let user = login.require_identity()?.display_name();
    session.insert("user", user).await?;
    Ok(())
}

/// A browser of the application, which has this session layer. Its people sign in at another site.
fn browser(sessions: SessionManagerLayer<MemoryStore>) -> Browser {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(begin_session);
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/account"))
        .build()
        .unwrap();
    let app = Router::new()
        .route("/book", get(take_a_book))
        .route("/account", get(account));
    Browser::of(
        ORIGIN,
        oauth_dance_axum::mount(app, &dances).layer(sessions),
    )
}

#[tokio::test]
async fn a_lax_session_comes_back_from_the_provider() {
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_same_site(SameSite::Lax);
    let browser = browser(sessions);
    browser.get("/book").await.unwrap();
    let anonymous = browser.cookie("id").expect("a session");

    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), r#"Some("Ada Lovelace") Some("a book")"#);
    let identified = browser.cookie("id").expect("a session");
    assert_ne!(identified, anonymous, "the identifier has to be a new one");
}

/// The default of tower-sessions. The guide says so; if this test fails, the guide is out of date.
#[tokio::test]
async fn a_strict_session_does_not_come_back_from_the_provider() {
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let browser = browser(sessions);
    browser.get("/book").await.unwrap();
    let page = browser.sign_in("/login/github", "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), "None None", "the page after the login");

    // From then on the requests come from the application's own pages. The cart is gone for good.
    let page = browser.get("/account").await.unwrap();
    assert_eq!(page.text(), r#"Some("Ada Lovelace") None"#);
}
