//! Tokens that expire while they are used, and stores that fail.

use std::time::Duration;

use oauth_dance::{Limits, LoginError};
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::{Browser, Page};
use tokio::task::JoinSet;

use super::adapter::Adapter;
use super::harmless::COOKIE;
use super::heard::Heard;
use super::pages::{HOME, PROFILE};
use super::rig::{Rig, SOON, WELCOME, rig, setup};
use super::steps::{get, url, visit};
use crate::faulty_store::Verb;

/// How long the provider's access tokens live.
const LIFETIME: Duration = Duration::from_secs(3600);

/// A browser that is signed in with a token that has expired.
async fn expired(rig: &Rig) -> Browser {
    let browser = rig.signed_in().await;
    rig.clock.advance(LIFETIME);
    browser
}

/// The same page in many tabs at once.
async fn in_many_tabs(browser: &Browser, tabs: usize) -> Vec<Page> {
    let mut loading = JoinSet::new();
    for _ in 0..tabs {
        let tab = browser.clone();
        loading.spawn(async move { tab.get(url(PROFILE)).await.expect("an answer") });
    }
    loading.join_all().await
}

async fn is_refreshed_once(rig: &Rig) {
    let browser = expired(rig).await;
    let pages = in_many_tabs(&browser, 50).await;
    let good = pages
        .iter()
        .filter(|page| Rig::username(page).as_deref() == Some("ada"));
    assert_eq!(good.count(), 50);
    // The provider spends refresh tokens, and takes everything back when it sees one again.
    assert_eq!(rig.provider.log().refreshes(), 1);
    assert_eq!(
        Rig::username(&rig.profile(&browser).await).as_deref(),
        Some("ada")
    );
}

/// F01: fifty calls with an expired token, and one refresh.
pub async fn f01_many_calls_refresh_a_stored_token_once(adapter: &Adapter) {
    is_refreshed_once(&rig(adapter).await).await;
}

/// F01: the same where the token is in the browser's cookies.
pub async fn f01_many_calls_refresh_a_token_in_cookies_once(adapter: &Adapter) {
    is_refreshed_once(&setup(adapter).tokens_in_cookies().start().await).await;
}

/// F03: the new refresh token takes the place of the old one, again and again.
pub async fn f03_a_rotated_refresh_token_replaces_the_old_one(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    for _ in 0..3 {
        rig.clock.advance(LIFETIME);
        assert_eq!(
            Rig::username(&rig.profile(&browser).await).as_deref(),
            Some("ada")
        );
    }
    let log = rig.provider.log();
    let sent: Vec<_> = log
        .to("/token")
        .filter_map(|entry| entry.parameter("refresh_token"))
        .collect();
    assert_eq!(sent.len(), 3);
    assert!(sent[0] != sent[1] && sent[1] != sent[2], "sent twice");
}

/// F04: a provider that gives no new refresh token means that the old one goes on.
pub async fn f04_a_refresh_token_that_stays_is_kept(adapter: &Adapter) {
    let setup = setup(adapter).provider(|provider| provider.rotates_refresh_tokens(false));
    let rig = setup.start().await;
    let browser = rig.signed_in().await;
    for _ in 0..2 {
        rig.clock.advance(LIFETIME);
        assert_eq!(
            Rig::username(&rig.profile(&browser).await).as_deref(),
            Some("ada")
        );
    }
    assert_eq!(rig.provider.log().refreshes(), 2);
}

/// F05: the provider no longer honours the refresh token: sign in again, and do not ask again.
pub async fn f05_a_dead_refresh_token_leads_to_the_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = expired(&rig).await;
    leads_to_the_login_for_good(&rig, &browser).await;
}

/// F05: the same a few seconds ahead of time. The page that shows it does not wait for it. The access token is
/// not used up to its end then, for the grant it came from is gone.
pub async fn f05_a_grant_that_is_gone_takes_a_living_token_with_it(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    rig.clock.advance(LIFETIME - Duration::from_secs(10));
    rig.provider
        .inject(Endpoint::Refresh, Fault::error(400, "invalid_grant"));
    assert_eq!(rig.profile(&browser).await.status(), 200);
    let buried = async { while rig.profile(&browser).await.status() != 303 {} };
    let buried = tokio::time::timeout(Duration::from_secs(30), buried).await;
    assert!(buried.is_ok(), "the token is still used");
    leads_to_the_login_for_good(&rig, &browser).await;
}

