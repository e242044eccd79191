//! A token endpoint that is broken, slow or hostile.

use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use oauth_dance::{
    Authorized, ClientErrorKind, Dance, Limits, LoginError, OAUTH_AUTHORIZED, Quirks,
};
use oauth_dance_dev::{Endpoint, Fault};
use serde_json::{Value, json};

use super::adapter::Adapter;
use super::heard::Heard;
use super::rig::{Rig, SOON, WELCOME, rig, setup};
use super::steps::visit;

/// A fault's name for a failed assertion.
fn named(fault: &Fault) -> String {
    format!("{fault:?}").chars().take(120).collect()
}

/// Signs in while the token endpoint has this fault; the login fails like this, after one request.
async fn fails(rig: &Rig, fault: Fault, status: u16, expected: impl Fn(&LoginError) -> bool) {
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let what = named(&fault);
    rig.provider.inject(Endpoint::Token, fault);
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    rig.provider.clear_faults();
    match rig.heard().pop() {
        Some(Heard::Error(failure)) if expected(&failure) => {
            attack.failed_exchange(&page, status, failure).await;
        }
        other => panic!("{what}: {other:?}"),
    }
}

/// The answer is not what RFC 6749 says.
async fn is_no_answer(rig: &Rig, fault: Fault) {
    fails(rig, fault, 502, |failure| {
        matches!(failure, LoginError::ProviderAnswer(_))
    })
    .await;
}

/// The answer is an error that the provider indicates.
async fn is_an_error(rig: &Rig, fault: Fault, code: &str) {
    let expected = |failure: &LoginError| match failure {
        LoginError::Provider(error) => error.code() == code,
        _ => false,
    };
    fails(rig, fault, 303, expected).await;
}

/// Signs in while the token endpoint has this fault, which is none for this application.
async fn is_tolerated(rig: &Rig, fault: Fault) {
    let browser = rig.browser();
    let what = named(&fault);
    rig.provider.inject(Endpoint::Token, fault);
    let page = rig.sign_in(&browser).await;
    rig.provider.clear_faults();
    assert_eq!(
        page.location().map(String::from).as_deref(),
        Some(WELCOME),
        "{what}"
    );
    assert!(rig.home(&browser).await.owner.is_some(), "{what}");
}

/// This body as a good answer's.
fn reply(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Fault {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    let content_type = http::HeaderValue::from_static(content_type);
    response.headers_mut().insert("content-type", content_type);
    Fault::reply(response)
}

async fn lenient(adapter: &Adapter) -> Rig {
    let setup = setup(adapter).description(|provider, _| provider.quirks(Quirks::lenient()));
    setup.start().await
}

/// D01: a body without an end.
pub async fn d01_an_endless_body_is_cut(adapter: &Adapter) {
    let cap = Limits::DEFAULT.with_max_body_bytes(64 * 1024);
    let rig = setup(adapter)
        .dances(move |dances| dances.limits(cap))
        .start()
        .await;
    let too_large =
        |failure: &LoginError| *failure == LoginError::NoAnswer(ClientErrorKind::TooLarge);
    fails(&rig, Fault::endless_body(), 502, too_large).await;
}

async fn times_out(adapter: &Adapter, fault: Fault) {
    let soon = Limits::DEFAULT.with_deadline(SOON);
    let rig = setup(adapter)
        .dances(move |dances| dances.limits(soon))
        .start()
        .await;
    fails(&rig, fault, 504, |failure| {
        *failure == LoginError::NoAnswer(ClientErrorKind::Timeout)
    })
    .await;
}

/// D02: a body that comes byte by byte.
pub async fn d02_a_slow_body_is_given_up(adapter: &Adapter) {
    times_out(adapter, Fault::slow_body(Duration::from_millis(50))).await;
}

/// D03: an answer that never comes.
pub async fn d03_a_silent_provider_is_given_up(adapter: &Adapter) {
    times_out(adapter, Fault::never_answers()).await;
}

/// D06, R25: a redirect would have the secret and the code posted elsewhere.
pub async fn d06_a_redirect_is_not_followed(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let thief = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    thief.set_nonblocking(true).expect("a listener");
    let address = thief.local_addr().expect("an address");
    for status in [301, 302, 303, 307, 308] {
        is_no_answer(
            &rig,
            Fault::redirect(status, &format!("http://{address}/steal")),
        )
        .await;
    }
    let knocked = thief.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(knocked, Err(ErrorKind::WouldBlock), "somebody came");
}

/// D07: the provider shows a page.
pub async fn d07_a_page_is_no_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    is_no_answer(&rig, Fault::html(200)).await;
}

