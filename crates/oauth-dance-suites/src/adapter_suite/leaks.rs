//! The search for secrets: a matrix of logins and failures, and everything that was said meanwhile.

use oauth_dance::{Authorized, BeforeLogin, Dance, OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN};
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::{Browser, Page};

use super::adapter::Adapter;
use super::harmless::text_of;
use super::rig::{Rig, rig, setup};
use super::secrets::{Secret, assert_none_in};
use super::steps::{adding, step, visit};

/// Everything that a browser saw of the application.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn note(&mut self, page: &Page) {
        self.0 += &text_of(page);
    }
}

/// Logins and failures of many kinds, in one browser each.
async fn matrix(rig: &Rig) -> Seen {
    let mut seen = Seen::default();
    let browser = rig.browser();
    seen.note(&rig.sign_in(&browser).await);
    seen.note(&rig.profile(&browser).await);
    rig.clock.advance(std::time::Duration::from_secs(3600));
    seen.note(&rig.profile(&browser).await);
    seen.note(&rig.me(&browser).await);

    for (endpoint, fault) in [
        (Endpoint::Token, Fault::html(200)),
        (Endpoint::Token, Fault::truncated()),
        (Endpoint::Token, Fault::error(400, "invalid_grant")),
        (Endpoint::Token, Fault::hangs_up()),
        (
            Endpoint::Token,
            Fault::redirect(307, "http://127.0.0.1:9/steal"),
        ),
        (Endpoint::Token, Fault::with("token_type", "mac")),
        (Endpoint::Userinfo, Fault::without("sub")),
        (Endpoint::Userinfo, Fault::html(500)),
        (Endpoint::Userinfo, Fault::hangs_up()),
    ] {
        rig.provider.inject(endpoint, fault);
        fail(rig, &mut seen).await;
        rig.provider.clear_faults();
    }

    let stranger = rig.browser();
    let callback = rig.callback(&rig.browser()).await;
    seen.note(&visit(&stranger, &callback).await);
    seen.note(&visit(&browser, &adding(&callback, "code", "another")).await);
    rig.provider.inject(Endpoint::Refresh, Fault::html(500));
    rig.clock.advance(std::time::Duration::from_secs(3600));
    seen.note(&rig.profile(&browser).await);
    rig.provider.clear_faults();
    seen.note(&rig.sign_out(&browser).await);
    seen
}

async fn fail(rig: &Rig, seen: &mut Seen) {
    let browser: Browser = rig.browser();
    let ready = rig.ready(&browser).await;
    let page = step(&browser, ready).await;
    assert!(rig.home(&browser).await.owner.is_none(), "{page:?}");
    seen.note(&page);
}

/// The secrets of a rig, if the matrix has brought up every kind.
fn every_kind(rig: &Rig) -> Vec<Secret> {
    let secrets = rig.secrets();
    for kind in [
        "client secret",
        "cookie key",
        "state",
        "code",
        "code_verifier",
        "token",
        "refresh_token",
    ] {
        assert!(
            secrets.iter().any(|secret| secret.kind == kind),
            "no {kind} to search for"
        );
    }
    secrets
}

/// K01: no answer of the application shows a secret, in its cookies or otherwise.
pub async fn k01_no_answer_shows_a_secret(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let seen = matrix(&rig).await;
    assert_none_in(&every_kind(&rig), &seen.0, "the answers");
}

/// K01: no event at any level shows a secret.
pub async fn k01_no_event_shows_a_secret(adapter: &Adapter) {
    let rig = rig(adapter).await;
    matrix(&rig).await;
    let said = rig.said();
    for expected in ["a login failed", "a callback was rejected"] {
        assert!(said.contains(expected), "nothing was listened to");
    }
    assert_none_in(&every_kind(&rig), &said, "the log");
}

/// K01, H07: no payload prints a secret.
pub async fn h07_k01_no_payload_prints_a_secret(adapter: &Adapter) {
    let rig = rig(adapter).await;
    matrix(&rig).await;
    let printed = rig.printed();
    for payload in [
        "BeforeLogin",
        "Authorized",
        "LoginFailure",
        "Rejected",
        "TokenRefreshed",
    ] {
        assert!(printed.contains(payload), "{payload} was not printed");
    }
    assert_none_in(&every_kind(&rig), &printed, "a payload");
}

/// K01: nor do the dances, their tokens, and the clients and errors made from them.
pub async fn k01_k02_no_public_type_prints_a_secret(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let printed = std::sync::Arc::new(parking_lot::Mutex::new(String::new()));
    let notes = std::sync::Arc::clone(&printed);
    rig.signals
        .of(&OAUTH_BEFORE_LOGIN)
        .connect(move |dance: &Dance, login: &BeforeLogin| {
            *notes.lock() += &format!("{dance:?}{:?}", login.next());
        });
    let notes = std::sync::Arc::clone(&printed);
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            let token = login.token();
            *notes.lock() += &format!(
                "{token:?}{:#?}{:?}{:?}{:?}{:?}",
                token,
                token.access_token(),
                token.refresh_token(),
                login.identity(),
                login.api(),
            );
        });
    rig.signed_in().await;
    rig.clock.advance(std::time::Duration::from_secs(3600));
    rig.provider.inject(Endpoint::Refresh, Fault::html(500));
    for key in rig.store.stored().into_keys() {
        let api = rig.dance().api(key.owner());
        let error = api.get("/api/profile").await.expect_err("no refresh");
        *printed.lock() += &format!("{api:?}{error:?}{error:#?}{error}");
    }
    *printed.lock() += &format!("{:?}{:?}", rig.dances, rig.provider);
    let printed = printed.lock().clone();
    assert!(printed.contains("AccessToken([redacted])") && printed.contains("ApiClient"));
    assert_none_in(&rig.secrets(), &printed, "a public type");
}

/// F16: what the store keeps shows no secret.
pub async fn f16_what_is_stored_shows_no_secret(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signed_in().await;
    let stored = rig.store.stored();
    assert_eq!(stored.len(), 1);
    for (key, bytes) in stored {
        let text = format!("{key:?} {}", String::from_utf8_lossy(&bytes));
        assert_none_in(&rig.secrets(), &text, "the store");
    }
}
