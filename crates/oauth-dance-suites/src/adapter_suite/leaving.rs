//! Clients that close the connection, or reset their stream, while the dance works for them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::{Reason, SendStream};
use http::{Request, Response};
use oauth_dance::{
    ClientError, Dance, HttpClient, Limits, LoggedIn, MemoryPendingStore, OAUTH_LOGGED_IN,
    RejectReason,
};
use oauth_dance_testkit::Browser;
use tokio::sync::{Notify, Semaphore};
use url::{Position, Url};

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::heard::Heard;
use super::http2::{Connection, cookies_of, of_http_2};
use super::raw::Wire;
use super::rig::{Rig, rig, setup};
use super::steps::{url, visit};
use crate::faulty_store::Verb;

/// A request over HTTP/2 whose stream is open.
struct Resettable {
    stream: SendStream<Bytes>,
    _response: ResponseFuture,
}

impl Resettable {
    async fn send(connection: &Connection, target: &str, browser: &Browser) -> Self {
        let request = Request::get(target)
            .header("host", "app.localhost")
            .header("cookie", cookies_of(browser));
        let request = of_http_2(request.body(Bytes::new()).expect("a request"));
        let mut requests = connection.ready().await;
        let sent = requests.send_request(request.map(|_| ()), true);
        let (_response, stream) = sent.expect("a request");
        Self { stream, _response }
    }

    fn reset(mut self) {
        self.stream.send_reset(Reason::CANCEL);
    }
}

/// How long a server has to notice that a client is gone. One that does not goes on.
const NOTICED: Duration = Duration::from_secs(3);

/// A provider whose first answer is held up, after it was given. Clones are the same.
#[derive(Clone)]
struct Held(Arc<Hold>);

struct Hold {
    client: Arc<dyn HttpClient>,
    /// The one exchange that is held up.
    first: Semaphore,
    /// Is closed when the answer is let through.
    way: Semaphore,
    reached: Notify,
    dropped: Notify,
}

impl Held {
    fn new(client: Arc<dyn HttpClient>) -> Self {
        Self(Arc::new(Hold {
            client,
            first: Semaphore::new(1),
            way: Semaphore::new(0),
            reached: Notify::new(),
            dropped: Notify::new(),
        }))
    }
}

#[async_trait]
impl HttpClient for Held {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let answer = self.0.client.send(request, limits).await;
        if let Ok(first) = self.0.first.try_acquire() {
            first.forget();
            let gone = TellsWhenDropped(Some(self));
            self.0.reached.notify_one();
            // There are no permits: this waits until the way is closed.
            let _ = self.0.way.acquire().await;
            gone.stayed();
        }
        answer
    }
}

struct TellsWhenDropped<'a>(Option<&'a Held>);

impl TellsWhenDropped<'_> {
    fn stayed(mut self) {
        self.0 = None;
    }
}

impl Drop for TellsWhenDropped<'_> {
    fn drop(&mut self) {
        if let Some(held) = self.0 {
            held.0.dropped.notify_one();
        }
    }
}

/// An application with a login whose exchange is under way: the provider has spent the code, and its answer is held up.
struct Leaving {
    rig: Rig,
    held: Held,
    browser: Browser,
    callback: Url,
    logged_in: Arc<Notify>,
}

impl Leaving {
    async fn prepare(adapter: &Adapter) -> Self {
        let held = Held::new(adapter.client());
        let client = held.clone();
        let rig = setup(adapter)
            .dances(|dances| {
                dances
                    .client(client)
                    .pending_store(MemoryPendingStore::new())
            })
            .start()
            .await;
        let logged_in = Arc::new(Notify::new());
        let told = Arc::clone(&logged_in);
        let signal = rig.signals.of(&OAUTH_LOGGED_IN);
        signal.connect(move |_: &Dance, _: &LoggedIn| told.notify_one());
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        Self {
            rig,
            held,
            browser,
            callback,
            logged_in,
        }
    }

    /// The request of the callback.
    fn target(&self) -> &str {
        &self.callback[Position::BeforePath..]
    }

