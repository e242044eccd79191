//! The dance's own answers: their headers, and the addresses they are given at.

use http::Response;
use oauth_dance::{
    Authorized, Credentials, Dance, Dances, Key, OAUTH_AUTHORIZED, Outcome, Provider,
};
use url::Url;

use super::adapter::Adapter;
use super::harmless::assert_protected;
use super::pages;
use super::raw;
use super::rig::rig;
use super::steps::{changing, get, parameter, step, url, visit, with_query};

/// R12: the way through a login: no cache keeps it, and no next page learns where it was.
pub async fn r12_every_step_of_a_login_is_protected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let begun = rig.begin(&browser).await;
    assert_protected(&begun);
    let ready = rig.approve(&browser, begun).await;
    assert_protected(&step(&browser, ready).await);
}

/// R12: so is a receiver's own answer, which is at the same address.
pub async fn r12_a_receivers_answer_is_protected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, _: &Authorized| {
            Some(Outcome::respond(Response::new("Welcome aboard!")))
        });
    let page = rig.sign_in(&rig.browser()).await;
    assert_eq!(page.status(), 200);
    assert_protected(&page);
}

/// R12: the callback leaves the address with the code in it, for one without.
pub async fn r12_the_code_is_not_in_the_next_address(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let page = visit(&browser, &callback).await;
    let next = page.location().expect("a redirect");
    let names = ["code", "state"];
    assert!(
        next.query_pairs().all(|(name, _)| !names.contains(&&*name)),
        "{next}"
    );
}

/// A33: the callback is at one address.
pub async fn a33_a_callback_at_another_address_is_none(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default();
    for path in [
        "/LOGIN/op/authorized",
        "/login/OP/authorized",
        "/login/op/Authorized",
        "/login/op/authorized/x",
        "/login//op/authorized",
        "/login/nobody/authorized",
    ] {
        let elsewhere = with_query(&url(path).parse().expect("a URL"), query);
        let page = visit(&browser, &elsewhere).await;
        let status = page.status().as_u16();
        assert!(matches!(status, 400 | 404), "{status} at {path}");
    }
    assert_eq!(rig.provider.log().token_requests(), 0);
}

/// R10: a callback that is registered elsewhere, and a prefix that a proxy takes off every path.
pub async fn r10_a_callback_path_and_a_prefix_of_a_proxy_are_kept(adapter: &Adapter) {
    let provider = Provider::oauth2(
        pages::DANCE,
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    let dance = Dance::builder(provider)
        .credentials(Credentials::new("id", "secret"))
        .callback_path("/oauth/callback");
    let dances = Dances::builder(pages::ORIGIN, Key::generate().expect("randomness"))
        .client(adapter.client())
        .public_prefix("/shop")
        .mount_at("/auth")
        .with(dance)
        .build()
        .expect("a working set-up");
    let serving = adapter.serve(dances).await;
    let get = async |path: &str| {
        let host = ["Host: app.localhost".to_owned()];
        raw::get(serving.address(), path, &host).await
    };

    let begun = get("/auth/login/op").await;
    let to = begun.headers("location").next().expect("a location");
    let to = Url::parse(to).expect("a URL");
    let callback = "https://app.localhost/shop/oauth/callback".to_owned();
    assert_eq!(parameter(&to, "redirect_uri"), Some(callback));

    // Nothing is pending there, and nothing is at the usual place.
    assert_eq!(get("/oauth/callback").await.status, 400);
    for path in [
        "/auth/login/op/authorized",
        "/shop/oauth/callback",
        "/login/op",
    ] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }

    let page = get(pages::ME).await;
    assert_eq!(
        page.headers("location").next(),
        Some("https://app.localhost/shop/auth/login/op?next=%2Fshop%2Fme")
    );
}

/// H01: a line break in a place that a receiver names does not become a header.
pub async fn c16_h01_a_line_break_in_a_receivers_redirect_is_no_header(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, _: &Authorized| {
            Some(Outcome::redirect(
                "/x\r\nSet-Cookie: planted=1; Path=/\r\n\r\n<script>",
            ))
        });
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(page.status(), 303);
    let location = page.header("location").unwrap_or_default();
    assert!(
        location.starts_with("https://app.localhost/x"),
        "{location}"
    );
    assert_eq!(browser.cookie("planted"), None);
    assert!(page.bytes().is_empty());
}

/// R5: a state that an attacker made up brings nothing of its text into the page.
pub async fn r05_a_made_up_state_is_not_shown(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let page = visit(
        &browser,
        &changing(&callback, "state", "<script>alert(1)</script>"),
    )
    .await;
    assert_eq!(page.status(), 400);
    assert!(!page.text().contains("script"), "{page:?}");
    let unknown = get(&browser, "/login/op/authorized?state=%22onload=%22alert(1)").await;
    assert!(!unknown.text().contains("onload"), "{unknown:?}");
}
