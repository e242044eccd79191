//! A session of the application's own beside the dance's, kept by actix-session.

mod support;

use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionExt as _, SessionMiddleware};
use actix_web::body::MessageBody;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, web};
use oauth_dance::{Dance, Dances, LoggedIn, Missing, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_actix::{handed_over, share};
use oauth_dance_testkit::{Browser, DevProvider};

use crate::support::{Server, serve};

const ORIGIN: &str = "https://app.localhost";

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

async fn begin_session<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> actix_web::Result<ServiceResponse<B>> {
    let session = request.get_session();
    share(&request, Language("en"));
    let mut response = next.call(request).await?;
    if let Some(Newcomer(name)) = handed_over(response.response_mut()) {
        session.renew();
        session.insert("user", name)?;
    }
    Ok(response)
}

/// Puts something into the session of a visitor who is not signed in.
async fn take_a_book(session: Session) -> actix_web::Result<&'static str> {
    session.insert("cart", "a book")?;
    Ok("It is in the cart.")
}

async fn account(session: Session) -> actix_web::Result<String> {
    let user: Option<String> = session.get("user")?;
    let cart: Option<String> = session.get("cart")?;
    Ok(format!("{user:?} {cart:?}"))
}

/// A browser of the application, whose session has a cookie of this kind.
fn browser(same_site: SameSite) -> (Server, Browser) {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(welcome);
    let dances = Dances::builder(ORIGIN, oauth_dance::Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/account"))
        .build()
        .unwrap();
    let key = Key::generate();
    let server = serve!(move || {
        let sessions = SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
            .cookie_same_site(same_site)
            .build();
        App::new()
            .configure(oauth_dance_actix::routes(&dances))
            .wrap(oauth_dance_actix::visits(&dances))
            .wrap(from_fn(begin_session))
            .wrap(sessions)
            .route("/book", web::get().to(take_a_book))
            .route("/account", web::get().to(account))
    });
    let browser = Browser::new().forward(ORIGIN, server.address());
    (server, browser)
}

#[tokio::test]
async fn a_lax_session_comes_back_from_the_provider() {
    let (_server, browser) = browser(SameSite::Lax);
    browser.get(format!("{ORIGIN}/book")).await.unwrap();
    let anonymous = browser.cookie("id").expect("a session");

    let login = format!("{ORIGIN}/login/github");
    let page = browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), r#"Some("Ada Lovelace, en") Some("a book")"#);
    let identified = browser.cookie("id").expect("a session");
    assert_ne!(identified, anonymous, "the identifier has to be a new one");
}

/// A login that is refused by the user hands over nothing.
#[tokio::test]
async fn a_denied_login_begins_no_session() {
    let (_server, browser) = browser(SameSite::Lax);
    let page = browser.get(format!("{ORIGIN}/login/github")).await.unwrap();
    let page = browser.follow(page).await.unwrap();
    browser.deny(&page, "ada").await.unwrap();
    let page = browser.get(format!("{ORIGIN}/account")).await.unwrap();
    assert_eq!(page.text(), "None None");
}
