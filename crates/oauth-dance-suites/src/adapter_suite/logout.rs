//! Signing out, and signing in as another user.

use http::Method;
use oauth_dance::{Authorized, Dance, LoginError, OAUTH_AUTHORIZED, Owner};
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::{Browser, StoredCookie};

use super::adapter::Adapter;
use super::harmless::assert_protected;
use super::heard::Heard;
use super::raw;
use super::rig::{GOODBYE, rig, setup};
use super::steps::{ask, url};
use crate::faulty_store::Verb;

/// R37, R62: the session, the stored token and the provider's token all end.
pub async fn r62_a_logout_ends_the_session_and_the_token(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let page = rig.sign_out(&browser).await;
    assert_eq!(
        (page.status().as_u16(), page.header("location")),
        (303, Some(GOODBYE))
    );
    assert_protected(&page);
    assert_eq!(rig.home(&browser).await.owner, None);
    assert!(rig.store.stored().is_empty(), "the token is still stored");
    assert!(rig.heard().contains(&Heard::LoggedOut));
    // No browser waits for the revocation.
    rig.until_heard(&Heard::Revoked).await;
    assert_eq!(rig.provider.log().revocations(), 1);
}

/// I12: a page of another site posts the form.
pub async fn i12_another_site_signs_nobody_out(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    for page in [
        "https://evil.test/",
        "https://sibling.app.localhost/",
        "http://app.localhost/",
    ] {
        let attack = rig.attack(&browser).await;
        let request = browser
            .request(Method::POST, url("/logout/op"))
            .caused_by(page);
        let answer = request.form(&[]).send().await.expect("an answer");
        attack.harmless(&answer, 403, &[], 0).await;
    }
}

/// I12: an old browser says less about itself, and enough.
pub async fn i12_a_foreign_origin_signs_nobody_out(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    for origin in [
        "https://evil.test",
        "null",
        "http://app.localhost",
        "https://app.localhost:444",
    ] {
        let session = browser.cookie("__Host-od-session-op").expect("a session");
        let headers = [
            "Host: app.localhost".to_owned(),
            format!("Cookie: __Host-od-session-op={session}"),
            format!("Origin: {origin}"),
            "Content-Length: 0".to_owned(),
        ];
        let answer = raw::send(rig.address(), "POST", "/logout/op", &headers).await;
        assert_eq!(answer.status, 403, "{origin}: {}", answer.text());
    }
    assert!(rig.home(&browser).await.owner.is_some());
    assert_eq!(rig.store.stored().len(), 1);
}

/// I12: an image, a link, a form by GET.
pub async fn i12_only_a_post_signs_out(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        let attack = rig.attack(&browser).await;
        let answer = ask(&browser, method, "/logout/op").await;
        attack.harmless(&answer, 405, &[], 0).await;
    }
}

/// I16: the provider does not take the token back: it is deleted here nevertheless.
pub async fn i16_a_failed_revocation_does_not_hold_up_a_logout(adapter: &Adapter) {
    for fault in [Fault::html(503), Fault::never_answers()] {
        let rig = rig(adapter).await;
        let browser = rig.signed_in().await;
        rig.provider.inject(Endpoint::Revocation, fault);
        let page = rig.sign_out(&browser).await;
        assert_eq!(
            (page.status().as_u16(), page.header("location")),
            (303, Some(GOODBYE))
        );
        assert!(rig.store.stored().is_empty(), "the token is still stored");
        assert_eq!(rig.home(&browser).await.owner, None);
        assert_eq!(rig.heard().pop(), Some(Heard::LoggedOut));
        assert!(!rig.heard().contains(&Heard::Revoked));
    }
}

/// I16: the store does not answer: the browser is signed out, and told that the token has stayed.
pub async fn i16_a_logout_whose_token_stays_says_so(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    rig.store.fail(Verb::ALL);
    let page = rig.sign_out(&browser).await;
    assert_eq!(page.status(), 503);
    assert_protected(&page);
    assert_eq!(rig.home(&browser).await.owner, None);
    assert_eq!(rig.heard().pop(), Some(Heard::LoggedOut));
}

