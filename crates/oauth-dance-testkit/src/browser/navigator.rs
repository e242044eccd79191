//! The browser: its cookies, the servers it reaches, and how it goes from page to page.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, SET_COOKIE};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Body;
use oauth_dance::{Clock, SystemClock};
use parking_lot::Mutex;
use tower_service::Service;
use url::Url;

use super::error::BrowserError;
use super::jar::CookieJar;
use super::navigation::Navigation;
use super::page::Page;
use super::transport::Mounts;

/// How many redirects are followed before the browser gives up.
const MAX_REDIRECTS: usize = 10;

/// A browser for tests. Clones are tabs: they share the cookies.
#[derive(Clone)]
pub struct Browser {
    jar: Arc<Mutex<CookieJar>>,
    mounts: Mounts,
    /// The application, against which relative addresses are resolved.
    pub(crate) home: Option<Url>,
    clock: Arc<dyn Clock>,
    deadline: Duration,
}

impl Browser {
    /// Returns a browser without cookies.
    #[must_use]
    pub fn new() -> Self {
        Self::with_jar(CookieJar::new())
    }

    /// Returns a browser with these cookies.
    #[must_use]
    pub fn with_jar(jar: CookieJar) -> Self {
        Self {
            jar: Arc::new(Mutex::new(jar)),
            mounts: Mounts::default(),
            home: None,
            clock: Arc::new(SystemClock),
            deadline: Duration::from_secs(30),
        }
    }

    /// Returns a browser without cookies for the application that `app` is, at `origin`. No socket is
    /// opened.
    ///
    /// `app` is any [`Service`] of HTTP requests, for example the router of axum. Addresses may be
    /// relative to its origin. A provider that [stands in](oauth_dance_dev::DevProvider::standing_in_for) for another one
    /// is found by itself when the application redirects to it:
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http_body_util::{BodyExt as _, Full};
    /// use oauth_dance::{Dances, Key, providers};
    /// use oauth_dance_testkit::{Browser, DevProvider};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let github = DevProvider::standing_in_for(providers::github());
    /// let dances = Dances::builder("https://app.test", Key::generate()?)
    ///     .client(github.client())
    ///     .with(github.dance().redirect_to("/welcome"))
    ///     .build()?;
    /// // An application without a framework, and without a page of its own.
    /// let app = tower::service_fn(move |request: http::Request<Full<Bytes>>| {
    ///     let dances = dances.clone();
    ///     async move {
    ///         let (head, body) = request.into_parts();
    ///         let body = body.collect().await?.to_bytes();
    ///         let response = dances.handle(http::Request::from_parts(head, body)).await;
    ///         Ok::<_, std::convert::Infallible>(response.map(Full::new))
    ///     }
    /// });
    ///
    /// let browser = Browser::of("https://app.test", app);
    /// let page = browser.sign_in("/login/github", "ada").await?;
    /// assert_eq!(page.path(), "/welcome");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If `origin` is not an absolute URL.
    #[must_use]
    pub fn of<S, B>(origin: &str, app: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::behind_prefix(origin, "", app)
    }

    /// Returns a browser as [`of`](Self::of) does, for an application behind a proxy that takes `prefix` off each
    /// path: what [`public_prefix`](oauth_dance::DancesBuilder::public_prefix) is for. With `/shop`, the page at
    /// `/shop/welcome` is asked of the application as `/welcome`. Paths that are not below the prefix are answered
    /// with 404.
    ///
    /// A nest of axum's router is not such a proxy: it keeps the whole path beside the shorter one, and the dance
    /// reads the whole path.
    ///
    /// # Panics
    ///
    /// If `origin` is not an absolute URL.
    #[must_use]
    pub fn behind_prefix<S, B>(origin: &str, prefix: &str, app: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let home = Url::parse(origin).ok();
        let home = home.unwrap_or_else(|| panic!("the origin {origin:?} is not an absolute URL"));
        let mut browser = Self::new();
        browser.mounts.insert_service(origin, prefix, app);
        browser.home = Some(home);
        browser
    }

    /// Returns the browser of another person: it reaches the same servers, and has no cookies.
    #[must_use]
    pub fn of_another_person(&self) -> Self {
        Self {
            jar: Arc::default(),
            ..self.clone()
        }
    }