/// The provider refuses the refresh token, and is asked once.
async fn leads_to_the_login_for_good(rig: &Rig, browser: &Browser) {
    rig.provider
        .inject(Endpoint::Refresh, Fault::error(400, "invalid_grant"));
    for _ in 0..2 {
        let page = rig.profile(browser).await;
        let login = page.location().map(|url| url.path().to_owned());
        assert_eq!(
            (page.status().as_u16(), login.as_deref()),
            (303, Some("/login/op"))
        );
    }
    assert_eq!(rig.provider.log().refreshes(), 1);
}

/// The provider fails to refresh in this way once, and the token survives it.
async fn survives(rig: &Rig, fault: Fault, status: u16) {
    let browser = expired(rig).await;
    let before = rig.store.stored();
    rig.provider.inject(Endpoint::Refresh, fault);
    let page = rig.profile(&browser).await;
    assert_eq!(page.status(), status, "{page:?}");
    assert!(rig.store.stored() == before, "what is stored has changed");
    assert!(rig.home(&browser).await.owner.is_some(), "signed out");
    rig.provider.clear_faults();
}

/// F06: a provider that is down signs no browser out.
pub async fn f06_a_provider_that_is_down_signs_nobody_out(adapter: &Adapter) {
    let rig = rig(adapter).await;
    survives(&rig, Fault::html(500), 502).await;
    survives(&rig, Fault::unavailable(Duration::from_secs(1)), 502).await;
    survives(&rig, Fault::error(429, "slow_down"), 502).await;
    survives(&rig, Fault::error(401, "invalid_client"), 502).await;
    survives(&rig, Fault::error(400, "server_error"), 502).await;
    let wrong_secret = Fault::error(200, "incorrect_client_credentials");
    survives(&rig, wrong_secret, 502).await;
}

/// F05: an answer below 500 without a token means the same as a refusal.
pub async fn f05_an_answer_without_a_token_leads_to_the_login(adapter: &Adapter) {
    for fault in [
        Fault::garbage(),
        Fault::html(200),
        Fault::error(200, "bad_refresh_token"),
    ] {
        let rig = rig(adapter).await;
        let browser = expired(&rig).await;
        rig.provider.inject(Endpoint::Refresh, fault);
        for _ in 0..2 {
            assert_eq!(rig.profile(&browser).await.status(), 303);
        }
        assert_eq!(rig.provider.log().refreshes(), 1);
    }
}

/// F05: the same where the token is in the browser's cookies: the provider is not asked at every page.
pub async fn f05_a_dead_refresh_token_in_cookies_is_forgotten(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let browser = expired(&rig).await;
    for _ in 0..2 {
        leads_to_the_login_for_good(&rig, &browser).await;
        rig.clock.advance(Duration::from_secs(600));
    }
}

/// F06: nor is one that does not answer.
pub async fn f06_a_provider_that_is_silent_signs_nobody_out(adapter: &Adapter) {
    let soon = Limits::DEFAULT.with_deadline(SOON);
    let rig = setup(adapter)
        .dances(move |dances| dances.limits(soon))
        .start()
        .await;
    survives(&rig, Fault::never_answers(), 504).await;
}

/// F06: the next call, when the provider is back, works.
pub async fn f06_a_provider_that_comes_back_refreshes(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = expired(&rig).await;
    rig.provider
        .inject_once(Endpoint::Refresh, Fault::html(503));
    assert_eq!(rig.profile(&browser).await.status(), 502);
    // The provider is given a moment.
    rig.clock.advance(Duration::from_secs(2));
    assert_eq!(
        Rig::username(&rig.profile(&browser).await).as_deref(),
        Some("ada")
    );
}

/// F06: a token is refreshed ahead of time: until it has expired it is good, even if the provider fails.
pub async fn f06_a_token_that_still_lives_outlives_a_failed_refresh(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    rig.clock.advance(LIFETIME - Duration::from_secs(10));
    rig.provider.inject(Endpoint::Refresh, Fault::html(503));
    assert_eq!(
        Rig::username(&rig.profile(&browser).await).as_deref(),
        Some("ada")
    );
    // In the background, and once for each step of the back-off.
    assert!(rig.provider.log().refreshes() <= 1);
}

