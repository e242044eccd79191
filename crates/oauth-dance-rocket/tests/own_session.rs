//! A session of the application's own beside the dance's: a private cookie of Rocket.

mod support;

use oauth_dance::{Dance, Dances, Key, LoggedIn, Missing, OAUTH_LOGGED_IN, SignalSet, providers};
use oauth_dance_rocket::{fairing, routes, share};
use oauth_dance_testkit::{Browser, DevProvider};
use rocket::fairing::AdHoc;
use rocket::http::{Cookie, CookieJar, SameSite};
use rocket::{Request, Response, get};

use crate::support::Server;

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

/// The session of a visitor who is not signed in.
#[get("/book")]
fn take_a_book(cookies: &CookieJar<'_>) {
    let session = Cookie::build(("user", "a stranger")).same_site(SameSite::Lax);
    cookies.add_private(session);
}

#[get("/account")]
fn account(cookies: &CookieJar<'_>) -> String {
    let user = cookies.get_private("user");
    format!("{:?}", user.map(|user| user.value().to_owned()))
}

/// A browser of the application, whose session has a cookie of this kind.
async fn browser(same_site: SameSite) -> (Server, Browser) {
    let github = DevProvider::standing_in_for(providers::github());
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(welcome);
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .signals(signals)
        .with(github.dance().redirect_to("/account"))
        .build()
        .unwrap();
    let begin_session =
        move |Newcomer(name): Newcomer, request: &Request<'_>, response: &mut Response<'_>| {
            let session = Cookie::build(("user", name))
                .same_site(same_site)
                .secure(true);
            request.cookies().add_private(session);
            response.set_raw_header("X-Welcome", "yes");
        };
    let language = AdHoc::on_request("language", |request, _| {
        Box::pin(async move { share(request, Language("en")) })
    });
    let app = support::rocket()
        .mount("/", rocket::routes![take_a_book, account])
        .mount("/", routes(&dances).handed_over(begin_session))
        .attach(language)
        .attach(fairing(&dances));
    let server = Server::start(app).await;
    let browser = Browser::new().forward(ORIGIN, server.address());
    (server, browser)
}

#[tokio::test]
async fn i01_a_lax_session_is_new_and_comes_back_from_the_provider() {
    let (_server, browser) = browser(SameSite::Lax).await;
    browser.get(format!("{ORIGIN}/book")).await.unwrap();
    let anonymous = browser.cookie("user").expect("a session");

    let login = format!("{ORIGIN}/login/github");
    let page = browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(page.path(), "/account");
    assert_eq!(page.text(), r#"Some("Ada Lovelace, en")"#);
    let identified = browser.cookie("user").expect("a session");
    assert_ne!(identified, anonymous, "the session has to be a new one");
}

/// Rocket's default.
#[tokio::test]
async fn a_strict_session_does_not_come_back_from_the_provider() {
    let (_server, browser) = browser(SameSite::Strict).await;
    let login = format!("{ORIGIN}/login/github");
    let page = browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(page.text(), "None");
}

/// A login that is refused by the user hands over nothing.
#[tokio::test]
async fn a_denied_login_begins_no_session() {
    let (_server, browser) = browser(SameSite::Lax).await;
    let page = browser.get(format!("{ORIGIN}/login/github")).await.unwrap();
    let page = browser.follow(page).await.unwrap();
    browser.deny(&page, "ada").await.unwrap();
    let page = browser.get(format!("{ORIGIN}/account")).await.unwrap();
    assert_eq!(page.text(), "None");
}
