//! Tried against a real third-party provider: `oidc-provider` from npm, which is certified by the
//! OpenID Foundation, driven as an OAuth 2 provider with PKCE. Everything is a process of its own, on
//! loopback.
//!
//! Needs Node.js and `npm ci --prefix examples/rp-axum/tests/oidc-provider`. Without them the tests
//! are ignored with the reason; with `REQUIRE_SERVICES=1` in the environment they fail.

mod provider;
mod support;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Trial};
use oauth_dance_testkit::Browser;
use provider::{OidcProvider, SECRET, Settings};
use support::{Home, RelyingParty, tokens_in};

/// Shorter than what our side takes for the rest of a token's life, so every call refreshes; and
/// longer than any call takes.
const EXPIRES_AT_ONCE: Settings = Settings {
    says_expires_in: 0,
    ..Settings::DEFAULT
};

/// The send after a revocation, which no browser waits for.
const REVOKED: &str = "oauth_token_revoked: log=nothing";

pub(crate) fn main() -> ExitCode {
    let args = Arguments::from_args();
    let missing = provider::missing();
    let required = std::env::var_os("REQUIRE_SERVICES").is_some_and(|value| value == "1");
    macro_rules! trials {
        ($($test:ident),* $(,)?) => {
            vec![$(trial(stringify!($test), missing.clone(), required, || Box::pin($test()))),*]
        };
    }
    let trials = trials![
        tokens_in_cookies,
        tokens_in_memory,
        tokens_in_sqlite,
        a_client_may_send_its_secret_in_the_form,
        a_token_that_lives_is_not_refreshed,
        tabs_with_the_same_cookies_refresh_once,
        who_says_no_is_told_so,
        the_provider_insists_on_pkce,
        a_wrong_secret_signs_nobody_in,
        what_the_provider_takes_back_is_gone,
    ];
    libtest_mimic::run(&args, trials).exit_code()
}

type Test = std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn trial(
    name: &str,
    missing: Option<String>,
    required: bool,
    test: impl FnOnce() -> Test + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || match missing {
        Some(reason) if required => Err(reason.into()),
        Some(reason) => Ok(Completion::ignored_with(reason)),
        None => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(test());
            Ok(Completion::Completed)
        }
    })
}

async fn tokens_in_cookies() {
    tour("cookie").await;
}

async fn tokens_in_memory() {
    tour("memory").await;
}

async fn tokens_in_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tokens.db");
    tour(&format!("sqlite:{}", file.display())).await;
    assert_eq!(tokens_in(&file).await, 0);
}

/// The whole way: login, consent, pages, refreshes with rotation, logout with revocation.
async fn tour(store: &str) {
    let (provider, party) = started(&EXPIRES_AT_ONCE, &[("--store", store)]);
    let browser = Browser::new();
    party.assert_signed_out(&browser).await;

    let page = provider.sign_in(&party, &browser, "/").await;
    let home = Home::read(&page);
    assert!(home.signed_in);
    assert_eq!(home.flashes, ["message: Signed in with op."]);
    assert!(page.text().contains("ada &lt;of the provider&gt;"));
    assert_eq!(party.home(&browser).await.flashes, [""; 0], "shown once");

    let me = party.me(&browser).await;
    assert_eq!(me["identity"]["subject"], "ada");
    assert_eq!(me["identity"]["claims"]["name"], "ada <of the provider>");
    assert_eq!(me["identity"]["claims"]["email"], "ada@example.com");
    assert_eq!(
        me["scopes"],
        serde_json::json!(["openid", "profile", "email", "notes"])
    );
    assert!(me["expires_at"].is_u64(), "{me}");

    // Each call refreshes, so each needs the refresh token that the one before was given.
    let before = provider.events().await.len();
    for _ in 0..3 {
        let page = party.get(&browser, "/api?path=/notes").await;
        assert_eq!(page.status(), 200, "{page:?}");
        assert_eq!(page.json().expect("JSON")["account"], "ada");
    }
    let refreshes = provider.events().await.split_off(before);
    assert_eq!(refreshes, ["rotated", "granted by refresh_token"].repeat(3));

    assert!(!party.logout(&browser).await.signed_in);
    party.assert_signed_out(&browser).await;
    // Refreshes and revocations are told of in the background, so their place is not certain.
    let (refreshes, mut others): (Vec<_>, Vec<_>) = party
        .signals_once_there_is(REVOKED)
        .await
        .into_iter()
        .partition(|send| send.starts_with("oauth_token_refreshed"));
    let events = provider.events().await;
    assert_eq!(
        events.last().map(String::as_str),
        Some("refresh token revoked")
    );
    assert!(!refreshes.is_empty());
    others.retain(|send| send != REVOKED);
    assert_eq!(
        others,
        [
            "oauth_before_login: log=nothing",
            "oauth_authorized: log=nothing greet=nothing",
            "oauth_logged_in: log=nothing",
            "oauth_logged_out: log=nothing"
        ]
    );
}

async fn a_client_may_send_its_secret_in_the_form() {
    let settings = Settings {
        client_auth: "client_secret_post",
        ..EXPIRES_AT_ONCE
    };
    let (provider, party) = started(&settings, &[("--token-auth", "post")]);
    let browser = Browser::new();
    provider.sign_in(&party, &browser, "/").await;
    let page = party.get(&browser, "/api?path=/notes").await;
    assert_eq!(page.status(), 200, "{page:?}");
    party.logout(&browser).await;
    party.signals_once_there_is(REVOKED).await;
    assert_eq!(
        provider.events().await,
        [
            "granted by authorization_code",
            "rotated",
            "granted by refresh_token",
            "refresh token revoked"
        ]
    );
}