/// D08: JSON under another name is for providers that are known for it.
pub async fn d08_another_content_type_needs_its_quirk(adapter: &Adapter) {
    let strict = rig(adapter).await;
    is_tolerated(&strict, Fault::content_type("Application/JSON; charset=x")).await;
    let types = [
        "text/plain",
        "application/problem+json",
        "application/octet-stream",
    ];
    for kind in types {
        is_no_answer(&strict, Fault::content_type(kind)).await;
    }
    let lenient = lenient(adapter).await;
    for kind in types {
        is_tolerated(&lenient, Fault::content_type(kind)).await;
    }
}

/// D09: so is a form.
pub async fn d09_a_form_needs_its_quirk(adapter: &Adapter) {
    is_no_answer(&rig(adapter).await, Fault::form_encoded()).await;
    is_tolerated(&lenient(adapter).await, Fault::form_encoded()).await;
}

/// D10, D11, D13: text that is not JSON, is too deep, or is not an object.
pub async fn d10_only_a_json_object_is_an_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    is_no_answer(&rig, Fault::truncated()).await;
    is_no_answer(&rig, Fault::garbage()).await;
    is_no_answer(&rig, Fault::with_raw("nested", &"[".repeat(100_000))).await;
    let good = json!({ "access_token": "a-token-of-sorts", "token_type": "bearer" });
    for body in [
        format!("\u{feff}{good}"),
        format!("{good}{good}"),
        format!("[{good}]"),
        json!(good.to_string()).to_string(),
        "null".to_owned(),
    ] {
        is_no_answer(&rig, reply(200, "application/json", body)).await;
    }
}

/// D12: of two access tokens neither is the right one.
pub async fn d12_a_repeated_member_is_no_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let body = r#"{"access_token":"one-token-here","token_type":"bearer","access_token":"two"}"#;
    is_no_answer(&rig, reply(200, "application/json", body)).await;
}

/// D14: lifetimes that are none.
pub async fn d14_an_absurd_lifetime_is_no_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for raw in ["-1", "true", "\"-1\"", "\"\"", "1e400", "[]"] {
        is_no_answer(&rig, Fault::with_raw("expires_in", raw)).await;
    }
}

/// D14: lifetimes that are unusual.
pub async fn d14_an_unusual_lifetime_is_read(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for raw in [
        "\"3600\"",
        "3600.5",
        "0",
        "null",
        "18446744073709551615",
        "1e300",
    ] {
        is_tolerated(&rig, Fault::with_raw("expires_in", raw)).await;
    }
}

/// D15: a token of an unknown kind.
pub async fn d15_a_missing_token_type_needs_its_quirk(adapter: &Adapter) {
    is_no_answer(&rig(adapter).await, Fault::without("token_type")).await;
    is_tolerated(&lenient(adapter).await, Fault::without("token_type")).await;
}

/// D16: a token of another kind, even with every quirk.
pub async fn d16_only_bearer_tokens_are_taken(adapter: &Adapter) {
    let rig = lenient(adapter).await;
    for kind in ["mac", "N_A", "DPoP", ""] {
        is_no_answer(&rig, Fault::with("token_type", kind)).await;
    }
    for kind in ["bearer", "BEARER"] {
        is_tolerated(&rig, Fault::with("token_type", kind)).await;
    }
}

/// D17, D22: an access token that is none, or would end the header it is sent in.
pub async fn d17_an_access_token_is_visible_ascii(adapter: &Adapter) {
    let rig = rig(adapter).await;
    is_no_answer(&rig, Fault::without("access_token")).await;
    let wrong = [
        json!(""),
        Value::Null,
        json!(1),
        json!("a\r\nb"),
        json!("a b"),
        json!("\u{e9}"),
    ];
    for token in wrong {
        is_no_answer(&rig, Fault::with("access_token", token)).await;
    }
}

/// D18: an error with status 200 is never a token.
pub async fn d18_an_error_with_status_200_is_no_token(adapter: &Adapter) {
    is_no_answer(
        &rig(adapter).await,
        Fault::error(200, "bad_verification_code"),
    )
    .await;
}

