//! An application on axum that tests its own login, without a socket and without an account.

use axum::Router;
use axum::routing::get;
use oauth_dance::{Dances, Key, Provider, providers};
use oauth_dance_testkit::{Browser, BrowserError, DevProvider};
use serde_json::json;

const ORIGIN: &str = "https://app.test";

/// The application, as it would be written without any thought of tests.
mod my_app {
    use oauth_dance::{DanceBuilder, HttpClient};
    use oauth_dance_axum::{Api, Error};
    use serde_json::Value;

    use super::*;

    pub(crate) fn router(github: DanceBuilder, client: impl HttpClient) -> Router {
        let key = Key::generate().expect("randomness");
        let dances = Dances::builder(ORIGIN, key)
            .client(client)
            .with(github.redirect_to("/welcome"))
            .build()
            .expect("a working set-up");
        let app = Router::new()
            .route("/welcome", get(welcome))
            .route("/repos", get(repos));
        oauth_dance_axum::mount(app, &dances)
    }

    async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
        let user: Value = github.get("/user").await?.json()?;
        Ok(format!(
            "Hello, {}, number {}!",
            user["login"].as_str().unwrap_or("you"),
            user["id"].as_u64().unwrap_or_default()
        ))
    }

    async fn repos(github: Api<providers::GitHub>) -> Result<String, Error> {
        let repos: Value = github.get("/user/repos").await?.json()?;
        Ok(repos[0]["name"].as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test]
async fn a_person_signs_in() -> Result<(), Box<dyn std::error::Error>> {
    let github = DevProvider::standing_in_for(providers::github());
    let browser = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
    let page = browser.sign_in("/login/github", "ada").await?;
    assert_eq!(page.path(), "/welcome");

    assert_eq!(page.text(), "Hello, ada, number 1!");
    assert_eq!(github.log().exchanges(), 1);
    Ok(())
}

#[tokio::test]
async fn a_page_that_needs_a_login_is_come_back_to() -> Result<(), Box<dyn std::error::Error>> {
    let github = DevProvider::builder()
        .demo_people()
        .stand_in_for(providers::github())
        .answer("/user/repos", json!([{ "name": "engine" }]))
        .build();
    let browser = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
    let page = browser.sign_in("/repos", "grace").await?;
    assert_eq!((page.path(), page.text().as_ref()), ("/repos", "engine"));
    Ok(())
}

#[tokio::test]
async fn two_people_have_a_browser_each_and_may_share_one() -> Result<(), Box<dyn std::error::Error>>
{
    let github = DevProvider::standing_in_for(providers::github());
    let ada = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
    let grace = ada.of_another_person();
    ada.sign_in("/login/github", "ada").await?;
    grace.sign_in("/login/github", "grace").await?;
    for (browser, hello) in [(&ada, "Hello, ada"), (&grace, "Hello, grace")] {
        assert!(browser.get("/welcome").await?.text().starts_with(hello));
    }
    // The provider knows Ada from before, and is told otherwise.
    let page = ada.sign_in("/login/github", "grace").await?;
    assert!(page.text().starts_with("Hello, grace"), "{page:?}");
    Ok(())
}

#[tokio::test]
async fn each_stand_in_answers_its_own_application() -> Result<(), Box<dyn std::error::Error>> {
    let (one, other) = (
        DevProvider::standing_in_for(providers::github()),
        DevProvider::standing_in_for(providers::github()),
    );
    let browser = Browser::of(ORIGIN, my_app::router(one.dance(), one.client()));
    browser.sign_in("/login/github", "ada").await?;
    assert_eq!((one.log().exchanges(), other.log().exchanges()), (1, 0));
    Ok(())
}

#[tokio::test]
async fn a_login_that_stops_says_where() -> Result<(), Box<dyn std::error::Error>> {
    let github = DevProvider::standing_in_for(providers::github());
    let browser = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
    let error = browser.sign_in("/login/github", "nobody").await;
    assert_eq!(
        error.expect_err("no such person").to_string(),
        "the consent page of the development provider was expected, and \
         https://github.com/login/oauth/authorize/login answered 403 Forbidden: There is no person of this name."
    );
    let error = browser.sign_in("/nowhere", "ada").await;
    let error = error.expect_err("no such page").to_string();
    assert!(
        error.contains("https://app.test/nowhere answered 404"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn the_application_sees_the_errors_of_the_provider() -> Result<(), Box<dyn std::error::Error>>
{
    use oauth_dance_testkit::{Endpoint, Fault};

    let github = DevProvider::standing_in_for(providers::github());
    let browser = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
    let fault = Fault::error(200, "bad_verification_code");
    github.inject_once(Endpoint::CodeExchange, fault);
    // The login fails, and the browser is sent where a login ends. The page there says so.
    let page = browser.sign_in("/login/github", "ada").await?;
    assert_eq!((page.path(), page.status().as_u16()), ("/welcome", 403));
    assert!(page.text().contains("Sign in again"), "{page:?}");
    assert_eq!(github.log().exchanges(), 1);
    let page = browser.sign_in("/login/github", "ada").await?;
    assert_eq!(page.path(), "/welcome");
    Ok(())
}

#[tokio::test]
async fn an_application_behind_a_prefix_is_reached_below_it()
-> Result<(), Box<dyn std::error::Error>> {
    let github = DevProvider::standing_in_for(providers::github());
    let dances = Dances::builder(ORIGIN, Key::generate()?)
        .client(github.client())
        .public_prefix("/shop")
        .with(github.dance().redirect_to("/welcome"))
        .build()?;
    async fn login_url(oauth_dance_axum::Visit(visit): oauth_dance_axum::Visit) -> String {
        visit
            .dances()
            .iter()
            .map(|dance| dance.login_url().path().to_owned())
            .collect()
    }
    let app = Router::new()
        .route("/", get("Home"))
        .route("/welcome", get(login_url));
    let app = oauth_dance_axum::mount(app, &dances);
    let browser = Browser::behind_prefix(ORIGIN, "/shop", app);
    let page = browser.sign_in("/shop/login/github", "ada").await?;
    assert_eq!(page.path(), "/shop/welcome");
    assert_eq!(page.text(), "/shop/login/github");
    for (path, status) in [
        ("/shop", 200),
        ("/shop/", 200),
        ("/shop?a=b", 200),
        ("/welcome", 404),
        ("/shopping", 404),
    ] {
        assert_eq!(browser.get(path).await?.status(), status, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn an_application_has_two_providers() -> Result<(), Box<dyn std::error::Error>> {
    let github = DevProvider::standing_in_for(providers::github());
    let acme = DevProvider::standing_in_for(
        Provider::oauth2(
            "acme",
            "https://id.acme.test/authorize",
            "https://id.acme.test/token",
        )
        .userinfo("https://api.acme.test/me", "id"),
    );
    let dances = Dances::builder(ORIGIN, Key::generate()?)
        .client(github.client().and(acme.client()))
        .with(github.dance().redirect_to("/"))
        .with(acme.dance().redirect_to("/"))
        .build()?;
    let app = Router::new().route("/", get("Home"));
    let browser = Browser::of(ORIGIN, oauth_dance_axum::mount(app, &dances));
    for (provider, path) in [(&github, "/login/github"), (&acme, "/login/acme")] {
        assert_eq!(browser.sign_in(path, "ada").await?.status(), 200, "{path}");
        assert_eq!(provider.log().exchanges(), 1, "{path}");
    }
    Ok(())
}

/// A browser in which Ada has signed in at the provider, and the consent page of another login that it has begun.
async fn shown_to_ada() -> Result<(Browser, oauth_dance_testkit::Page), BrowserError> {
    let github = DevProvider::standing_in_for(providers::github());
    let browser = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
    browser.sign_in("/login/github", "ada").await?;
    let begun = browser.get("/login/github").await?;
    let consent = browser.follow(begun).await?;
    Ok((browser, consent))
}

#[tokio::test]
async fn the_person_who_approves_is_the_one_who_is_named() -> Result<(), BrowserError> {
    for (person, greeting) in [
        ("ada", "Hello, ada, number 1!"),
        ("grace", "Hello, grace, number 2!"),
    ] {
        let (browser, consent) = shown_to_ada().await?;
        let approved = browser.approve(&consent, person, &["user:email"]).await?;
        assert_eq!(browser.follow(approved).await?.text(), greeting);
    }
    Ok(())
}

#[tokio::test]
async fn a_person_whom_the_provider_does_not_know_neither_approves_nor_denies()
-> Result<(), BrowserError> {
    let (browser, consent) = shown_to_ada().await?;
    let approved = browser.approve(&consent, "nosuch", &["user:email"]).await;
    let error = approved.unwrap_err().to_string();
    assert!(error.contains("no person of this name"), "{error}");

    let (browser, consent) = shown_to_ada().await?;
    let denied = browser.deny(&consent, "nosuch").await;
    let error = denied.unwrap_err().to_string();
    assert!(error.contains("no person of this name"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_person_who_denies_is_signed_in_at_the_provider_afterwards() -> Result<(), BrowserError>
{
    let (browser, consent) = shown_to_ada().await?;
    browser.deny(&consent, "grace").await?;
    let begun = browser.get("/login/github").await?;
    let consent = browser.follow(begun).await?;
    assert!(consent.text().contains("data-username=\"grace\""));
    Ok(())
}
