//! The addresses of an application inside and out: a proxy's prefix, callbacks elsewhere, configured pages.

mod support;

use http::Method;
use oauth_dance::{
    Authorized, Credentials, Dance, DanceBuilder, Dances, Next, OAUTH_AUTHORIZED, Outcome, Visit,
};

use self::support::{App, ORIGIN, Op, app_with, provider};

/// An application that browsers find below `/shop`.
fn below_a_prefix(change: impl FnOnce(DanceBuilder) -> DanceBuilder) -> App {
    app_with(change, |dances| dances.public_prefix("/shop/"))
}

/// Where the callback of a login that was begun with this query sends the browser.
async fn end_of(app: &App, query: &str) -> String {
    let browser = app.browser();
    let begun = app
        .ask(&browser, Method::GET, &format!("/login/op{query}"))
        .await;
    let to = begun.location().unwrap();
    let (_, state) = to.query_pairs().find(|(name, _)| name == "state").unwrap();
    let callback = format!("/login/op/authorized?code=code&state={state}");
    let done = app.ask(&browser, Method::GET, &callback).await;
    done.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn r10_the_public_prefix_is_in_every_address_that_leaves_the_application() {
    let app = below_a_prefix(|dance| dance.redirect_to("/welcome"));
    let dance = app.dances.get("op").unwrap();
    let shop = format!("{ORIGIN}/shop");
    assert_eq!(
        dance.redirect_uri().as_str(),
        format!("{shop}/login/op/authorized")
    );
    assert_eq!(dance.login_url().as_str(), format!("{shop}/login/op"));
    assert_eq!(dance.logout_url().as_str(), format!("{shop}/logout/op"));
    assert_eq!(end_of(&app, "").await, format!("{shop}/welcome#"));

    // What the browser asked for is below the prefix already.
    assert_eq!(end_of(&app, "?next=/shop/me").await, format!("{shop}/me#"));
    assert_eq!(
        end_of(&app, "?next=/other").await,
        format!("{ORIGIN}/other#")
    );
}

#[tokio::test]
async fn c07_the_dances_own_pages_are_known_below_the_prefix() {
    let app = below_a_prefix(|dance| dance.callback_path("/oauth/callback"));
    let browser = app.browser();
    for (next, kept) in [
        ("/shop/login/op", false),
        ("/shop/logout/op", false),
        ("/shop/x/../login/op", false),
        ("/shop/%6cogin/op", false),
        ("/shop/login%2Fop", false),
        ("/shop/login", false),
        ("/shop/login%3F/op", true),
        ("/shop/oauth/callback", false),
        ("/shop/oauth/callback?x#y", false),
        ("/shop/oauth/callbacks", true),
        ("/login/op", true),
        ("/shop/loginpage", true),
    ] {
        let query: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let begun = app
            .ask(&browser, Method::GET, &format!("/login/op?next={query}"))
            .await;
        let to = begun.location().unwrap();
        let (_, state) = to.query_pairs().find(|(name, _)| name == "state").unwrap();
        let callback = format!("/oauth/callback?code=code&state={state}");
        let done = app.ask(&browser, Method::GET, &callback).await;
        let end = done.headers()["location"].to_str().unwrap();
        assert_eq!(
            end != format!("{ORIGIN}/shop/#"),
            kept,
            "{next} ends at {end}"
        );
    }
}

#[tokio::test]
async fn a_receivers_redirect_is_a_path_of_the_application() {
    for (redirect, end) in [
        ("/profile", "https://app.test/shop/profile#"),
        ("https://elsewhere.test/x", "https://elsewhere.test/x#"),
        ("/profile#tab", "https://app.test/shop/profile#tab"),
    ] {
        let app = below_a_prefix(|dance| dance);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, _: &Authorized| Some(Outcome::redirect(redirect)));
        assert_eq!(end_of(&app, "").await, end);
    }
}

#[tokio::test]
async fn a_page_that_needs_a_login_is_returned_to_below_the_prefix() {
    let app = below_a_prefix(|dance| dance);
    let mut request = app.browser().head(ORIGIN).unwrap();
    request.uri = "/me?tab=2".parse().unwrap();
    request
        .headers
        .insert("accept", "text/html".parse().unwrap());
    let visit: Visit = app.dances.visit(&request);
    let required = oauth_dance::LoginRequired::new(app.dances.get("op").unwrap());
    let response = oauth_dance::leaf::login_required(&visit, &required).await;
    assert_eq!(
        response.headers()["location"],
        "https://app.test/shop/login/op?next=%2Fshop%2Fme%3Ftab%3D2"
    );
}

