//! An application in process, and a provider that says what it was shown.

#![allow(dead_code, reason = "each test binary uses its part")]

#[cfg(feature = "tracing")]
pub(crate) mod log;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use oauth_dance::{
    ClientError, Credentials, Dance, DanceBuilder, Dances, DancesBuilder, HttpClient, Key, Limits,
    Provider, SignalSet, Visit,
};
use oauth_dance_testkit::{Browser, ManualClock, Page};
use parking_lot::Mutex;

pub(crate) const ORIGIN: &str = "https://app.test";

/// How long the provider's access tokens live.
pub(crate) const LIFETIME: Duration = Duration::from_secs(3600);

/// The provider. It does not look at what it is asked for: its tokens are numbered, so that a test can name
/// them, and it notes the requests as they were written.
#[derive(Clone, Default)]
pub(crate) struct Op(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Op {
    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().len()
    }

    /// The tokens that it was asked to revoke, in order.
    pub(crate) fn revoked(&self) -> Vec<String> {
        let requests = self.0.lock();
        let revocations = requests.iter().filter(|it| it.uri().path() == "/revoke");
        revocations
            .filter_map(|request| {
                let mut pairs = form_urlencoded::parse(request.body());
                let (_, token) = pairs.find(|(name, _)| name == "token")?;
                Some(token.into_owned())
            })
            .collect()
    }

    /// The addresses of the requests that were not for a token.
    pub(crate) fn calls(&self) -> Vec<String> {
        let requests = self.0.lock();
        let calls = requests
            .iter()
            .filter(|request| request.uri().path() != "/token");
        calls.map(|request| request.uri().to_string()).collect()
    }

    /// The headers of the requests, as they print themselves.
    pub(crate) fn printed(&self) -> Vec<String> {
        let requests = self.0.lock();
        let headers = requests.iter().map(Request::headers);
        headers.map(|headers| format!("{headers:?}")).collect()
    }

    /// The parameters of the requests for a token, in order.
    pub(crate) fn forms(&self) -> Vec<Vec<(String, String)>> {
        let requests = self.0.lock();
        let forms = requests.iter().filter(|it| it.uri().path() == "/token");
        forms
            .map(|request| {
                form_urlencoded::parse(request.body())
                    .into_owned()
                    .collect()
            })
            .collect()
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
                    "token_type":"bearer","expires_in":{}}}"#,
                LIFETIME.as_secs()
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

/// The application.
pub(crate) struct App {
    pub(crate) op: Op,
    pub(crate) clock: ManualClock,
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
    let clock = ManualClock::new();
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
    /// A browser for which the application is at [`ORIGIN`]. Its cookies do not expire.
    pub(crate) fn browser(&self) -> Browser {
        let dances = self.dances.clone();
        Browser::new().mount(ORIGIN, move |request| {
            let dances = dances.clone();
            async move { dances.handle(request).await }
        })
    }

    /// Asks for one of the dance's own pages.
    pub(crate) async fn ask(&self, browser: &Browser, method: Method, path: &str) -> Page {
        let request = browser.request(method, format!("{ORIGIN}{path}"));
        request.send().await.unwrap()
    }

    /// The callback that answers the login which `browser` begins here.
    pub(crate) async fn callback(&self, browser: &Browser) -> String {
        self.callback_of(browser, "op").await
    }

    /// The callback that answers the login with the dance called `name` which `browser` begins here.
    pub(crate) async fn callback_of(&self, browser: &Browser, name: &str) -> String {
        let begun = self
            .ask(browser, Method::GET, &format!("/login/{name}"))
            .await;
        let to = begun.location().unwrap();
        let mut pairs = to.query_pairs();
        let (_, state) = pairs.find(|(name, _)| name == "state").unwrap();
        format!("/login/{name}/authorized?code=code&state={state}")
    }

    /// Signs `browser` in with the dance called `name`.
    pub(crate) async fn sign_in(&self, browser: &Browser, name: &str) {
        let callback = self.callback_of(browser, name).await;
        let done = self.ask(browser, Method::GET, &callback).await;
        assert_eq!(done.status(), 303);
    }

    /// A browser that is signed in.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        self.sign_in(&browser, "op").await;
        browser
    }

    /// Opens a page of the application.
    pub(crate) fn visit(&self, browser: &Browser) -> Visit {
        self.dances.visit(&browser.head(ORIGIN).unwrap())
    }

    /// The head of a form that a page of the application posts.
    pub(crate) fn posted(&self, browser: &Browser) -> Parts {
        let mut head = browser.head(ORIGIN).unwrap();
        head.method = Method::POST;
        head
    }

    /// Closes the page.
    pub(crate) fn finish(&self, visit: &Visit, browser: &Browser) -> HeaderMap {
        let mut headers = HeaderMap::new();
        oauth_dance::leaf::finish(visit, &mut headers);
        browser.take_cookies(ORIGIN, &headers).unwrap();
        headers
    }
}
