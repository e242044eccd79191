//! A session of the application's own beside the dance's, kept by salvo-session.

mod support;

use oauth_dance::{Dance, Dances, LoggedIn, Missing, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_salvo::{routes, visits};
use oauth_dance_testkit::{Browser, DevProvider};
use salvo_core::http::cookie::SameSite;
use salvo_core::prelude::*;
use salvo_session::{
    MemoryStore, Session, SessionDepotExt as _, SessionHandler, SessionStore as _,
};
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

/// What the crate's documentation recommends: another session for the user, and none any more for the visitor.
struct BeginSession(MemoryStore);

#[handler]
impl BeginSession {
    async fn handle(
        &self,
        req: &mut Request,
        depot: &mut Depot,
        res: &mut Response,
        ctrl: &mut FlowCtrl,
    ) {
        req.extensions_mut().insert(Language("en"));
        ctrl.call_next(req, depot, res).await;
        let Some(Newcomer(name)) = res.extensions.remove() else {
            return;
        };
        let before = depot.session().expect("a session").clone();
        let mut session = Session::new();
        session.set_expiry(*before.expiry().expect("an end"));
        if let Some(cart) = before.get::<String>("cart") {
            session.insert("cart", cart).expect("a cart");
        }
        session.insert("user", name).expect("a name");
        let destroyed = self.0.destroy_session(before).await;
        destroyed.expect("the store");
        depot.set_session(session);
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
    let store = MemoryStore::new();
    let sessions = SessionHandler::builder(store.clone(), &[7; 64])
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
        .hoop(BeginSession(store))
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

/// A browser that has the identifier from before the login, as the attacker has who planted it. The login is over.
async fn planter() -> (JoinSet<()>, Browser) {
    let (server, victim) = browser(SameSite::Lax).await;
    victim.get(format!("{ORIGIN}/book")).await.unwrap();
    let planted = victim.cookie("id").expect("a session");
    let login = format!("{ORIGIN}/login/github");
    victim.sign_in(&login, "ada").await.unwrap();

    let attacker = victim.of_another_person();
    attacker.change_jar(|jar| jar.plant("app.localhost", "id", &planted));
    (server, attacker)
}

#[tokio::test]
async fn i01_a_planted_session_is_not_signed_in() {
    let (_server, attacker) = planter().await;
    let page = attacker.get(format!("{ORIGIN}/account")).await.unwrap();
    assert!(!page.text().contains("Ada"), "{}", page.text());
}

#[tokio::test]
async fn i01_a_session_ends_with_the_login_that_replaces_it() {
    let (_server, attacker) = planter().await;
    let page = attacker.get(format!("{ORIGIN}/account")).await.unwrap();
    assert!(!page.text().contains("a book"), "{}", page.text());
}
