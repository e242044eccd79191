//! A provider without a network, a clock that stands, and a browser that keeps cookies.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response};
use oauth_dance::{
    ClientError, Clock, Credentials, Dance, DanceBuilder, Dances, DancesBuilder, HttpClient, Key,
    Limits, Provider, SignalSet, Timestamp, Visit,
};
use parking_lot::Mutex;
use url::Url;

pub(crate) const ORIGIN: &str = "https://app.test";

/// How long the provider's access tokens live, in seconds.
pub(crate) const LIFETIME: u64 = 3600;

/// The provider: it grants what it is asked for and notes the requests.
#[derive(Clone, Default)]
pub(crate) struct Op(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Op {
    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().len()
    }

    /// The addresses of the requests that were not for a token.
    pub(crate) fn calls(&self) -> Vec<String> {
        let requests = self.0.lock();
        let calls = requests
            .iter()
            .filter(|request| request.uri().path() != "/token");
        calls.map(|request| request.uri().to_string()).collect()
    }

    /// The refresh tokens that it was shown, in order.
    pub(crate) fn refreshes(&self) -> Vec<String> {
        let requests = self.0.lock();
        let forms = requests.iter().map(Request::body);
        forms
            .filter_map(|form| {
                let mut pairs = form_urlencoded::parse(form);
                let (_, token) = pairs.find(|(name, _)| name == "refresh_token")?;
                Some(token.into_owned())
            })
            .collect()
    }
}

#[async_trait]
impl HttpClient for Op {
    async fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let asks_for_token = request.uri().path() == "/token";
        let number = {
            let mut requests = self.0.lock();
            requests.push(request);
            requests.len()
        };
        let body = if asks_for_token {
            format!(
                r#"{{"access_token":"access-{number}","refresh_token":"refresh-{number}",
                    "token_type":"bearer","expires_in":{LIFETIME}}}"#
            )
        } else {
            "{}".to_owned()
        };
        let mut response = Response::new(Bytes::from(body));
        let json = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        Ok(response)
    }
}

/// A clock that tests move.
#[derive(Clone)]
pub(crate) struct StoppedClock(Arc<AtomicU64>);

impl StoppedClock {
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0.load(Ordering::Relaxed))
    }
}

/// The application.
pub(crate) struct App {
    pub(crate) op: Op,
    pub(crate) clock: StoppedClock,
    pub(crate) signals: SignalSet,
    pub(crate) dances: Dances,
}

pub(crate) fn provider() -> Provider {
    Provider::oauth2("op", "https://op.test/authorize", "https://op.test/token")
        .api_base("https://op.test/v1")
}

pub(crate) fn app() -> App {
    app_with(|dance| dance, |dances| dances)
}

pub(crate) fn app_with(
    change_dance: impl FnOnce(DanceBuilder) -> DanceBuilder,
    change: impl FnOnce(DancesBuilder) -> DancesBuilder,
) -> App {
    let dance = Dance::builder(provider()).credentials(Credentials::new("id", "secret"));
    app_of(&Key::generate().unwrap(), change_dance(dance), change)
}

pub(crate) fn app_of(
    key: &Key,
    dance: DanceBuilder,
    change: impl FnOnce(DancesBuilder) -> DancesBuilder,
) -> App {
    let (op, signals) = (Op::default(), SignalSet::new());
    let clock = StoppedClock(Arc::new(AtomicU64::new(1_700_000_000)));
    let dances = Dances::builder(ORIGIN, key.clone())
        .client(op.clone())
        .clock(clock.clone())
        .signals(signals.clone())
        .with(dance);
    App {
        op,
        clock,
        signals,
        dances: change(dances).build().unwrap(),
    }
}

impl App {
    /// Asks for one of the dance's own pages.
    pub(crate) async fn ask(
        &self,
        browser: &mut Browser,
        method: Method,
        path: &str,
    ) -> Response<Bytes> {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        *request.headers_mut() = browser.headers();
        let response = self.dances.handle(request).await;
        browser.keep(response.headers());
        response
    }

    /// The callback that answers the login which `browser` begins here.
    pub(crate) async fn callback(&self, browser: &mut Browser) -> String {
        let begun = self.ask(browser, Method::GET, "/login/op").await;
        let to = Url::parse(begun.headers()[LOCATION].to_str().unwrap()).unwrap();
        let mut pairs = to.query_pairs();
        let (_, state) = pairs.find(|(name, _)| name == "state").unwrap();
        format!("/login/op/authorized?code=code&state={state}")
    }

    /// A browser that is signed in.
    pub(crate) async fn signed_in(&self) -> Browser {
        let mut browser = Browser::default();
        let callback = self.callback(&mut browser).await;
        let done = self.ask(&mut browser, Method::GET, &callback).await;
        assert_eq!(done.status(), 303);
        browser
    }

    /// Opens a page of the application.
    pub(crate) fn visit(&self, browser: &Browser) -> Visit {
        let mut request = Request::new(());
        *request.headers_mut() = browser.headers();
        self.dances.visit(&request.into_parts().0)
    }

    /// Closes the page.
    pub(crate) fn finish(&self, visit: &Visit, browser: &mut Browser) -> HeaderMap {
        let mut headers = HeaderMap::new();
        oauth_dance::leaf::finish(visit, &mut headers);
        browser.keep(&headers);
        headers
    }
}

/// A browser's cookies.
#[derive(Default)]
pub(crate) struct Browser(pub(crate) BTreeMap<String, String>);

impl Browser {
    fn headers(&self) -> HeaderMap {
        let cookies = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        cookies
            .map(|cookie| (COOKIE, cookie.parse().unwrap()))
            .collect()
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
