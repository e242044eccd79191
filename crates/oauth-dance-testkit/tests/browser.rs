//! The test browser: cookies, redirects, and where a request comes from.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use oauth_dance_testkit::{Browser, DevProvider, ManualClock};

const SITE: &str = "https://app.localhost";

/// A browser for which `app.localhost` echoes the request's head, sets the cookies of `?set=…`, and
/// redirects as `/{status}?to=…` says.
fn browser() -> Browser {
    Browser::new()
        .mount(SITE, |request| async move { echo(&request) })
        .mount("https://evil.test", |request| async move { echo(&request) })
}

fn echo(request: &Request<Bytes>) -> Response<Bytes> {
    let query = request.uri().query().unwrap_or_default();
    let param = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<String>>()
    };
    let mut response = Response::builder();
    for cookie in param("set") {
        response = response.header("set-cookie", cookie);
    }
    if let Some(to) = param("to").first() {
        response = response
            .status(&request.uri().path()[1..])
            .header("location", to);
    }
    let header = |name: &str| {
        let value = request.headers().get(name).map(http::HeaderValue::to_str);
        value.and_then(Result::ok).unwrap_or("-").to_owned()
    };
    let body = format!(
        "{} cookie={} origin={} site={} body={}",
        request.method(),
        header("cookie"),
        header("origin"),
        header("sec-fetch-site"),
        String::from_utf8_lossy(request.body()),
    );
    response.body(Bytes::from(body)).expect("a response")
}

fn encode(params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish()
}

async fn set(browser: &Browser, at: &str, cookie: &str) {
    let url = format!("{at}?{}", encode(&[("set", cookie)]));
    browser.get(url).await.expect("a page");
}

async fn sent(browser: &Browser, url: &str) -> String {
    let page = browser.get(url).await.expect("a page");
    let text = page.text().into_owned();
    let (_, rest) = text.split_once("cookie=").expect("an echo");
    rest.split_once(" origin").expect("an echo").0.to_owned()
}

#[tokio::test]
async fn cookies_belong_to_a_host_and_a_path() {
    let browser = browser();
    set(&browser, "https://app.localhost/a/b", "here=1").await;
    set(&browser, "https://app.localhost/", "all=2; Path=/").await;
    set(&browser, "https://app.localhost/", "deep=3; Path=/a/b").await;
    assert_eq!(
        sent(&browser, "https://app.localhost/a/b").await,
        "deep=3; here=1; all=2"
    );
    assert_eq!(
        sent(&browser, "https://app.localhost/a").await,
        "here=1; all=2"
    );
    assert_eq!(sent(&browser, "https://app.localhost/ab").await, "all=2");
    assert_eq!(sent(&browser, "https://evil.test/a/b").await, "-");
}

#[tokio::test]
async fn cookies_are_replaced_and_deleted() {
    let clock = ManualClock::new();
    let browser = browser().clock(clock.clone());
    set(&browser, SITE, "a=1; Path=/").await;
    set(&browser, SITE, "a=2; Path=/; Max-Age=60").await;
    assert_eq!(sent(&browser, SITE).await, "a=2");
    clock.advance(Duration::from_secs(60));
    assert_eq!(sent(&browser, SITE).await, "-");
    for deletion in ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"] {
        set(&browser, SITE, "a=3; Path=/").await;
        set(&browser, SITE, &format!("a=; Path=/; {deletion}")).await;
        assert!(browser.jar().is_empty(), "{deletion}");
    }
}

#[tokio::test]
async fn the_prefixes_and_limits_of_cookies_are_kept() {
    let browser = browser();
    let huge = format!("huge={}", "x".repeat(5000));
    for refused in [
        "__Host-a=1; Path=/",
        "__Host-a=1; Secure; Path=/x",
        "__Host-a=1; Secure; Path=/; Domain=app.localhost",
        "__host-a=1; Secure",
        "__Secure-a=1",
        "a=1; Domain=evil.test",
        "a=1; Domain=test",
        "a=1; SameSite=None",
        &huge,
    ] {
        set(&browser, SITE, refused).await;
        assert!(browser.jar().is_empty(), "{refused}");
    }
    set(&browser, SITE, "__Host-a=1; Secure; Path=/").await;
    assert_eq!(sent(&browser, SITE).await, "__Host-a=1");
}

#[tokio::test]
async fn a_domain_cookie_reaches_the_hosts_below() {
    let browser = browser().mount("https://sub.app.localhost", |request| async move {
        echo(&request)
    });
    set(
        &browser,
        "https://sub.app.localhost",
        "wide=1; Domain=app.localhost; Path=/",
    )
    .await;
    assert_eq!(sent(&browser, SITE).await, "wide=1");
    set(&browser, SITE, "narrow=1; Path=/").await;
    assert_eq!(sent(&browser, "https://sub.app.localhost/").await, "wide=1");
}

