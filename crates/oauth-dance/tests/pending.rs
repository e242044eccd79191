//! A login on its way counts only under the registration that it was begun with.

mod support;

use std::sync::Arc;

use http::Method;
use oauth_dance::{
    Credentials, Dance, DanceBuilder, Key, OAUTH_REJECTED, Provider, RejectReason, Rejected,
};
use parking_lot::Mutex;

use self::support::app_of;

fn dance(token_endpoint: &str, client_id: &str) -> DanceBuilder {
    let provider = Provider::oauth2("op", "https://op.test/authorize", token_endpoint);
    Dance::builder(provider).credentials(Credentials::new(client_id, "secret"))
}

/// Begins a login at one release of the application and finishes it at the next.
async fn across_a_release(before: DanceBuilder, after: DanceBuilder) -> (u16, Vec<RejectReason>) {
    let key = Key::generate().unwrap();
    let (before, after) = (
        app_of(&key, before, |dances| dances),
        app_of(&key, after, |dances| dances),
    );
    let rejected = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&rejected);
    let signal = after.signals.of(&OAUTH_REJECTED);
    signal.connect(move |_: &Dance, rejected: &Rejected| heard.lock().push(rejected.reason()));

    let browser = before.browser();
    let callback = before.callback(&browser).await;
    // The same browser, at the next release.
    let jar = browser.jar();
    let browser = after.browser();
    browser.set_jar(jar);
    let page = after.ask(&browser, Method::GET, &callback).await;
    // Where it is rejected, nothing was sent to anybody.
    assert_eq!(after.op.requests() == 0, !rejected.lock().is_empty());
    (page.status().as_u16(), rejected.lock().clone())
}

#[tokio::test]
async fn a_login_outlives_a_release() {
    let same = || dance("https://op.test/token", "id");
    assert_eq!(across_a_release(same(), same()).await, (303, Vec::new()));
}

#[tokio::test]
async fn b01_a_code_is_not_taken_to_another_token_endpoint() {
    let before = dance("https://op.test/token", "id");
    let after = dance("https://other.test/token", "id");
    let rejected = (400, vec![RejectReason::OtherDance]);
    assert_eq!(across_a_release(before, after).await, rejected);
}

#[tokio::test]
async fn b01_a_code_is_not_taken_there_by_another_client() {
    let before = dance("https://op.test/token", "id");
    let after = dance("https://op.test/token", "other");
    let rejected = (400, vec![RejectReason::OtherDance]);
    assert_eq!(across_a_release(before, after).await, rejected);
}
