//! Clients that close the connection, or reset their stream, while the dance works for them.

use oauth_dance_testkit::Browser;
use url::{Position, Url};

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::heard::Heard;
use super::http2::Connection;
use super::raw::Wire;
use super::rig::{Rig, rig};
use crate::faulty_store::Verb;

/// H09: a browser that leaves in the middle of a callback. The login is finished or it is not, and the code was spent
/// once.
pub async fn h09_a_browser_that_leaves_in_its_callback_leaves_no_half_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let gate = rig.store.hold(Verb::Save);
    let mut wire = Wire::open(rig.address()).await;
    let target = &callback[Position::BeforePath..];
    let cookies = cookie_header(&browser);
    let request = format!("GET {target} HTTP/1.1\r\nHost: app.localhost\r\n{cookies}\r\n\r\n");
    wire.send(request.as_bytes()).await;
    gate.reached().await;
    drop(wire);
    gate.open();
    is_whole(&rig, &browser, &callback).await;
}

/// H09, for a stream of HTTP/2 that is reset. The other streams of the connection go on.
pub async fn h09_a_stream_that_is_reset_in_its_callback_leaves_no_half_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let gate = rig.store.hold(Verb::Save);
    let mut connection = Connection::open(rig.address()).await;
    let mut resets = connection.clone();
    let target = callback[Position::BeforePath..].to_owned();
    let cookies = Connection::crumbs(&browser);
    let callback_page = tokio::spawn(async move { resets.get(&target, &cookies).await });
    gate.reached().await;
    callback_page.abort();
    assert!(callback_page.await.is_err_and(|error| error.is_cancelled()));
    gate.open();
    let home = connection.get("/", &[]).await;
    assert_eq!(home.status(), 200);
    is_whole(&rig, &browser, &callback).await;
}

/// The browser has seen no answer, so it is not signed in. It may come back with the same callback, and begin again.
async fn is_whole(rig: &Rig, browser: &Browser, callback: &Url) {
    assert!(rig.home(browser).await.owner.is_none());
    let authorized = |rig: &Rig| {
        let heard = rig.heard();
        heard.iter().filter(|it| **it == Heard::Authorized).count()
    };
    assert_eq!(rig.provider.log().token_requests(), 1, "the code was spent");
    assert_eq!(authorized(rig), 1);

    // The provider knows that the code was spent, so the same callback ends in an error.
    browser.get(callback).await.expect("an answer");
    assert_eq!(authorized(rig), 1);
    assert!(rig.home(browser).await.owner.is_none());

    let page = rig.sign_in(browser).await;
    assert_eq!(page.status(), 303, "{page:?}");
    assert!(rig.home(browser).await.owner.is_some());
}