    /// Lets the cookies of this tab expire by another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets how long this tab waits for a response. The default is 30 seconds.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Serves an origin, for example `https://app.localhost`, by calls of `handler` instead of over a
    /// socket.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::Response;
    /// use oauth_dance_testkit::Browser;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let browser = Browser::new().mount("https://app.localhost", |request| async move {
    ///     Response::new(Bytes::from(format!("you are at {}", request.uri())))
    /// });
    /// let page = browser.get("https://app.localhost/here?and=now").await?;
    /// assert_eq!(page.text(), "you are at /here?and=now");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn mount<H, F>(mut self, origin: &str, handler: H) -> Self
    where
        H: Fn(Request<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        self.mounts.insert(origin, handler);
        self
    }

    /// Serves an origin by the server that listens at `address`, over plain HTTP, as a proxy that
    /// ends TLS does.
    #[must_use]
    pub fn forward(mut self, origin: &str, address: SocketAddr) -> Self {
        self.mounts.forward(origin, address);
        self
    }

    /// Follows the redirect of `page` once.
    ///
    /// # Errors
    ///
    /// If `page` is not a redirect, or nothing complete comes back.
    pub async fn step(&self, page: Page) -> Result<Page, BrowserError> {
        let next = page
            .location()
            .ok_or_else(|| BrowserError::new("the page does not redirect"))?;
        let status = page.status().as_u16();
        self.go(page.navigation.redirected(status, next)).await
    }

    /// Follows redirects, and returns the page at their end. Returns `page` itself if it does not
    /// redirect.
    ///
    /// # Errors
    ///
    /// After ten redirects, or if nothing complete comes back.
    pub async fn follow(&self, page: Page) -> Result<Page, BrowserError> {
        self.follow_while(page, |_| true).await
    }

    /// Follows redirects while `go_on` returns `true` for the next URL. Returns the redirect that was
    /// not followed, or the page at the end.
    ///
    /// # Errors
    ///
    /// After ten redirects, or if nothing complete comes back.
    pub async fn follow_while(
        &self,
        mut page: Page,
        go_on: impl Fn(&Url) -> bool,
    ) -> Result<Page, BrowserError> {
        for _ in 0..MAX_REDIRECTS {
            match page.location() {
                Some(next) if go_on(&next) => page = self.step(page).await?,
                _ => return Ok(page),
            }
        }
        match page.location() {
            Some(next) if go_on(&next) => Err(BrowserError::new("too many redirects")),
            _ => Ok(page),
        }
    }

    /// Returns a copy of the cookies.
    #[must_use]
    pub fn jar(&self) -> CookieJar {
        self.jar.lock().clone()
    }

    /// Replaces all cookies.
    pub fn set_jar(&self, jar: CookieJar) {
        *self.jar.lock() = jar;
    }

    /// Changes the cookies.
    ///
    /// ```
    /// # use oauth_dance_testkit::Browser;
    /// let browser = Browser::new();
    /// browser.change_jar(|jar| jar.plant("127.0.0.1", "session", "guessed"));
    /// assert_eq!(browser.cookie("session").as_deref(), Some("guessed"));
    /// ```
    pub fn change_jar<T>(&self, change: impl FnOnce(&mut CookieJar) -> T) -> T {
        change(&mut self.jar.lock())
    }

    /// Returns the value of the first cookie of this name.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let jar = self.jar.lock();
        jar.get(name).map(|cookie| cookie.value().to_owned())
    }

    pub(crate) async fn go(&self, navigation: Navigation) -> Result<Page, BrowserError> {
        let request = self.written(&navigation)?;
        let response =
            tokio::time::timeout(self.deadline, self.mounts.send(&navigation.url, request))
                .await
                .map_err(|_| BrowserError::new("no answer before the deadline"))??;
        self.keep(&navigation.url, response.headers());
        Ok(Page {
            navigation,
            response,
        })
    }

    /// The request of a navigation, with the cookies that go with it.
    pub(crate) fn written(&self, navigation: &Navigation) -> Result<Request<Bytes>, BrowserError> {
        let cookies = self.jar.lock().header(
            &navigation.url,
            navigation.site,
            navigation.is_safe(),
            self.clock.now(),
        );
        navigation.request(cookies)
    }

    pub(crate) fn keep(&self, url: &Url, headers: &HeaderMap) {
        let mut jar = self.jar.lock();
        for value in headers.get_all(SET_COOKIE) {
            if let Ok(value) = value.to_str() {
                jar.set(value, url, self.clock.now());
            }
        }
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser")
            .field("jar", &*self.jar.lock())
            .finish_non_exhaustive()
    }
}
