//! What a browser asks for, and why; and the request that a server sees of it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, ORIGIN};
use http::{Method, Request};
use url::Url;

use super::error::BrowserError;
use super::site::FetchSite;

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
