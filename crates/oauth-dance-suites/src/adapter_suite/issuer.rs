//! Whose answer a callback is (RFC 9207), and what the token request says of us.

use oauth_dance::{ClientAuth, LoginError};
use oauth_dance_dev::{Endpoint, Fault};

use super::adapter::Adapter;
use super::heard::Heard;
use super::rig::{Rig, WELCOME, rig, setup};
use super::steps::{adding, changing, visit, without};

/// A provider that names itself, and whose issuer is known.
async fn known(adapter: &Adapter) -> Rig {
    let setup = setup(adapter)
        .provider(|provider| provider.names_issuer(true))
        .description(|provider, issuer| provider.issuer(issuer));
    setup.start().await
}

/// R7: the issuer that was expected.
pub async fn b04_the_right_issuer_is_accepted(adapter: &Adapter) {
    let rig = known(adapter).await;
    let browser = rig.signed_in().await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// B02, R7: the issuer of another provider.
pub async fn b02_another_issuer_is_refused(adapter: &Adapter) {
    let rig = known(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &changing(&callback, "iss", "https://evil.test")).await;
    attack.failed(&page, 400, LoginError::IssuerMismatch).await;
}

/// B04: an issuer that the provider did not promise must be right too.
pub async fn b04_an_unpromised_issuer_must_match(adapter: &Adapter) {
    let setup = setup(adapter).description(|provider, issuer| provider.issuer(issuer));
    let rig = setup.start().await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &adding(&callback, "iss", "https://evil.test")).await;
    attack.failed(&page, 400, LoginError::IssuerMismatch).await;
}

/// B05: nearly the right issuer.
pub async fn b05_issuers_are_compared_exactly(adapter: &Adapter) {
    let rig = known(adapter).await;
    let issuer = rig.provider.issuer();
    for wrong in [
        format!("{issuer}/"),
        issuer.to_uppercase(),
        issuer.replace("http:", "https:"),
        issuer.replace("127.0.0.1", "localhost"),
        issuer.replace('.', "%2E"),
        String::new(),
    ] {
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        let attack = rig.attack(&browser).await;
        let page = visit(&browser, &changing(&callback, "iss", &wrong)).await;
        attack.failed(&page, 400, LoginError::IssuerMismatch).await;
    }
}

/// B06: an error from another issuer is not the provider's error, and its words are dropped.
pub async fn b06_another_issuers_error_is_not_the_providers(adapter: &Adapter) {
    let rig = known(adapter).await;
    let browser = rig.browser();
    let callback = without(&rig.callback(&browser).await, "code");
    let callback = adding(
        &changing(&callback, "iss", "https://evil.test"),
        "error",
        "access_denied",
    );
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.failed(&page, 400, LoginError::IssuerMismatch).await;
}

/// B03: a provider that promises to name itself always does. One that promises nothing may leave it out: each
/// dance has a redirect URI of its own.
pub async fn b03_a_missing_issuer_is_refused_where_it_is_promised(adapter: &Adapter) {
    let rig = known(adapter).await;
    rig.provider
        .inject(Endpoint::Authorization, Fault::without("iss"));
    rig.signed_in().await;

    let setup = setup(adapter)
        .provider(|provider| provider.names_issuer(true))
        .description(|provider, issuer| provider.issuer(issuer).require_issuer());
    let rig = setup.start().await;
    let browser = rig.signed_in().await;
    assert!(rig.home(&browser).await.owner.is_some());
    rig.provider
        .inject(Endpoint::Authorization, Fault::without("iss"));
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.failed(&page, 400, LoginError::IssuerMismatch).await;
}

/// B03, B06: so does an error that does not say whose it is. Its words are dropped.
pub async fn b03_an_error_without_the_promised_issuer_is_not_the_providers(adapter: &Adapter) {
    let setup = setup(adapter)
        .provider(|provider| provider.names_issuer(true))
        .description(|provider, issuer| provider.issuer(issuer).require_issuer());
    let rig = setup.start().await;
    let browser = rig.browser();
    let callback = without(&without(&rig.callback(&browser).await, "code"), "iss");
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &adding(&callback, "error", "access_denied")).await;
    attack.failed(&page, 400, LoginError::IssuerMismatch).await;
}

/// B04: an issuer of which nothing is known says nothing.
pub async fn b04_an_issuer_without_expectation_is_passed_over(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.provider.inject(
        Endpoint::Authorization,
        Fault::with("iss", "https://tenant.test"),
    );
    rig.signed_in().await;
}

/// B09: an attacker removed the challenge on the way: the provider refuses the verifier, and a second
/// try without it is not made.
pub async fn b09_a_stripped_challenge_ends_the_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.provider
        .inject_once(Endpoint::Authorization, Fault::ignores_pkce());
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    assert_eq!(page.header("location"), Some(WELCOME));
    let Some(Heard::Error(failure)) = rig.heard().pop() else {
        panic!("{:?}", rig.heard());
    };
    attack.failed_exchange(&page, 303, failure).await;
}

/// R22: the token request is a POST whose credentials are in no URL.
pub async fn r22_the_token_request_has_no_query(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signed_in().await;
    let log = rig.provider.log();
    let request = log.last_to("/token").expect("a token request");
    let names: Vec<&str> = request
        .parameters()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    // Each of them once, so none is in a query beside the form.
    assert_eq!(
        sorted,
        ["code", "code_verifier", "grant_type", "redirect_uri"]
    );
    assert_eq!(request.method(), "POST");
    assert_eq!(request.client_auth(), ClientAuth::Basic);
}

/// R23: identifier and secret are form-encoded before they become a header.
pub async fn r23_basic_credentials_are_form_encoded(adapter: &Adapter) {
    let rig = setup(adapter)
        .credentials("a:b c", "p+\u{e9}/% and more")
        .start()
        .await;
    rig.signed_in().await;
    let log = rig.provider.log();
    let request = log.last_to("/token").expect("a token request");
    let header = request.headers().get("authorization").expect("credentials");
    let expected = "Basic YSUzQWIrYzpwJTJCJUMzJUE5JTJGJTI1K2FuZCttb3Jl";
    assert_eq!(header.to_str().ok(), Some(expected));
}

/// R24: credentials in the form are in the form alone.
pub async fn r24_credentials_are_sent_in_one_way(adapter: &Adapter) {
    let setup = setup(adapter).description(|provider, _| provider.client_auth(ClientAuth::Post));
    let rig = setup.start().await;
    rig.signed_in().await;
    let log = rig.provider.log();
    let request = log.last_to("/token").expect("a token request");
    assert_eq!(request.client_auth(), ClientAuth::Post);
    assert!(request.headers().get("authorization").is_none());
}