/// D18: and of a provider that is known for it, it is the provider's error.
pub async fn d18_an_error_with_status_200_is_an_error_by_quirk(adapter: &Adapter) {
    let fault = Fault::error(200, "bad_verification_code");
    is_an_error(&lenient(adapter).await, fault, "bad_verification_code").await;
}

/// D19: an error status with anything but an OAuth error.
pub async fn d19_an_error_status_needs_an_oauth_error(adapter: &Adapter) {
    let rig = rig(adapter).await;
    is_an_error(&rig, Fault::error(400, "invalid_grant"), "invalid_grant").await;
    is_no_answer(&rig, Fault::html(400)).await;
    for body in ["", "{}", r#"{"error":1}"#] {
        is_no_answer(&rig, reply(400, "application/json", body)).await;
    }
}

/// D21: what was granted counts, not what was asked for.
pub async fn d21_the_granted_scope_counts(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let granted = std::sync::Arc::new(parking_lot::Mutex::new(String::new()));
    let heard = std::sync::Arc::clone(&granted);
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            *heard.lock() = login.token().scopes().to_string();
        });
    is_tolerated(&rig, Fault::with("scope", "notes profile")).await;
    assert_eq!(*granted.lock(), "notes profile");
}

/// A token answer with a refresh token of this length. It is never used: the provider does not know it.
fn long_token(length: usize) -> Fault {
    Fault::with("refresh_token", "a".repeat(length))
}

/// D23: a token beyond any that a provider issues.
pub async fn d23_an_overlong_token_is_no_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    is_no_answer(&rig, long_token(17 * 1024)).await;
    is_no_answer(&rig, Fault::with("access_token", "a".repeat(17 * 1024))).await;
    is_tolerated(&rig, long_token(10 * 1024)).await;
}

/// D23: a token that does not fit into cookies is refused, and not half of it kept.
pub async fn d23_a_token_that_does_not_fit_signs_nobody_in(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    rig.provider.inject(Endpoint::Token, long_token(10 * 1024));
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    let heard = [Heard::Authorized, Heard::Error(LoginError::StoreRefused)];
    attack.harmless(&page, 303, &heard, 1).await;
}

/// D27: cookies of the provider's are not sent back to it.
pub async fn d27_the_providers_cookies_are_not_kept(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let mut response = Response::new(Bytes::from_static(b"{}"));
    let cookie = http::HeaderValue::from_static("tracked=1; Path=/");
    response.headers_mut().insert("set-cookie", cookie);
    is_no_answer(&rig, Fault::reply(response)).await;
    rig.signed_in().await;
    let log = rig.provider.log();
    assert_eq!(log.token_requests(), 2);
    assert!(
        log.to("/token")
            .all(|entry| entry.headers().get("cookie").is_none())
    );
}

/// D24, R29: a code works once, so a token request is never repeated.
pub async fn d24_a_failed_exchange_is_not_repeated(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for status in [500, 502, 503, 429] {
        is_no_answer(&rig, Fault::html(status)).await;
    }
    is_no_answer(&rig, Fault::unavailable(Duration::from_secs(1))).await;
}

/// D25: nor is one that broke off.
pub async fn d25_an_exchange_that_breaks_off_is_not_repeated(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let closed = |failure: &LoginError| *failure == LoginError::NoAnswer(ClientErrorKind::Closed);
    fails(&rig, Fault::hangs_up(), 502, closed).await;
}

/// D32: the application's own mistake is the provider's error, too.
pub async fn d32_an_unknown_client_is_the_providers_error(adapter: &Adapter) {
    let rig = rig(adapter).await;
    is_an_error(&rig, Fault::error(401, "invalid_client"), "invalid_client").await;
}

/// E32: the provider does not say who it is, or says it in no way that is one.
pub async fn e32_a_login_needs_its_subject(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for fault in [
        Fault::without("sub"),
        Fault::with("sub", ""),
        Fault::with("sub", "s".repeat(256)),
        Fault::with("sub", json!(["dev-ada"])),
        Fault::with("sub", 1.5),
        Fault::html(200),
        Fault::status(401),
        Fault::content_type("application/jwt"),
        Fault::truncated(),
    ] {
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        let what = named(&fault);
        rig.provider.inject(Endpoint::Userinfo, fault);
        let attack = rig.attack(&browser).await;
        let page = visit(&browser, &callback).await;
        rig.provider.clear_faults();
        match rig.heard().pop() {
            Some(Heard::Error(failure @ LoginError::ProviderAnswer(_))) => {
                attack.failed_exchange(&page, 502, failure).await;
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}