#[tokio::test]
async fn a33_a_login_at_another_name_of_this_machine_begins_at_the_origin() {
    let key = oauth_dance::Key::generate().unwrap();
    let dance = || Dance::builder(provider()).credentials(Credentials::new("id", "secret"));
    for (origin, host, begins_there) in [
        ("http://127.0.0.1:3000", "localhost:3000", false),
        ("http://127.0.0.1:3000", "[::1]:3000", false),
        ("http://127.0.0.1:3000", "[::1]", false),
        ("http://127.0.0.1:3000", "127.0.0.1:3000", true),
        ("http://127.0.0.1:3000", "127.0.0.1:9999", true),
        ("http://localhost:3000", "127.0.0.1", false),
        ("http://localhost:3000", "LOCALHOST:3000", true),
        ("http://localhost:3000", "app.localhost:3000", true),
        ("http://localhost:3000", "localhost:evil", true),
        ("http://[::1]:3000", "[::1]", true),
        ("https://shop.test", "www.shop.test", false),
        ("https://www.shop.test", "shop.test", false),
        ("https://www.shop.test", "www.shop.test", true),
        ("https://www.shop.test", "www.www.shop.test", false),
        ("https://shop.test", "evil.test", true),
        ("https://shop.test", "www.", true),
        ("https://shop.test", "w\u{fe}\u{fe}.shop.test", true),
    ] {
        let dances = Dances::builder(origin, key.clone()).client(Op::default());
        let dances = dances.with(dance()).build().unwrap();
        let mut request = http::Request::get("/login/op?a=b")
            .body(bytes::Bytes::new())
            .unwrap();
        let host_header = http::HeaderValue::from_bytes(host.as_bytes()).unwrap();
        request.headers_mut().insert("host", host_header);
        let response = dances.handle(request).await;
        let location = response.headers()["location"].to_str().unwrap();
        let there = format!("{origin}/login/op?a=b&at_origin=1");
        if begins_there {
            assert!(
                location.starts_with("https://op.test/"),
                "{host}: {location}"
            );
        } else {
            assert_eq!(location, there, "{host} for {origin}");
            assert!(!response.headers().contains_key("set-cookie"));
        }
    }
}

#[tokio::test]
async fn a33_a_request_of_http_2_names_its_host_in_the_uri() {
    let app = app_with(|dance| dance, |dances| dances);
    for (uri, begins_there) in [
        ("https://www.app.test/login/op", false),
        ("https://app.test/login/op", true),
    ] {
        let request = http::Request::get(uri).body(bytes::Bytes::new()).unwrap();
        let response = app.dances.handle(request).await;
        let location = response.headers()["location"].to_str().unwrap();
        assert_eq!(
            location.starts_with("https://op.test/"),
            begins_there,
            "{location}"
        );
    }
}

#[test]
fn c01_the_error_of_a_next_says_what_it_is_about() {
    let error = oauth_dance::Next::try_from("https://evil.test/".to_owned()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("not a page of the application's own: "),
        "{text}"
    );
    assert!(!text.contains("evil"), "{text}");
}

#[tokio::test]
async fn a19_a_page_of_a_dance_takes_one_method() {
    let app = app_with(|dance| dance, |dances| dances);
    for (method, path, allowed) in [
        (Method::POST, "/login/op", "GET"),
        (Method::POST, "/login/op/authorized", "GET"),
        (Method::GET, "/logout/op", "POST"),
    ] {
        let page = app.ask(&app.browser(), method, path).await;
        assert_eq!(
            (page.status().as_u16(), page.header("allow")),
            (405, Some(allowed)),
            "{path}"
        );
    }
}

/// Encoded, each byte of an address may be three.
#[tokio::test]
async fn the_longest_next_may_be_encoded_throughout() {
    let app = app_with(|dance| dance, |dances| dances);
    let next = format!("/{}", "é".repeat((Next::MAX_BYTES - 2) / 2) + "a");
    assert_eq!(next.len(), Next::MAX_BYTES);
    let encoded: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let end = end_of(&app, &format!("?next={encoded}")).await;
    let (expected, _) = encoded.split_at(encoded.len() - "%61".len());
    let path = expected.replace("%2F", "/");
    assert_eq!(end, format!("{ORIGIN}{path}a#"));
}

/// A query of this length, which ends with a parameter of no meaning.
async fn callback_of(bytes: usize) -> u16 {
    let app = app_with(|dance| dance, |dances| dances);
    let browser = app.browser();
    let callback = app.callback(&browser).await + "&x=";
    let (_, query) = callback.split_once('?').unwrap();
    let fill = "x".repeat(bytes - query.len());
    let page = app.ask(&browser, Method::GET, &(callback + &fill)).await;
    page.status().as_u16()
}

#[tokio::test]
async fn a24_a_callback_of_48_kib_is_read_and_a_longer_one_is_not() {
    assert_eq!(callback_of(48 * 1024).await, 303);
    assert_eq!(callback_of(48 * 1024 + 1).await, 400);
}
