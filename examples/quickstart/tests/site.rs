//! The quickstart without a browser: what does not need one to be seen.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use http::{Method, StatusCode};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};
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
async fn the_import_has_begun_when_the_next_page_is_shown() {
    for (scopes, begins) in [
        (&["profile", "email", "notes"][..], true),
        (&["profile", "email"][..], false),
    ] {
        let (running, _folder) = site().await;
        let site = format!("http://{}", running.address());
        let browser = Browser::new();
        sign_in(&browser, &site, scopes).await;
        let page = browser.get(format!("{site}/import")).await.unwrap();
        let has_begun = page.text().contains("data-state=\"running\"");
        assert_eq!(has_begun, begins, "{page:?}");
    }
}

#[tokio::test]
async fn who_does_not_show_the_address_is_told_so_on_a_page_that_needs_no_login() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let browser = Browser::new();
    let page = browser.get(format!("{site}/notes")).await.unwrap();
    let page = browser.follow(page).await.unwrap();
    let page = browser.approve(&page, "ada", &["profile"]).await.unwrap();
    let page = browser.follow(page).await.unwrap();
    assert_eq!((page.path(), page.status()), ("/", StatusCode::OK));
    assert!(page.text().contains("your e-mail address"), "{page:?}");
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
    assert!(page.text().contains("the token was not sent"), "{page:?}");
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

/// The names of the signals on the front page's timeline of what ran; none before the first login.
async fn timeline(browser: &Browser, site: &str) -> Vec<String> {
    let page = browser.get(site).await.unwrap();
    let text = page.text();
    text.split("data-signal=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn each_visitor_sees_their_own_login_only() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let (ada, grace) = (Browser::new(), Browser::new());

    sign_in(&ada, &site, &["profile", "email"]).await;
    let signed_in = ["oauth_before_login", "oauth_authorized", "oauth_logged_in"];
    assert_eq!(timeline(&ada, &site).await, signed_in);
    let page = grace.get(&site).await.unwrap();
    assert!(
        page.text().contains("What will run when you sign in"),
        "{page:?}"
    );
    assert_eq!(timeline(&grace, &site).await, [""; 0]);

    let page = grace.get(format!("{site}/login/dev")).await.unwrap();
    let page = grace.follow(page).await.unwrap();
    let page = grace.deny(&page, "grace").await.unwrap();
    grace.follow(page).await.unwrap();
    let refused = ["oauth_before_login", "oauth_error"];
    assert_eq!(timeline(&grace, &site).await, refused);
    assert_eq!(timeline(&ada, &site).await, signed_in);

    // What is sent outside of a login counts, too: Ada signs out.
    ada.post_form(format!("{site}/logout/dev"), &[])
        .await
        .unwrap();
    assert_eq!(timeline(&grace, &site).await, refused);
    assert_eq!(
        timeline(&ada, &site).await,
        [
            "oauth_before_login",
            "oauth_authorized",
            "oauth_logged_in",
            "oauth_logged_out"
        ]
    );
}

/// Checks that `page` explains itself, and returns the addresses that its links lead to.
fn ways_onward(page: &Page, status: StatusCode, happened: &str) -> Vec<String> {
    let text = page.text();
    assert_eq!(page.status(), status, "{text}");
    let title = format!("<title>{happened} · Quickstart</title>");
    assert!(text.contains(&title), "{text}");
    let policy = page.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("style-src 'self'"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let (_, main) = text.split_once("<main>").expect("a main element");
    assert!(main.contains(&format!("<h1>{happened}</h1>")), "{main}");
    main.split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_address_without_a_page_says_so_and_leads_home() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    for path in ["/none", "/api/none?path=/", "/login/none"] {
        let page = Browser::new().get(format!("{site}{path}")).await.unwrap();
        let happened = "There is no page at this address";
        assert_eq!(ways_onward(&page, StatusCode::NOT_FOUND, happened), ["/"]);
    }
    let page = Browser::new().get(format!("{site}/api/dev")).await.unwrap();
    let happened = "This address is not complete";
    assert_eq!(ways_onward(&page, StatusCode::BAD_REQUEST, happened), ["/"]);
}

#[tokio::test]
async fn a_refused_callback_leads_to_the_login_and_home() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    for query in ["", "?code=x", "?code=x&state=y"] {
        let url = format!("{site}/login/dev/authorized{query}");
        let page = Browser::new().get(url).await.unwrap();
        let happened = "This sign-in was not finished";
        assert_eq!(
            ways_onward(&page, StatusCode::BAD_REQUEST, happened),
            ["/login/dev", "/"]
        );
    }
}

#[tokio::test]
async fn a_failed_login_leads_to_the_login_and_home() {
    let (running, folder) = site().await;
    let site = format!("http://{}", running.address());
    // The receiver that creates the user fails.
    change_database(&folder, "DROP TABLE users").await;
    let page = sign_in(&Browser::new(), &site, &["profile", "email"]).await;
    let happened = "The site could not finish the sign-in";
    assert_eq!(
        ways_onward(&page, StatusCode::INTERNAL_SERVER_ERROR, happened),
        ["/login/dev", "/"]
    );
}

/// Changes the database of a running site without its knowledge.
async fn change_database(folder: &TempDir, statement: &'static str) {
    let database = folder.path().join("data/quickstart.db");
    let url = format!("sqlite://{}", database.display());
    let pool = SqlitePool::connect(&url).await.unwrap();
    sqlx::query(statement).execute(&pool).await.unwrap();
}

#[tokio::test]
async fn a_logout_from_another_site_is_refused_and_explained() {
    let (running, _folder) = site().await;
    let site = format!("http://{}", running.address());
    let page = Browser::new()
        .request(Method::POST, format!("{site}/logout/dev"))
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .unwrap();
    let happened = "This request came from another site";
    assert_eq!(ways_onward(&page, StatusCode::FORBIDDEN, happened), ["/"]);
}

#[tokio::test]
async fn a_database_that_breaks_later_is_a_page_too() {
    let (running, folder) = site().await;
    let site = format!("http://{}", running.address());
    let browser = Browser::new();
    sign_in(&browser, &site, &["profile", "email"]).await;
    change_database(&folder, "DROP TABLE imports").await;

    let page = browser.get(&site).await.unwrap();
    let happened = "Something went wrong on this site";
    assert_eq!(
        ways_onward(&page, StatusCode::INTERNAL_SERVER_ERROR, happened),
        ["/"]
    );
}

/// Starts the program with this data folder, which it cannot use; returns what it says.
fn refused(data: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_database_that_cannot_be_used_is_one_message_and_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("quickstart.db");
    let advice = "or choose another folder with --data.\n";

    fs::write(&database, "This is not SQLite. ".repeat(100)).unwrap();
    let said = refused(folder.path());
    let shown = database.display();
    assert!(
        said.starts_with(&format!(
            "Cannot use the database {shown}: it is not a SQLite"
        )),
        "{said}"
    );
    assert!(said.ends_with(advice), "{said}");
    assert_eq!(said.lines().count(), 2, "{said}");

    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    let said = refused(folder.path());
    assert!(said.contains("it is a folder"), "{said}");
    assert!(said.ends_with(advice), "{said}");
}

#[test]
fn a_file_in_place_of_the_data_folder_is_one_message_and_a_failure() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for data in [file.path().to_owned(), file.path().join("data")] {
        let said = refused(&data);
        let first = format!("Cannot use {}: ", data.display());
        assert!(said.starts_with(&first), "{said}");
        assert!(
            said.ends_with("Choose another folder with --data.\n"),
            "{said}"
        );
    }
}
