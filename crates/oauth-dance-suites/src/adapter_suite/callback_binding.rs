//! A callback finishes a login of this browser, of this dance, once, and in time.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_dance::{LoginError, MemoryPendingStore, RejectReason};
use sha2::{Digest as _, Sha256};

use super::adapter::Adapter;
use super::harmless::{PENDING, pending_cookie};
use super::heard::Heard;
use super::rig::{WELCOME, rig, setup};
use super::steps::{adding, changing, get, parameter, step, url, visit, with_query, without};

/// A01: a code without a state.
pub async fn a01_a_callback_without_state_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = without(&rig.callback(&browser).await, "state");
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.rejected(&page, RejectReason::NoState).await;
}

/// A02: a login is pending, and the callback has another state.
pub async fn a02_a_callback_with_another_state_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &changing(&callback, "state", &"A".repeat(43))).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A02: the login that was pending meanwhile still works.
pub async fn a02_the_pending_login_survives_another_state(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    visit(&browser, &changing(&callback, "state", &"A".repeat(43))).await;
    let page = visit(&browser, &callback).await;
    assert_eq!(page.location().map(String::from).as_deref(), Some(WELCOME));
}

/// A03: a login is finished, and a callback arrives with an empty state.
pub async fn a03_an_empty_state_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let attack = rig.attack(&browser).await;
    let page = get(&browser, "/login/op/authorized?code=a-code-of-mine&state=").await;
    attack.rejected(&page, RejectReason::NoState).await;
}