/// F06: the same without anything to refresh it by: people sign in again when it has expired.
pub async fn f06_a_token_without_a_refresh_token_lives_to_its_end(adapter: &Adapter) {
    let setup = setup(adapter).provider(|provider| provider.refresh_tokens(false));
    let rig = setup.start().await;
    let browser = rig.signed_in().await;
    rig.clock.advance(LIFETIME - Duration::from_secs(1));
    assert_eq!(
        Rig::username(&rig.profile(&browser).await).as_deref(),
        Some("ada")
    );
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.profile(&browser).await.status(), 303);
}

/// F07: the browser is gone before the new token is stored: it is stored nevertheless.
pub async fn f07_a_refresh_outlives_the_browser_that_asked(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = expired(&rig).await;
    let gate = rig.store.hold(Verb::Replace);
    let tab = browser.clone();
    let loading = tokio::spawn(async move { tab.get(url(PROFILE)).await });
    gate.reached().await;
    // Closes the connection.
    loading.abort();
    assert!(loading.await.is_err_and(|error| error.is_cancelled()));
    gate.open();
    assert_eq!(
        Rig::username(&rig.profile(&browser).await).as_deref(),
        Some("ada")
    );
    assert_eq!(rig.provider.log().refreshes(), 1);
}

/// F14, I17: a logout while a refresh is on its way has the last word.
pub async fn f14_a_refresh_does_not_bring_back_who_signed_out(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = expired(&rig).await;
    let gate = rig.store.hold(Verb::Replace);
    let tab = browser.clone();
    let loading = tokio::spawn(async move { tab.get(url(PROFILE)).await });
    gate.reached().await;
    rig.sign_out(&browser).await;
    gate.open();
    let page = loading.await.expect("not cancelled").expect("an answer");
    assert_eq!(page.status(), 303, "{page:?}");
    assert!(rig.store.stored().is_empty(), "the token is back");
    assert_eq!(rig.home(&browser).await.owner, None);
    assert!(!rig.heard().contains(&Heard::Refreshed));
}

/// R30: the token goes to the provider's API, in the header and not in the query.
pub async fn r30_the_token_leads_to_the_providers_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    assert_eq!(
        Rig::username(&rig.profile(&browser).await).as_deref(),
        Some("ada")
    );
    let log = rig.provider.log();
    let call = log.last_to("/api/profile").expect("a call");
    assert!(call.bearer().is_some());
    assert!(
        call.parameters().is_empty(),
        "something went into the query"
    );
}

/// Flask-Dance's `authorization_required`: who is not signed in gets no page.
pub async fn r30_who_is_not_signed_in_calls_nothing(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let page = rig.profile(&rig.browser()).await;
    assert_eq!(page.status(), 303);
    assert!(rig.provider.log().is_empty());
}

/// The store will not keep the token: that is told, and the browser redirected.
pub async fn f09_a_token_that_is_refused_signs_nobody_in(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    rig.store.refuse(Verb::KEEPING);
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    assert_eq!(page.header("location"), Some(WELCOME));
    let heard = [Heard::Authorized, Heard::Error(LoginError::StoreRefused)];
    attack.harmless(&page, 303, &heard, 1).await;
}

/// F09: the store is down when the token is to be stored.
pub async fn f09_a_store_that_is_down_signs_nobody_in(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    rig.store.fail(Verb::ALL);
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    let heard = [
        Heard::Authorized,
        Heard::Error(LoginError::StoreUnavailable),
    ];
    attack.harmless(&page, 503, &heard, 1).await;
}

/// L08: a store that is down does not mean that the browser is signed out.
pub async fn l08_a_store_that_is_down_is_an_error_and_no_logout(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    rig.store.fail(Verb::ALL);
    for page in [rig.me(&browser).await, rig.profile(&browser).await] {
        assert_eq!(page.status(), 503, "{page:?}");
    }
    rig.store.mend();
    assert_eq!(rig.me(&browser).await.status(), 200);
}

/// F18: a token in cookies that does not open any more leads to the login.
pub async fn f18_a_token_that_does_not_open_leads_to_the_login(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let browser = rig.signed_in().await;
    let name = format!("{COOKIE}token-0");
    browser.change_jar(|jar| {
        jar.delete(&name);
        jar.plant("app.localhost", &name, "1.AAAA");
    });
    rig.clock.advance(Duration::from_secs(60));
    assert_eq!(rig.profile(&browser).await.status(), 303);
    assert_eq!(get(&browser, HOME).await.status(), 200);
}