#[tokio::test]
async fn secure_cookies_stay_on_loopback_and_off_plain_http_elsewhere() {
    let browser = Browser::new()
        .mount(
            "http://127.0.0.1:1",
            |request| async move { echo(&request) },
        )
        .mount(
            "http://app.localhost:1",
            |request| async move { echo(&request) },
        )
        .mount("http://plain.test", |request| async move { echo(&request) });
    for (at, kept) in [
        ("http://127.0.0.1:1/", true),
        ("http://app.localhost:1/", true),
        ("http://plain.test/", false),
    ] {
        set(&browser, at, "__Host-a=1; Secure; Path=/").await;
        assert_eq!(sent(&browser, at).await == "__Host-a=1", kept, "{at}");
    }
}

#[tokio::test]
async fn another_site_gets_lax_cookies_by_links_only_and_strict_ones_never() {
    let browser = browser();
    for cookie in [
        "strict=1; SameSite=Strict; Path=/",
        "lax=1; SameSite=Lax; Path=/",
        "none=1; SameSite=None; Secure; Path=/",
    ] {
        set(&browser, SITE, cookie).await;
    }
    let from_evil = async |method| {
        let request = browser
            .request(method, SITE)
            .caused_by("https://evil.test/page");
        request.send().await.expect("a page").text().into_owned()
    };
    assert_eq!(
        from_evil(Method::GET).await,
        "GET cookie=lax=1; none=1 origin=- site=cross-site body="
    );
    assert_eq!(
        from_evil(Method::POST).await,
        "POST cookie=none=1 origin=https://evil.test site=cross-site body="
    );
    // Typed in, or posted from a page of its own.
    assert_eq!(sent(&browser, SITE).await, "strict=1; lax=1; none=1");
    let own = browser
        .post_form(SITE, &[("a", "b c")])
        .await
        .expect("a page");
    assert_eq!(
        own.text(),
        "POST cookie=strict=1; lax=1; none=1 origin=https://app.localhost site=same-origin body=a=b+c"
    );
}

#[tokio::test]
async fn a_redirect_from_another_site_counts_as_coming_from_there() {
    let browser = browser();
    set(&browser, SITE, "strict=1; SameSite=Strict; Path=/").await;
    let to_app = "https://evil.test/303?to=https://app.localhost/";
    let posted = browser
        .post_form(to_app, &[("a", "b")])
        .await
        .expect("a page");
    let page = browser.follow(posted).await.expect("a page");
    assert_eq!(page.text(), "GET cookie=- origin=- site=cross-site body=");
}

#[tokio::test]
async fn redirects_change_the_method_as_browsers_do() {
    let browser = browser();
    for (status, method) in [
        (301, "GET"),
        (302, "GET"),
        (303, "GET"),
        (307, "POST"),
        (308, "POST"),
    ] {
        let url = format!("{SITE}/{status}?to=/end");
        let page = browser.post_form(url, &[("a", "b")]).await.expect("a page");
        let page = browser.step(page).await.expect("a page");
        assert!(page.text().starts_with(method), "{status}");
        assert_eq!(
            page.text().ends_with("body=a=b"),
            method == "POST",
            "{status}"
        );
        assert_eq!(page.url().path(), "/end");
    }
}

#[tokio::test]
async fn following_stops_where_it_is_told_to_and_does_not_go_round_in_circles() {
    let browser = browser();
    let two_steps = encode(&[("to", "/302?to=/end")]);
    let page = browser
        .get(format!("{SITE}/302?{two_steps}"))
        .await
        .expect("a page");
    let stopped = browser
        .follow_while(page.clone(), |next| next.path() != "/end")
        .await
        .expect("a page");
    assert_eq!(stopped.location().expect("a redirect").path(), "/end");
    let end = browser.follow(page).await.expect("a page");
    assert_eq!(end.url().path(), "/end");
    assert!(browser.step(end).await.is_err());

    let circle = browser.mount("https://circle.test", |_| async {
        Response::builder()
            .status(302)
            .header("location", "/")
            .body(Bytes::new())
            .expect("a response")
    });
    let page = circle.get("https://circle.test").await.expect("a page");
    assert!(circle.follow(page).await.is_err());
}

#[tokio::test]
async fn a_tab_shares_the_cookies_and_a_thief_has_a_copy() {
    let browser = browser();
    set(&browser, SITE, "a=1; Path=/").await;
    let (tab, thief) = (browser.clone(), Browser::with_jar(browser.jar()));
    set(&browser, SITE, "a=2; Path=/").await;
    assert_eq!(tab.cookie("a").as_deref(), Some("2"));
    assert_eq!(thief.cookie("a").as_deref(), Some("1"));
    assert!(browser.change_jar(|jar| jar.delete("a")));
    assert!(tab.jar().is_empty());
}

#[tokio::test]
async fn an_origin_can_be_served_by_a_socket_elsewhere() {
    let provider = DevProvider::builder().demo_people().build();
    let server = provider.serve("127.0.0.1:0").await.expect("a free port");
    let browser = Browser::new().forward("https://id.test", server.address());
    let page = browser.get("https://id.test/").await.expect("a page");
    assert!(page.text().contains("Ada Lovelace"));
    assert_eq!(page.url().as_str(), "https://id.test/");
    let log = provider.log();
    assert_eq!(
        log.last_to("/").expect("a request").headers()["host"],
        "id.test"
    );
}
