//! A request of the browser, while it is put together.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use http::{Method, Request};
use url::Url;

use super::site::FetchSite;
use super::{Browser, BrowserError, Page};

/// What the browser asks for, and why.
#[derive(Debug, Clone)]
pub(crate) struct Navigation {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The page that caused the request.
    pub(crate) initiator: Option<Url>,
    /// The furthest that any step of a chain of redirects was from the initiator.
    pub(crate) site: FetchSite,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Navigation {
    /// The request that follows a redirect (RFC 9110 §15.4; a 301 or 302 turns a POST into a GET, as
    /// browsers do).
    pub(crate) fn redirected(mut self, status: u16, url: Url) -> Self {
        let keeps_method = matches!(status, 307 | 308);
        if !keeps_method && self.method != Method::HEAD {
            self.method = Method::GET;
            self.body = Bytes::new();
            self.headers.remove(CONTENT_TYPE);
        }
        self.site = self
            .site
            .max(FetchSite::between(self.initiator.as_ref(), &url));
        self.url = url;
        self
    }

    /// The request as a server sees it: origin form, with a `Host`.
    pub(crate) fn request(&self, cookies: Option<String>) -> Result<Request<Bytes>, BrowserError> {
        let target = &self.url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = &self.url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(target)
            .header("host", host)
            .header("sec-fetch-site", self.site.header())
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("accept", "text/html,application/json;q=0.9,*/*;q=0.8");
        if let (Some(initiator), false) = (&self.initiator, self.is_safe()) {
            request = request.header(ORIGIN, initiator.origin().ascii_serialization());
        }
        if let Some(cookies) = cookies {
            request = request.header("cookie", cookies);
        }
        let mut request = request
            .body(self.body.clone())
            .map_err(|error| BrowserError::from_source("the request cannot be written", error))?;
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        Ok(request)
    }

    pub(crate) fn is_safe(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// A request that is put together; made by [`Browser::request`].
#[derive(Debug)]
#[must_use = "nothing is sent until `send()`"]
pub struct BrowserRequest<'a> {
    browser: &'a Browser,
    navigation: Result<Navigation, BrowserError>,
}

impl<'a> BrowserRequest<'a> {
    pub(crate) fn new(browser: &'a Browser, method: Method, url: &str) -> Self {
        let navigation = match &browser.home {
            Some(home) => home.join(url),
            None => Url::parse(url),
        };
        let navigation = navigation
            .map_err(|error| BrowserError::from_source("not an absolute URL", error))
            .map(|url| {
                // A form is on a page of its own origin unless a test says otherwise.
                let initiator = (method != Method::GET).then(|| url.clone());
                Navigation {
                    site: FetchSite::between(initiator.as_ref(), &url),
                    method,
                    url,
                    initiator,
                    headers: HeaderMap::new(),
                    body: Bytes::new(),
                }
            });
        Self {
            browser,
            navigation,
        }
    }

    /// Adds or replaces a header, also one the browser would set itself.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let header = HeaderName::try_from(name)
            .map_err(|error| BrowserError::from_source("not a header name", error))
            .and_then(|name| {
                HeaderValue::try_from(value)
                    .map(|value| (name, value))
                    .map_err(|error| BrowserError::from_source("not a header value", error))
            });
        self.navigation = self.navigation.and_then(|mut navigation| {
            let (name, value) = header?;
            navigation.headers.insert(name, value);
            Ok(navigation)
        });
        self
    }

    /// Says that a page at `url` caused the request. It decides about `Origin`, `Sec-Fetch-Site` and
    /// `SameSite` cookies: this is how a test attacks from another site.
    pub fn caused_by(mut self, url: &str) -> Self {
        let page = Url::parse(url)
            .map_err(|error| BrowserError::from_source("not an absolute URL", error));
        self.navigation = self.navigation.and_then(|mut navigation| {
            let page = page?;
            navigation.site = FetchSite::between(Some(&page), &navigation.url);
            navigation.initiator = Some(page);
            Ok(navigation)
        });
        self
    }

    /// Sends these fields as a form.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.body(body)
            .header("content-type", "application/x-www-form-urlencoded")
    }

    /// Sends this body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        if let Ok(navigation) = &mut self.navigation {
            navigation.body = body.into();
        }
        self
    }

    /// Sends the request and reads the answer. Redirects are not followed: [`Browser::follow`] does.
    ///
    /// # Errors
    ///
    /// If it cannot be sent, or nothing complete comes back.
    pub async fn send(self) -> Result<Page, BrowserError> {
        self.browser.go(self.navigation?).await
    }
}
