//! A request of the browser, while it is put together.

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use url::Url;

use super::error::BrowserError;
use super::navigation::Navigation;
use super::navigator::Browser;
use super::page::Page;
use super::site::FetchSite;

impl Browser {
    /// Goes to an address as if it was typed: no page causes the request. The address is absolute, or
    /// relative to the application of [`of`](Self::of).
    ///
    /// # Errors
    ///
    /// If nothing complete comes back.
    pub async fn get(&self, url: impl AsRef<str>) -> Result<Page, BrowserError> {
        self.request(Method::GET, url).send().await
    }

    /// Posts a form that was on a page of the same origin.
    ///
    /// # Errors
    ///
    /// If nothing complete comes back.
    pub async fn post_form(
        &self,
        url: impl AsRef<str>,
        fields: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        self.request(Method::POST, url).form(fields).send().await
    }

    /// Starts a request of any kind: with headers of its own, or caused by a page of another site.
    pub fn request(&self, method: Method, url: impl AsRef<str>) -> BrowserRequest<'_> {
        BrowserRequest::new(self, method, url.as_ref())
    }

    /// Returns the head of the request by which this browser goes to an address, with its cookies. It
    /// is for code that takes a head and is called without any HTTP.
    ///
    /// # Errors
    ///
    /// If the address is not a URL.
    pub fn head(&self, url: impl AsRef<str>) -> Result<Parts, BrowserError> {
        let navigation = self.request(Method::GET, url).navigation?;
        Ok(self.written(&navigation)?.into_parts().0)
    }

    /// Takes the cookies of response headers, as if the server at `url` had sent them.
    ///
    /// # Errors
    ///
    /// If the address is not a URL.
    pub fn take_cookies(
        &self,
        url: impl AsRef<str>,
        headers: &HeaderMap,
    ) -> Result<(), BrowserError> {
        let navigation = self.request(Method::GET, url).navigation?;
        self.keep(&navigation.url, headers);
        Ok(())
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

    /// Adds or replaces a header, also one that the browser sets by itself.
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
