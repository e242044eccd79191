//! The quickstart without a browser: what does not need one to be seen.

use std::net::TcpListener;

use http::StatusCode;
use oauth_dance_testkit::{Browser, Page};
use quickstart::{Config, Running, StartError, start};
use tempfile::TempDir;

/// A site on free ports, and the folder that goes with it.
async fn site() -> (Running, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: folder.path().join("data"),
        ..Config::default()
    };
    (start(&config).await.unwrap(), folder)
}

/// Signs in as Ada, who grants these scopes; returns where that leads.
async fn sign_in(browser: &Browser, site: &str, scopes: &[&str]) -> Page {
    let page = browser.get(format!("{site}/login/dev")).await.unwrap();
    let page = browser.follow(page).await.unwrap();
    let page = browser.approve(&page, "ada", scopes).await.unwrap();
    browser.follow(page).await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let browser = Browser::new();

    let page = sign_in(&browser, &site, &["profile", "email"]).await;
    assert_eq!(page.url().path(), "/hello");
    assert!(
        page.text()
            .contains("Signed in successfully with Dev Provider!")
    );
    let page = browser.get(&site).await.unwrap();
    assert!(page.text().contains("Ada Lovelace"), "{page:?}");
    assert!(!page.text().contains("Signed in successfully"), "{page:?}");

    let page = browser
        .post_form(format!("{site}/logout/dev"), &[])
        .await
        .unwrap();
    let page = browser.follow(page).await.unwrap();
    assert!(page.text().contains("You are signed out."), "{page:?}");
    assert!(!page.text().contains("Ada Lovelace"), "{page:?}");
    running.stop().await;
}

#[tokio::test]
async fn two_browsers_are_one_user() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let (first, second) = (Browser::new(), Browser::new());
    let scopes = ["profile", "email"];
    tokio::join!(
        sign_in(&first, &site, &scopes),
        sign_in(&second, &site, &scopes)
    );
    for browser in [first, second] {
        let page = browser.get(&site).await.unwrap();
        assert!(page.text().contains("number 1; 2 sign-ins"), "{page:?}");
    }
}

#[tokio::test]
async fn what_a_request_says_does_not_become_markup() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let browser = Browser::new();
    sign_in(&browser, &site, &["profile", "email"]).await;

    let url = format!("{site}/api/dev?path=/%3Cscript%3Ealert(1)%3C/script%3E");
    let page = browser.get(url).await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().contains("/&lt;script&gt;"), "{page:?}");
    assert!(!page.text().contains("<script>"), "{page:?}");
}

#[tokio::test]
async fn the_token_stays_with_the_provider() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let browser = Browser::new();
    sign_in(&browser, &site, &["profile", "email"]).await;

    let url = format!("{site}/api/dev?path=http://127.0.0.1:9/");
    let page = browser.get(url).await.unwrap();
    assert!(page.text().contains("must not go"), "{page:?}");
}

#[tokio::test]
async fn another_name_of_this_machine_leads_to_the_one_that_works() {
    let (running, _folder) = site().await;
    let port = running.address().port();
    let page = Browser::new()
        .get(format!("http://localhost:{port}/notes?a=b"))
        .await
        .unwrap();
    let location = page.location().map(String::from);
    assert_eq!(location, Some(format!("http://127.0.0.1:{port}/notes?a=b")));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_a_way_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = start(&Config {
        listen: address,
        data: folder.path().join("data"),
        ..Config::default()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, StartError::PortTaken { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&address.port().to_string()), "{text}");
    assert!(text.contains("--listen"), "{text}");
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let error = start(&Config {
        listen: "0.0.0.0:0".parse().unwrap(),
        data: folder.path().join("data"),
        ..Config::default()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(..)), "{error:?}");
}
