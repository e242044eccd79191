//! Short-cuts for tests: the whole of authorize, login and consent in one call.

use std::fmt;

use bytes::Bytes;
use cookie::Cookie;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request, StatusCode};
use url::{Position, Url};

use crate::addresses::Place;
use crate::answer::Answer;
use crate::provider::DevProvider;

/// Why [`DevProvider::approve`] or [`DevProvider::deny`] led to no callback.
#[derive(Debug)]
pub struct NotApproved {
    status: Option<StatusCode>,
    reason: String,
}

impl NotApproved {
    fn because(reason: impl Into<String>) -> Self {
        Self {
            status: None,
            reason: reason.into(),
        }
    }

    fn page(answer: &Answer) -> Self {
        let html = String::from_utf8_lossy(answer.body());
        let reason = html
            .split_once("id=\"problem\">")
            .and_then(|(_, rest)| rest.split_once("</p>"))
            .map_or("it showed another page than expected", |(text, _)| text);
        Self {
            status: Some(answer.status()),
            reason: reason.to_owned(),
        }
    }

    /// Returns the status of the page that was shown instead of a redirect, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

impl fmt::Display for NotApproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the development provider did not go on: {}", self.reason)
    }
}

impl std::error::Error for NotApproved {}

impl DevProvider {
    /// Signs `username` in, grants exactly these of the requested scopes, and returns the callback
    /// URL the browser would be sent to.
    ///
    /// The request may be refused at the client's redirect URI; that is a callback too. Passwords are
    /// known here.
    ///
    /// # Errors
    ///
    /// If the provider shows a page instead: the request must not be redirected, no person has this name,
    /// a scope was not asked for, or the answer is to be posted (`response_mode=form_post`), which
    /// takes a browser.
    pub fn approve(
        &self,
        authorize_url: impl AsRef<str>,
        username: &str,
        scopes: &[&str],
    ) -> Result<Url, NotApproved> {
        let mut form = vec![("decision", "allow")];
        form.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.decide(authorize_url.as_ref(), username, &form)
    }

    /// Signs the first person in, denies everything, and returns the callback URL.
    ///
    /// # Errors
    ///
    /// If the provider shows a page instead of redirecting, or has no people.
    pub fn deny(&self, authorize_url: impl AsRef<str>) -> Result<Url, NotApproved> {
        let anybody = self
            .inner
            .people
            .first()
            .ok_or_else(|| NotApproved::because("the provider has no people"))?;
        let username = anybody.username.clone();
        self.decide(authorize_url.as_ref(), &username, &[("decision", "deny")])
    }

    fn decide(
        &self,
        authorize_url: &str,
        username: &str,
        decision: &[(&str, &str)],
    ) -> Result<Url, NotApproved> {
        let not_here = || {
            let issuer = self.issuer();
            NotApproved::because(format!(
                "the URL is not an authorization request to {issuer}"
            ))
        };
        let url = Url::parse(authorize_url).map_err(|_| not_here())?;
        let origin = url[..Position::BeforePath].to_owned();
        if !self.inner.is_at(&origin) || url.path() != self.inner.addresses.path(Place::Authorize) {
            return Err(not_here());
        }
        let path = |place| format!("{origin}{}", self.inner.addresses.path(place));
        let mut visit = Visit {
            provider: self,
            cookies: Vec::new(),
        };
        let login = visit.send(Method::GET, url.as_str(), &[])?;
        if login.status() == StatusCode::SEE_OTHER {
            return callback(&login);
        }
        let hidden = hidden_fields(&login)?;
        let mut form: Vec<(&str, &str)> = pairs(&hidden).collect();
        form.push(("username", username));
        let person = self.inner.person(username);
        form.extend(person.and_then(|person| Some(("password", person.password.as_deref()?))));
        let signed_in = visit.send(Method::POST, &path(Place::Login), &form)?;
        let next = format!("{origin}{}", location(&signed_in)?);
        let consent = visit.send(Method::GET, &next, &[])?;
        let hidden = hidden_fields(&consent)?;
        let form: Vec<(&str, &str)> = pairs(&hidden).chain(decision.iter().copied()).collect();
        callback(&visit.send(Method::POST, &path(Place::Consent), &form)?)
    }
}

/// One browser, as far as these pages need one.
struct Visit<'a> {
    provider: &'a DevProvider,
    cookies: Vec<Cookie<'static>>,
}

impl Visit<'_> {
    fn send(
        &mut self,
        method: Method,
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, NotApproved> {
        let mut request = Request::builder().method(method).uri(url);
        for cookie in &self.cookies {
            request = request.header(COOKIE, cookie.stripped().to_string());
        }
        let mut body = String::new();
        if !form.is_empty() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            body = form_urlencoded::Serializer::new(body)
                .extend_pairs(form)
                .finish();
        }
        let request = request
            .body(Bytes::from(body))
            .map_err(|error| NotApproved::because(error.to_string()))?;
        let answer = self.provider.handle(request);
        let set = answer.headers().get_all(SET_COOKIE).iter();
        let set = set.filter_map(|value| value.to_str().ok()?.to_owned().parse().ok());
        for cookie in set.collect::<Vec<Cookie<'static>>>() {
            self.cookies.retain(|known| known.name() != cookie.name());
            self.cookies.push(cookie);
        }
        Ok(answer)
    }
}

fn location(answer: &Answer) -> Result<&str, NotApproved> {
    answer
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| NotApproved::page(answer))
}

fn callback(answer: &Answer) -> Result<Url, NotApproved> {
    let location = location(answer)?;
    Url::parse(location).map_err(|error| NotApproved::because(error.to_string()))
}

/// The two keys of a form of ours.
fn hidden_fields(answer: &Answer) -> Result<[(&'static str, String); 2], NotApproved> {
    let html = String::from_utf8_lossy(answer.body());
    let field = |name: &'static str| {
        html.split_once(&format!("name=\"{name}\" value=\""))
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(value, _)| (name, value.to_owned()))
            .ok_or_else(|| NotApproved::page(answer))
    };
    Ok([field("request")?, field("csrf")?])
}

fn pairs<'a>(fields: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str()))
}
