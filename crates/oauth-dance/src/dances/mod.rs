//! `Dances`: all dances of an application, and the one entry for its framework's requests.

pub(crate) mod builder;
mod check;
pub(crate) mod dance_builder;
mod doors;
pub(crate) mod sessions;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, Method, Request, Response};
use url::Url;

use crate::dance::Dance;
use crate::dance::paths::Route;
use crate::dance::site::Site;
use crate::driver::respond;
use crate::driver::{callback, login, logout};

/// All dances of an application.
///
/// ```
/// use oauth_dance::{Credentials, Dances, Key, providers};
/// # use oauth_dance::{ClientError, HttpClient, Limits};
/// # struct Client;
/// # #[async_trait::async_trait]
/// # impl HttpClient for Client {
/// #     async fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> Result<http::Response<bytes::Bytes>, ClientError> { unimplemented!() }
/// # }
///
/// let github = providers::github()
///     .credentials(Credentials::new("client id", "client secret"))
///     .scope("user:email")
///     .redirect_to("/welcome");
/// let dances = Dances::builder("https://app.example", Key::generate()?)
///     .client(Client)      // oauth_dance_reqwest::ReqwestClient::new()?
///     .with(github)
///     .build()?;
///
/// assert_eq!(
///     dances.get("github").unwrap().redirect_uri().as_str(),
///     "https://app.example/login/github/authorized",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An adapter passes every request to one of the [`paths`](crate::leaf::paths) to
/// [`handle`](Self::handle), and opens a [`visit`](Self::visit) for the others. Clones are cheap and are
/// the same dances.
#[derive(Clone)]
pub struct Dances(Arc<Inner>);

struct Inner {
    site: Arc<Site>,
    dances: Vec<Dance>,
}

impl Dances {
    pub(crate) fn new(site: Arc<Site>, dances: Vec<Dance>) -> Self {
        Self(Arc::new(Inner { site, dances }))
    }

    /// Returns the dance called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Dance> {
        self.iter().find(|dance| dance.name() == name)
    }

    /// Returns the dances in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Dance> {
        self.0.dances.iter()
    }

    /// Returns the application's origin.
    #[must_use]
    pub fn origin(&self) -> &Url {
        &self.0.site.origin
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = String> {
        let paths = &self.site().paths;
        self.iter().flat_map(move |dance| {
            let name = dance.name();
            [
                paths.login(name),
                paths.authorized(name),
                paths.logout(name),
            ]
        })
    }

    /// Answers a request to one of the dances' own [`paths`](crate::leaf::paths).
    ///
    /// Only the path and the query of its URI are read. Host and scheme come from the configuration.
    /// Every outcome is a response, so the caller has no error to map.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (request, _body) = request.into_parts();
        let request = Arc::new(request);
        let mut response = self.route(&request).await;
        respond::protect(&mut response);
        response
    }

    /// Returns the response to a method that the page at `path` does not take.
    pub(crate) fn wrong_method(&self, method: &Method, path: &str) -> Option<Response<Bytes>> {
        let allowed = match self.site().paths.route(path)? {
            Route::Login(_) | Route::Authorized(_) => "GET",
            Route::Logout(_) => "POST",
        };
        (method.as_str() != allowed).then(|| respond::method_not_allowed(self.site(), allowed))
    }

    // The futures of the pages are boxed: they hold some kilobytes each, and the middleware of a framework
    // moves the future of a handler about.
    async fn route(&self, request: &Arc<Parts>) -> Response<Bytes> {
        let route = self.site().paths.route(request.uri.path());
        let named = |name: &str| self.get(name);
        match route {
            Some(Route::Login(name)) => match named(name) {
                None => respond::not_found(self.site()),
                Some(_) if request.method != Method::GET => {
                    respond::method_not_allowed(self.site(), "GET")
                }
                Some(_) if is_prefetch(request) => respond::prefetch(),
                Some(dance) => Box::pin(login::login(dance, request)).await,
            },
            Some(Route::Authorized(name)) => match named(name) {
                None => respond::not_found(self.site()),
                Some(_) if request.method != Method::GET => {
                    respond::method_not_allowed(self.site(), "GET")
                }
                Some(_) if is_prefetch(request) => respond::prefetch(),
                Some(dance) => Box::pin(callback::callback(dance, request)).await,
            },
            Some(Route::Logout(name)) => match named(name) {
                None => respond::not_found(self.site()),
                Some(_) if request.method != Method::POST => {
                    respond::method_not_allowed(self.site(), "POST")
                }
                Some(dance) => {
                    Box::pin(logout::logout(dance, self.0.dances.clone(), request)).await
                }
            },
            None => respond::not_found(self.site()),
        }
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.site
    }
}

/// Returns whether the browser fetches ahead of the user (the `Sec-Purpose` header, or its older name).
fn is_prefetch(request: &Parts) -> bool {
    const NAMES: [HeaderName; 2] = [
        HeaderName::from_static("sec-purpose"),
        HeaderName::from_static("purpose"),
    ];
    NAMES.iter().any(|name| {
        request
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("prefetch"))
    })
}

impl fmt::Debug for Dances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.dances).finish()
    }
}