    async fn until_held(&self) {
        let reached = self.held.0.reached.notified();
        let reached = tokio::time::timeout(Duration::from_secs(30), reached).await;
        reached.expect("an exchange");
    }

    /// What holds after the browser has left: the login has happened, or it has not, and the browser begins anew.
    async fn comes_back(self) {
        let rig = &self.rig;
        let dropped = self.held.0.dropped.notified();
        let is_over = tokio::time::timeout(NOTICED, dropped).await.is_ok();
        self.held.0.way.close();
        if !is_over {
            let finished = tokio::time::timeout(NOTICED, self.logged_in.notified()).await;
            finished.expect("a login that goes on goes to its end");
        }
        let logins = usize::from(!is_over);
        assert_eq!(rig.store.stored().len(), logins, "tokens");
        assert_eq!(rig.provider.log().exchanges(), 1);

        // The login is used up: a reload sends the code nowhere.
        let page = visit(&self.browser, &self.callback).await;
        assert_eq!(page.status(), 400, "{page:?}");
        let rejected = Heard::Rejected(RejectReason::NoPendingLogin);
        assert_eq!(rig.heard().last(), Some(&rejected));
        assert_eq!(rig.provider.log().exchanges(), 1);

        let page = rig.sign_in(&self.browser).await;
        assert_eq!(page.status(), 303, "{page:?}");
        assert!(rig.home(&self.browser).await.owner.is_some());
        assert_eq!(rig.provider.log().exchanges(), 2);
        // Nothing else has happened, and nothing twice.
        let first = [Heard::BeforeLogin, Heard::Authorized];
        let again = [rejected, Heard::BeforeLogin, Heard::Authorized];
        assert_eq!(rig.heard(), [&first[..=logins], &again].concat());
    }
}

/// H09: the browser closes the connection while the provider is slow. The login has happened, or it has not, and the
/// code was spent once.
pub async fn h09_a_browser_that_leaves_in_its_callback_leaves_no_half_login(adapter: &Adapter) {
    let leaving = Leaving::prepare(adapter).await;
    let mut wire = Wire::open(leaving.rig.address()).await;
    let (target, cookies) = (leaving.target(), cookie_header(&leaving.browser));
    let request = format!("GET {target} HTTP/1.1\r\nHost: app.localhost\r\n{cookies}\r\n\r\n");
    wire.send(request.as_bytes()).await;
    leaving.until_held().await;
    drop(wire);
    // The server serves others meanwhile.
    let other = leaving.rig.browser();
    assert_eq!(leaving.rig.home(&other).await.owner, None);
    leaving.comes_back().await;
}

/// H09, for a stream of HTTP/2 that is reset. The connection goes on.
pub async fn h09_a_stream_that_is_reset_in_its_callback_leaves_no_half_login(adapter: &Adapter) {
    let leaving = Leaving::prepare(adapter).await;
    let connection = Connection::open(leaving.rig.address()).await;
    let reset = Resettable::send(&connection, leaving.target(), &leaving.browser).await;
    leaving.until_held().await;
    reset.reset();
    let home = connection.get("/", "").await;
    assert_eq!(home.status(), 200);
    leaving.comes_back().await;
}

/// L01, I17: a logout that has begun goes to its end, also if its browser leaves.
pub async fn l01_a_logout_outlives_the_browser_that_asked(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    let gate = rig.store.hold(Verb::Delete);
    let tab = browser.clone();
    let leaving = tokio::spawn(async move { tab.post_form(url("/logout/op"), &[]).await });
    gate.reached().await;
    // Closes the connection.
    leaving.abort();
    assert!(leaving.await.is_err_and(|error| error.is_cancelled()));
    // The server serves others meanwhile.
    assert_eq!(rig.home(&rig.browser()).await.owner, None);
    gate.open();
    for heard in [Heard::LoggedOut, Heard::Revoked] {
        let in_time = tokio::time::timeout(3 * NOTICED, rig.until_heard(&heard)).await;
        in_time.unwrap_or_else(|_| panic!("{heard:?} was not heard"));
    }
    assert!(rig.store.stored().is_empty(), "the token is still stored");
}
