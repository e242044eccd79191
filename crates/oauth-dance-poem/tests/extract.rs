//! What handlers ask for, and what receivers have of the request.

mod support;

use std::sync::{Arc, Mutex};

use oauth_dance::{
    Dance, Dances, DancesBuilder, Key, LoggedIn, MemoryStore, Missing, OAUTH_LOGGED_IN, SignalSet,
    providers,
};
use oauth_dance_poem::{Api, Error, Maybe, Parts, SignedIn, Visit, mount};
use oauth_dance_suites::{FaultyStore, Verb};
use oauth_dance_testkit::DevProvider;
use poem::http::Method;
use poem::http::header::{ALLOW, VARY};
use poem::{Endpoint, EndpointExt as _, IntoResponse as _, Request, Route, get, handler, post};

use crate::support::{ORIGIN, all, ask, browser_of, dances, get as open};

/// The dance of GitHub, for which a provider stands in.
fn builder() -> DancesBuilder {
    let github = DevProvider::standing_in_for(providers::github());
    Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(github.client())
        .with(github.dance().redirect_to("/"))
}

#[handler]
fn is_signed_in(Maybe(api): Maybe<Api<providers::GitHub>>) -> String {
    api.is_some().to_string()
}

#[tokio::test]
async fn a_handler_gets_none_until_the_browser_is_signed_in() {
    let app = mount(
        Route::new().at("/", get(is_signed_in)),
        &builder().build().unwrap(),
    );
    let (_server, browser) = browser_of(app).await;
    let home = format!("{ORIGIN}/");
    assert_eq!(browser.get(&home).await.unwrap().text(), "false");
    let login = format!("{ORIGIN}/login/github");
    let page = browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(page.text(), "true");
}

/// A store that is down does not mean that the browser is signed out.
#[tokio::test]
async fn l08_a_store_that_is_down_is_not_a_browser_that_is_signed_out() {
    let store = FaultyStore::new(MemoryStore::new());
    let dances = builder().store(store.clone()).build().unwrap();
    let app = mount(Route::new().at("/", get(is_signed_in)), &dances);
    let (_server, browser) = browser_of(app).await;
    let login = format!("{ORIGIN}/login/github");
    browser.sign_in(&login, "ada").await.unwrap();
    store.fail(Verb::ALL);
    let page = browser.get(format!("{ORIGIN}/")).await.unwrap();
    assert_eq!(page.status(), 503);
}

#[tokio::test]
async fn a_page_that_asks_for_the_user_varies_by_cookie() {
    #[handler]
    fn page(Maybe(user): Maybe<SignedIn<i64>>) -> String {
        format!("{user:?}")
    }
    let app = mount(Route::new().at("/", get(page)), &dances(""));
    let response = open(&app, "/").await;
    assert_eq!(all(&response, VARY), ["cookie"]);
}

/// A logout page of the application's own.
#[handler]
async fn sign_out(Visit(visit): Visit, Parts(request): Parts) -> Result<&'static str, Error> {
    visit.sign_out(&request).await?;
    Ok("Good bye!")
}

fn with_sign_out() -> impl Endpoint {
    let app = Route::new().at("/sign-out", get(sign_out).post(sign_out));
    mount(app, &dances(""))
}

#[tokio::test]
async fn a_sign_out_by_post_is_done() {
    let response = ask(&with_sign_out(), Method::POST, "/sign-out").await;
    let text = response.into_body().into_string().await.unwrap();
    assert_eq!(text, "Good bye!");
}

#[tokio::test]
async fn a_sign_out_by_get_names_the_method_that_is_taken() {
    let response = open(&with_sign_out(), "/sign-out").await;
    assert_eq!(response.status(), 405);
    assert_eq!(all(&response, ALLOW), ["POST"]);
}

#[tokio::test]
async fn i12_a_sign_out_by_another_site_is_refused() {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/sign-out".parse().unwrap())
        .header("sec-fetch-site", "cross-site");
    let response = with_sign_out().get_response(request.finish()).await;
    assert_eq!(response.status(), 403);
}

/// In a nest the handler's own request has a part of the path only.
#[tokio::test]
async fn the_head_of_a_request_has_the_whole_path() {
    #[handler]
    fn page(Parts(request): Parts) -> String {
        request.uri.to_string()
    }
    let app = Route::new().nest("/in", Route::new().at("/page", post(page)));
    let response = ask(&app, Method::POST, "/in/page?a=b").await;
    let text = response.into_body().into_string().await.unwrap();
    assert_eq!(text, "/in/page?a=b");
}

/// Who has signed in, and the language of the page.
#[derive(Clone)]
struct Newcomer(String);

#[derive(Clone)]
struct Language(&'static str);

/// Middleware gives receivers a value, and takes what they have handed over.
#[tokio::test]
async fn values_go_to_receivers_and_come_back() {
    fn welcome(_: &Dance, login: &LoggedIn) -> Result<(), Missing> {
        let Language(language) = login.extension()?;
        let name = login.require_identity()?.display_name();
        login.hand_over(Newcomer(format!("{name}, {language}")));
        Ok(())
    }
    let signals = SignalSet::new();
    signals.of(&OAUTH_LOGGED_IN).connect(welcome);
    let dances = builder().signals(signals).build().unwrap();
    let newcomers = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&newcomers);
    let app = mount(Route::new().at("/", get(is_signed_in)), &dances);
    let app = app.around(move |endpoint, mut request| {
        let seen = Arc::clone(&seen);
        async move {
            request.set_data(Language("en"));
            let response = endpoint.call(request).await?.into_response();
            if let Some(Newcomer(name)) = response.data() {
                seen.lock().unwrap().push(name.clone());
            }
            Ok(response)
        }
    });
    let (_server, browser) = browser_of(app).await;
    let login = format!("{ORIGIN}/login/github");
    browser.sign_in(&login, "ada").await.unwrap();
    assert_eq!(*newcomers.lock().unwrap(), ["Ada Lovelace, en"]);
}