/// A04, R1: the callback of one browser opened in another.
pub async fn a04_another_browsers_callback_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let (attacker, victim) = (rig.browser(), rig.browser());
    let callback = rig.callback(&attacker).await;
    let attack = rig.attack(&victim).await;
    let page = visit(&victim, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A04: the victim has a login of their own pending, and a cookie for it.
pub async fn a04_another_browsers_callback_is_rejected_beside_ones_own(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let (attacker, victim) = (rig.browser(), rig.browser());
    let callback = rig.callback(&attacker).await;
    rig.begin(&victim).await;
    let attack = rig.attack(&victim).await;
    let page = visit(&victim, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A05: as A04 with pending logins on the server, where the login is there for everybody to name.
pub async fn a05_a_server_side_login_is_bound_to_its_browser(adapter: &Adapter) {
    let pending = MemoryPendingStore::new();
    let store = pending.clone();
    let rig = setup(adapter)
        .dances(|dances| dances.pending_store(store))
        .start()
        .await;
    let (attacker, victim) = (rig.browser(), rig.browser());
    let callback = rig.callback(&attacker).await;
    let attack = rig.attack(&victim).await;
    let page = visit(&victim, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
    assert_eq!(pending.len(), 1, "a stranger used the login up");
}

/// A05: after a stranger's attempt the browser that began the login still finishes it.
pub async fn a05_a_stranger_does_not_use_a_server_side_login_up(adapter: &Adapter) {
    let store = MemoryPendingStore::new();
    let rig = setup(adapter)
        .dances(|dances| dances.pending_store(store))
        .start()
        .await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    visit(&rig.browser(), &callback).await;
    visit(&browser, &callback).await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A06, R2: the callback of a finished login again, in the same browser.
pub async fn a06_a_callback_works_once(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    visit(&browser, &callback).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A07: as A06 with the cookie of the pending login restored: the provider refuses the spent code.
pub async fn a07_g03_a_restored_cookie_does_not_repeat_a_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let name = pending_cookie(&browser.jar(), &callback).expect("a pending login");
    let value = browser.cookie(&name).expect("a pending login");
    visit(&browser, &callback).await;
    browser.change_jar(|jar| jar.plant("app.localhost", &name, &value));

    let before = (rig.home(&browser).await.owner, rig.store.stored());
    let page = visit(&browser, &callback).await;
    assert_eq!(page.location().map(String::from).as_deref(), Some(WELCOME));
    let failure = match rig.heard().pop() {
        Some(Heard::Error(LoginError::Provider(error))) => error.code().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(failure, "invalid_grant");
    let after = (rig.home(&browser).await.owner, rig.store.stored());
    assert!(before == after, "something changed");
}

/// A07: as A06 with the cookie of the pending login restored: a login on the server is gone.
pub async fn a07_a_restored_cookie_does_not_restore_a_server_side_login(adapter: &Adapter) {
    let store = MemoryPendingStore::new();
    let rig = setup(adapter)
        .dances(|dances| dances.pending_store(store))
        .start()
        .await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let name = pending_cookie(&browser.jar(), &callback).expect("a pending login");
    let value = browser.cookie(&name).expect("a pending login");
    visit(&browser, &callback).await;
    browser.change_jar(|jar| jar.plant("app.localhost", &name, &value));
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A08: the login was begun too long ago, by the clock of the server.
pub async fn a08_a_login_expires(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    rig.clock.advance(Duration::from_secs(601));
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    assert!(
        page.text().contains("href=\"/login/op\""),
        "no way to begin anew"
    );
    attack.rejected(&page, RejectReason::Expired).await;
}

/// A08: up to then it works.
pub async fn a08_a_slow_person_gets_in_up_to_the_last_second(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let begun = rig.begin(&browser).await;
    rig.clock.advance(Duration::from_secs(599));
    let ready = rig.approve(&browser, begun).await;
    step(&browser, ready).await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A09: several tabs, two providers, one of them twice, finished in reverse order.
pub async fn a09_logins_in_several_tabs_do_not_meet(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let mut tabs = Vec::new();
    for path in ["/login/op", "/login/other", "/login/op?next=/second"] {
        let begun = rig.begin_at(&browser, path).await;
        tabs.push(rig.approve(&browser, begun).await);
    }
    let mut ends = Vec::new();
    for tab in tabs.into_iter().rev() {
        let page = step(&browser, tab).await;
        ends.push(page.location().map(String::from).unwrap_or_default());
    }
    assert_eq!(ends, ["https://app.localhost/second#", WELCOME, WELCOME]);
    // The provider checks that each code came with the verifier of its own login.
    assert_eq!(rig.provider.log().exchanges(), 3);
}

/// A10: many logins are begun and none is finished: few cookies, and the newest login works.
pub async fn a10_unfinished_logins_are_bounded(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    for _ in 0..50 {
        rig.begin(&browser).await;
    }
    let callback = rig.callback(&browser).await;
    let jar = browser.jar();
    let pending: Vec<_> = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with(PENDING))
        .collect();
    let bytes: usize = pending
        .iter()
        .map(|cookie| cookie.name().len() + cookie.value().len())
        .sum();
    assert!(
        pending.len() <= 9 && bytes < 6400,
        "{} cookies, {bytes} bytes",
        pending.len()
    );
    visit(&browser, &callback).await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A32: an unknown state does not begin a new login by itself.
pub async fn a22_a32_a_rejected_callback_begins_no_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let page = get(
        &browser,
        &format!("/login/op/authorized?code=x&state={}", "A".repeat(43)),
    )
    .await;
    assert_eq!((page.status().as_u16(), page.location()), (400, None));
    assert!(!rig.heard().contains(&Heard::BeforeLogin));
}

/// B08, R8: the callback of one dance sent to another, whose cookie goes with it.
pub async fn b08_a_login_of_another_dance_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default();
    let elsewhere = with_query(
        &url("/login/other/authorized").parse().expect("a URL"),
        query,
    );
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &elsewhere).await;
    attack.rejected(&page, RejectReason::OtherDance).await;
}

/// C08: the `next` of the login counts, and not that of the callback.
pub async fn c08_a_next_at_the_callback_is_ignored(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let begun = rig.begin_at(&browser, "/login/op?next=/mine").await;
    let ready = rig.approve(&browser, begun).await;
    let callback = adding(&ready.location().expect("a callback"), "next", "/theirs");
    let page = visit(&browser, &callback).await;
    assert_eq!(
        page.location().map(String::from).as_deref(),
        Some("https://app.localhost/mine#")
    );
}

/// R3: every login has a state and a challenge of its own, and the method is S256.
pub async fn b13_r03_every_login_has_its_own_state_and_challenge(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let first = rig.begin(&browser).await.location().expect("a redirect");
    let second = rig.begin(&browser).await.location().expect("a redirect");
    for name in ["state", "code_challenge"] {
        let values = (parameter(&first, name), parameter(&second, name));
        assert!(
            values.0.is_some() && values.0 != values.1,
            "{name}: {values:?}"
        );
    }
    assert_eq!(
        parameter(&first, "code_challenge_method").as_deref(),
        Some("S256")
    );
}

/// R3: the verifier is long enough, and is what the challenge was made from.
pub async fn r03_the_verifier_proves_the_challenge(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signed_in().await;
    let log = rig.provider.log();
    let sent = |path, name| log.last_to(path).and_then(|entry| entry.parameter(name));
    let verifier = sent("/token", "code_verifier").expect("a verifier");
    assert!(
        (43..=128).contains(&verifier.len()),
        "{} characters",
        verifier.len()
    );
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    assert_eq!(
        sent("/authorize", "code_challenge"),
        Some(challenge.as_str())
    );
}

/// R5: the verifier is in the token request, and in nothing that a browser ever saw.
pub async fn r05_the_verifier_never_reaches_the_browser(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let begun = rig.begin(&browser).await;
    let mut seen = super::harmless::text_of(&begun);
    let ready = rig.approve(&browser, begun).await;
    seen += ready.location().expect("a callback").as_str();
    let page = step(&browser, ready).await;
    seen += &super::harmless::text_of(&page);
    let log = rig.provider.log();
    let verifier = log
        .last_to("/token")
        .and_then(|entry| entry.parameter("code_verifier"));
    let verifier = super::secrets::Secret::new("verifier", verifier.expect("a verifier"));
    super::secrets::assert_none_in([&verifier], &seen, "what the browser saw");
}

/// R9: the token request names the redirect URI of the authorization request, byte for byte.
pub async fn r09_both_requests_name_the_same_redirect_uri(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    rig.sign_in(&browser).await;
    let log = rig.provider.log();
    let named = |path| {
        let entry = log.last_to(path).expect("a request");
        entry.parameter("redirect_uri").map(str::to_owned)
    };
    assert_eq!(named("/authorize"), named("/token"));
    assert_eq!(
        named("/token").as_deref(),
        Some("https://app.localhost/login/op/authorized")
    );
}