/// If the browser is not signed in, a logout changes nothing, and the application hears of it: its own session
/// may still be there.
pub async fn r62_a_logout_of_nobody_changes_nothing(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let page = rig.sign_out(&browser).await;
    assert_eq!(page.status(), 303);
    assert_protected(&page);
    assert_eq!(rig.heard(), [Heard::LoggedOut]);
    assert!(browser.jar().is_empty());
    assert!(rig.provider.log().is_empty());
}

/// R62: a logout of one dance leaves the login of another.
pub async fn r62_a_logout_of_one_dance_leaves_the_other(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let page = browser
        .post_form(url("/logout/other"), &[])
        .await
        .expect("an answer");
    assert_eq!(page.status(), 303);
    assert!(rig.home(&browser).await.owner.is_some());
}

/// I01: the identifier of the session is new at every login.
pub async fn i01_every_login_has_a_new_identifier(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let first = rig.home(&browser).await.owner;
    rig.sign_in(&browser).await;
    let second = rig.home(&browser).await.owner;
    assert!(first.is_some() && second.is_some() && first != second);
    assert_eq!(
        rig.store.stored().len(),
        1,
        "the record of the first login stays"
    );
}

/// I02: another user signs in over the first: the token of the first is out of reach.
pub async fn i02_a_second_person_does_not_reach_the_firsts_token(adapter: &Adapter) {
    let rig = setup(adapter).start().await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, login: &Authorized| {
            let subject = login.identity().map(|who| who.subject().to_owned());
            login.store_for(subject.unwrap_or_default());
        });
    let browser = rig.signed_in().await;
    let begun = rig.begin(&browser).await;
    let to = begun.location().expect("a redirect");
    let callback = rig
        .provider
        .approve(to, "grace", &["profile"])
        .expect("a callback");
    super::steps::visit(&browser, &callback).await;
    assert_eq!(
        rig.home(&browser).await.owner.as_deref(),
        Some("user:dev-grace")
    );
    let name = super::rig::Rig::username(&rig.profile(&browser).await);
    assert_eq!(name.as_deref(), Some("grace"));
    // And hers is hers still: a server reaches both.
    let ada = rig.dance().api(&Owner::user("dev-ada"));
    assert!(ada.token().await.is_ok());
}

/// I02: a user without an identifier is refused: all such users would share one token.
pub async fn i02_a_blank_owner_owns_nothing(adapter: &Adapter) {
    for blank in ["", " \u{2003}"] {
        let rig = setup(adapter).start().await;
        rig.signals
            .of(&OAUTH_AUTHORIZED)
            .connect(move |_: &Dance, login: &Authorized| login.store_for(blank));
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        super::steps::visit(&browser, &callback).await;
        let refused = Heard::Error(LoginError::StoreRefused);
        assert!(rig.heard().contains(&refused), "{:?}", rig.heard());
        assert_eq!(rig.home(&browser).await.owner, None);
        assert!(rig.store.stored().is_empty());
    }
}

/// A09: the callbacks of two dances in flight at once: neither undoes the other's login.
pub async fn a09_two_callbacks_at_once_both_sign_in(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let ready = rig.ready(&browser).await;
    let begun = rig.begin_at(&browser, "/login/other").await;
    let ready_at_other = rig.approve(&browser, begun).await;
    let before = browser.jar();
    super::steps::step(&browser, ready).await;
    // The second request left before the first was answered; its answer comes in last.
    let second = rig.browser_like(Browser::with_jar(before.clone()));
    super::steps::step(&second, ready_at_other).await;
    let mut news = 0;
    for cookie in second.jar().iter() {
        let known = before.get(cookie.name()).map(StoredCookie::value);
        if cookie.host() == "app.localhost" && known != Some(cookie.value()) {
            browser.change_jar(|jar| {
                jar.delete(cookie.name());
                jar.plant("app.localhost", cookie.name(), cookie.value());
            });
            news += 1;
        }
    }
    assert_ne!(news, 0, "the second callback set no cookie");
    assert!(rig.home(&browser).await.owner.is_some());
}