async fn a_token_that_lives_is_not_refreshed() {
    let (provider, party) = started(&Settings::DEFAULT, &[]);
    let browser = Browser::new();
    let page = provider.sign_in(&party, &browser, "/me").await;
    assert_eq!(page.url().as_str(), party.url("/me#"));
    let page = party.get(&browser, "/api?path=/notes").await;
    assert_eq!(page.status(), 200, "{page:?}");
    assert_eq!(provider.events().await, ["granted by authorization_code"]);
}

/// Tokens in cookies travel with each request, so requests that leave together carry the same refresh
/// token; the provider takes everything back when it sees one twice.
async fn tabs_with_the_same_cookies_refresh_once() {
    let (provider, party) = started(&EXPIRES_AT_ONCE, &[("--store", "cookie")]);
    let browser = Browser::new();
    provider.sign_in(&party, &browser, "/").await;

    let tabs = [
        Browser::with_jar(browser.jar()),
        Browser::with_jar(browser.jar()),
    ];
    let (one, two) = tokio::join!(
        party.get(&tabs[0], "/api?path=/notes"),
        party.get(&tabs[1], "/api?path=/notes"),
    );
    assert_eq!((one.status().as_u16(), two.status().as_u16()), (200, 200));
    assert_eq!(
        provider.events().await,
        [
            "granted by authorization_code",
            "rotated",
            "granted by refresh_token"
        ]
    );
}

async fn who_says_no_is_told_so() {
    let (provider, party) = started(&Settings::DEFAULT, &[]);
    let browser = Browser::new();
    let page = provider.refuse(&party, &browser).await;
    assert_eq!(page.url().as_str(), party.url("/#"));
    let home = Home::read(&page);
    assert!(!home.signed_in);
    let [flash] = &*home.flashes else {
        panic!("one message, not {home:?}");
    };
    assert!(flash.starts_with("error: Signing in with op failed"));
    assert!(flash.contains("access_denied"), "{flash}");
    party.assert_signed_out(&browser).await;
    assert_eq!(
        party.signals().await[1..],
        ["oauth_error: log=nothing explain=nothing"]
    );
}

/// Without the challenge the provider refuses, so what succeeds elsewhere in this file had one.
async fn the_provider_insists_on_pkce() {
    let (_provider, party) = started(&Settings::DEFAULT, &[]);
    let browser = Browser::new();
    let page = party.get(&browser, "/login/op").await;
    let mut url = page.location().expect("a redirect to the provider");
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("code_challenge"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    assert_eq!(kept.len() + 2, url.query_pairs().count());
    url.query_pairs_mut().clear().extend_pairs(kept);

    let page = browser.get(url).await.expect("a redirect back");
    let home = Home::read(&browser.follow(page).await.expect("the front page"));
    assert!(!home.signed_in);
    assert!(home.flashes[0].contains("invalid_request"), "{home:?}");
}

async fn a_wrong_secret_signs_nobody_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tokens.db");
    let store = format!("sqlite:{}", file.display());
    let settings = Settings {
        secret: "another secret altogether",
        ..Settings::DEFAULT
    };
    let (provider, party) = started(&settings, &[("--store", &store)]);
    let browser = Browser::new();
    let home = Home::read(&provider.sign_in(&party, &browser, "/me").await);
    assert!(!home.signed_in);
    assert!(home.flashes[0].contains("invalid_client"), "{home:?}");
    party.assert_signed_out(&browser).await;
    assert_eq!(tokens_in(&file).await, 0);
    assert_eq!(
        provider.events().await,
        ["refused authorization_code: invalid_client"]
    );
    assert_eq!(
        party.signals().await[1..],
        ["oauth_error: log=nothing explain=nothing"]
    );
}

async fn what_the_provider_takes_back_is_gone() {
    let (provider, party) = started(&EXPIRES_AT_ONCE, &[("--store", "memory")]);
    let browser = Browser::new();
    provider.sign_in(&party, &browser, "/").await;
    provider.take_everything_back().await;

    for path in ["/api?path=/notes", "/me"] {
        let page = party.get(&browser, path).await;
        assert_eq!(page.status(), 401, "{path}: {page:?}");
        assert_eq!(page.json().expect("JSON")["error"], "login_required");
    }
    // A refresh token that is known to be dead is not tried again.
    let refused = "refused refresh_token: invalid_grant";
    let events = provider.events().await;
    let tries = events.iter().filter(|event| *event == refused).count();
    assert_eq!(tries, 1, "{events:?}");

    let home = Home::read(&provider.sign_in(&party, &browser, "/").await);
    assert!(home.signed_in);
}

/// A provider, and a relying party that is registered with it.
fn started(settings: &Settings, args: &[(&str, &str)]) -> (OidcProvider, RelyingParty) {
    let waiting = OidcProvider::start();
    let endpoint = |path: &str| format!("{}{path}", waiting.issuer());
    let endpoints = [
        ("--authorize-url", endpoint("/auth")),
        ("--token-url", endpoint("/token")),
        ("--userinfo-url", endpoint("/me")),
        ("--revoke-url", endpoint("/token/revocation")),
        ("--api-base", endpoint("/resource/")),
    ];
    let mut all = vec![
        ("--client-id", "app"),
        ("--client-secret", SECRET),
        ("--scope", "openid profile email notes"),
    ];
    all.extend(endpoints.iter().map(|(name, url)| (*name, url.as_str())));
    all.extend_from_slice(args);
    let party = RelyingParty::start(&all);
    let provider = waiting.register(settings, &party.url("/login/op/authorized"));
    (provider, party)
}
