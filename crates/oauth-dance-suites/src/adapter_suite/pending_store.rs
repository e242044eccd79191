//! Pending logins on the server: taken by one callback alone, and a store that is down.

use oauth_dance::{LoginError, MemoryPendingStore, RejectReason};
use tokio::task::JoinSet;

use super::adapter::Adapter;
use super::harmless::pending_cookie;
use super::heard::Heard;
use super::rig::{Rig, setup};
use super::steps::{get, visit};
use crate::faulty_store::{FaultyStore, Verb};

async fn frail(adapter: &Adapter) -> (Rig, FaultyStore<MemoryPendingStore>) {
    let store = FaultyStore::default();
    let frail = store.clone();
    let rig = setup(adapter)
        .dances(|dances| dances.pending_store(frail))
        .start()
        .await;
    (rig, store)
}

/// A27: the store does not answer: that is not a forgery, and the login can still be finished.
pub async fn a27_a_store_that_is_down_is_not_a_wrong_state(adapter: &Adapter) {
    let (rig, store) = frail(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    store.fail(Verb::ALL);
    let page = visit(&browser, &callback).await;
    assert_eq!(page.status(), 503);
    assert_eq!(
        rig.heard().pop(),
        Some(Heard::Error(LoginError::StoreUnavailable))
    );
    store.mend();
    visit(&browser, &callback).await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A27: without the store no login begins.
pub async fn a27_no_login_begins_without_its_store(adapter: &Adapter) {
    let (rig, store) = frail(adapter).await;
    store.fail(Verb::ALL);
    let browser = rig.browser();
    let attack = rig.attack(&browser).await;
    let page = get(&browser, "/login/op").await;
    let heard = [
        Heard::BeforeLogin,
        Heard::Error(LoginError::StoreUnavailable),
    ];
    attack.harmless(&page, 503, &heard, 0).await;
}

/// A04, A09: the logins of several browsers wait side by side, and each is bound by the content of its own
/// cookie.
pub async fn a04_stored_logins_of_several_browsers_do_not_meet(adapter: &Adapter) {
    let (rig, _) = frail(adapter).await;
    let browsers = [rig.browser(), rig.browser()];
    let mut callbacks = Vec::new();
    for browser in &browsers {
        callbacks.push(rig.callback(browser).await);
    }
    // The cookie of one login with the content of the other.
    let cookie = |index: usize| {
        let jar = browsers[index].jar();
        let name = pending_cookie(&jar, &callbacks[index]).expect("a pending login");
        let value = jar.get(&name).expect("a cookie").value().to_owned();
        (name, value)
    };
    let ((name, value), (_, other)) = (cookie(0), cookie(1));
    let (before, _) = value.rsplit_once('.').expect("a payload");
    let (_, content) = other.rsplit_once('.').expect("a payload");
    let forger = rig.browser();
    forger.change_jar(|jar| jar.plant("app.localhost", &name, &format!("{before}.{content}")));
    let page = visit(&forger, &callbacks[0]).await;
    assert_eq!(page.status(), 400);

    for (browser, callback) in browsers.iter().zip(&callbacks) {
        visit(browser, callback).await;
        assert!(rig.home(browser).await.owner.is_some());
    }
}

/// A28: the same callback many times at once: one of them has the login.
pub async fn a28_one_of_many_callbacks_finishes_the_login(adapter: &Adapter) {
    let (rig, _) = frail(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    // Each tab has the cookies of before, whatever the others get.
    let jar = browser.jar();
    let mut loading = JoinSet::new();
    for _ in 0..50 {
        let tab = rig.browser();
        tab.set_jar(jar.clone());
        let callback = callback.clone();
        loading.spawn(async move { visit(&tab, &callback).await.status().as_u16() });
    }
    let statuses = loading.join_all().await;
    let finished = statuses.iter().filter(|status| **status == 303).count();
    let rejected = statuses.iter().filter(|status| **status == 400).count();
    assert_eq!((finished, rejected), (1, 49));
    assert_eq!(rig.provider.log().token_requests(), 1);
    let expected = Heard::Rejected(RejectReason::NoPendingLogin);
    assert_eq!(
        rig.heard()
            .iter()
            .filter(|heard| **heard == expected)
            .count(),
        49
    );
}
