//! A session of the application's own beside the dance's, kept by salvo-session.

mod support;

use oauth_dance::{Dance, Dances, LoggedIn, Missing, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_salvo::{routes, visits};
use oauth_dance_testkit::{Browser, DevProvider};
use salvo_core::http::cookie::SameSite;
use salvo_core::prelude::*;
use salvo_session::{MemoryStore, SessionDepotExt as _, SessionHandler};
use tokio::task::JoinSet;

const ORIGIN: &str = "https://app.localhost";

/// The language that a page is asked for in.
#[derive(Clone)]
struct Language(&'static str);

/// Who has signed in, and the language of the page.
#[derive(Clone)]
struct Newcomer(String);

fn welcome(_: &Dance, login: &LoggedIn) -> Result<(), Missing> {
    let Language(language) = login.extension()?;
    let name = login.require_identity()?.display_name();
    login.hand_over(Newcomer(format!("{name}, {language}")));
    Ok(())
}

/// What the crate's documentation recommends: a new identifier for the session, then who it belongs to.
#[handler]
async fn begin_session(
    req: &mut Request,
    depot: &mut Depot,
    res: &mut Response,
    ctrl: &mut FlowCtrl,
) {
    req.extensions_mut().insert(Language("en"));
    ctrl.call_next(req, depot, res).await;
    if let Some(Newcomer(name)) = res.extensions.remove() {
        let session = depot.session_mut().expect("a session");
        session.regenerate();
        session.insert("user", name).expect("a name");
    }
}

/// Puts something into the session of a visitor who is not signed in.
#[handler]
async fn take_a_book(depot: &mut Depot) -> &'static str {
    let session = depot.session_mut().expect("a session");
    session.insert("cart", "a book").expect("a book");
    "It is in the cart."
}

#[handler]
async fn account(depot: &mut Depot) -> String {
    let session = depot.session_mut().expect("a session");
    let user: Option<String> = session.get("user");
    let cart: Option<String> = session.get("cart");
    format!("{user:?} {cart:?}")
}

/// A browser of the application, whose session has a cookie of this kind.
async fn browser(same_site: SameSite) -> (JoinSet<()>, Browser) {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(welcome);
    let dances = Dances::builder(ORIGIN, oauth_dance::Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/account"))
        .build()
        .unwrap();
    let sessions = SessionHandler::builder(MemoryStore::new(), &[7; 64])
        .cookie_name("id")
        .same_site_policy(same_site)
        .build()
        .unwrap();
    let router = Router::new()
        .push(routes(&dances))
        .push(Router::with_path("book").get(take_a_book))
        .push(Router::with_path("account").get(account));
    let service = Service::new(router)
        .hoop(sessions)
        .hoop(begin_session)
        .hoop(visits(&dances));
    let (address, server) = support::serve(service).await;
    (server, Browser::new().forward(ORIGIN, address))
}

#[tokio::test]
async fn a_lax_session_comes_back_from_the_provider() {
    let (_server, browser) = browser(SameSite::Lax).await;
    browser.get(format!("{ORIGIN}/book")).await.unwrap();
    let anonymous = browser.cookie("id").expect("a session");

    let login = format!("{ORIGIN}/login/github");
    let page = browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), r#"Some("Ada Lovelace, en") Some("a book")"#);
    let identified = browser.cookie("id").expect("a session");
    assert_ne!(identified, anonymous, "the identifier has to be a new one");
}

/// The session that was there before the login is worth nothing after it.
#[tokio::test]
async fn i01_a_planted_session_is_not_signed_in() {
    let (_server, browser) = browser(SameSite::Lax).await;
    browser.get(format!("{ORIGIN}/book")).await.unwrap();
    let planted = browser.cookie("id").expect("a session");
    let login = format!("{ORIGIN}/login/github");
    browser.sign_in(&login, "ada").await.unwrap();

    let attacker = browser.of_another_person();
    attacker.change_jar(|jar| jar.plant("app.localhost", "id", &planted));
    let page = attacker.get(format!("{ORIGIN}/account")).await.unwrap();
    assert!(!page.text().contains("Ada"), "{}", page.text());
}
