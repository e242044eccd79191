//! The provider's API with a stored token: relative URLs, bearer to one origin, refresh on expiry.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::client::ClientError;
use crate::cookies::RequestCookies;
use crate::dance::Dance;
use crate::failure::{Cause, LoginFailure};
use crate::identity::Identity;
use crate::owner::Owner;
use crate::refresh::{self, RefreshError};
use crate::steps::identify::bearer;
use crate::steps::wire;
use crate::storage::StorageError;
use crate::token::Token;
use crate::vault::Found;
use crate::visit::VisitState;

/// Calls a provider's API as somebody who signed in: Flask-Dance's `github.get("/user")`.
///
/// ```no_run
/// # async fn example(dance: &oauth_dance::Dance) -> Result<(), oauth_dance::ApiError> {
/// # let owner = oauth_dance::Owner::user(7);
/// let user: serde_json::Value = dance.api(&owner).get("/user").await?.json()?;
/// println!("{}", user["login"]);
/// # Ok(())
/// # }
/// ```
///
/// Relative URLs are resolved against the provider's API base; the token goes to that origin and to
/// no other. A token about to expire is refreshed first, once, however many calls ask for it at the
/// same time.
#[derive(Clone)]
pub struct ApiClient {
    dance: Dance,
    source: Source,
}

#[derive(Clone)]
enum Source {
    /// A token that is not stored yet.
    Token(Box<Token>),
    /// Whatever is stored for the owner.
    Owner(Owner),
    /// Whatever this browser is signed in as.
    Visit(Arc<VisitState>),
}

impl ApiClient {
    pub(crate) fn with_token(dance: Dance, token: Token) -> Self {
        Self {
            dance,
            source: Source::Token(Box::new(token)),
        }
    }

    pub(crate) fn for_owner(dance: Dance, owner: Owner) -> Self {
        Self {
            dance,
            source: Source::Owner(owner),
        }
    }

    pub(crate) fn for_visit(dance: Dance, visit: Arc<VisitState>) -> Self {
        Self {
            dance,
            source: Source::Visit(visit),
        }
    }

    /// The dance whose provider is called.
    #[must_use]
    pub fn dance(&self) -> &Dance {
        &self.dance
    }

    /// Calls `url` by GET.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn get(&self, url: &str) -> Result<ApiResponse, ApiError> {
        self.call(Method::GET, url, Bytes::new(), None).await
    }

    /// Calls `url` by DELETE.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn delete(&self, url: &str) -> Result<ApiResponse, ApiError> {
        self.call(Method::DELETE, url, Bytes::new(), None).await
    }

    /// Posts `body` as JSON to `url`.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidRequest`] if the body does not serialize, otherwise as
    /// [`send`](Self::send).
    pub async fn post_json(
        &self,
        url: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<ApiResponse, ApiError> {
        let body = serde_json::to_vec(body)
            .map_err(|_| ApiError::InvalidRequest("the body is no JSON"))?;
        let json = HeaderValue::from_static("application/json");
        self.call(Method::POST, url, body.into(), Some(json)).await
    }

    async fn call(
        &self,
        method: Method,
        url: &str,
        body: Bytes,
        content_type: Option<HeaderValue>,
    ) -> Result<ApiResponse, ApiError> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        if let Some(content_type) = content_type {
            request.headers_mut().insert(CONTENT_TYPE, content_type);
        }
        self.send(url, request).await
    }

    /// Sends any request to `url`: relative to the provider's API base, or absolute on its origin.
    /// The request's own URI is not used. `Authorization` is set here; `Accept` and `User-Agent` too,
    /// unless the request has them.
    ///
    /// # Errors
    ///
    /// [`ApiError::LoginRequired`] if nobody is signed in or the token cannot be refreshed any more;
    /// the others as named. An answer with an error status is an answer.
    pub async fn send(
        &self,
        url: &str,
        mut request: Request<Bytes>,
    ) -> Result<ApiResponse, ApiError> {
        let url = self.resolve(url)?;
        let token = self.token().await?;
        *request.uri_mut() = url
            .as_str()
            .parse()
            .map_err(|_| ApiError::InvalidRequest("the URL is no URI"))?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(token.access_token()));
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        headers.entry(USER_AGENT).or_insert_with(wire::user_agent);
        let response = self.dance.site().call(request).await?;
        Ok(ApiResponse(response))
    }

    /// The token, refreshed if it is about to expire.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn token(&self) -> Result<Token, ApiError> {
        let nothing = RequestCookies::default();
        let (owner, cookies) = match &self.source {
            Source::Token(token) => return Ok((**token).clone()),
            Source::Owner(owner) => (owner.clone(), &nothing),
            Source::Visit(visit) => (visit.owner(&self.dance)?, visit.cookies()),
        };
        let found = self.found(&owner, cookies).await?;
        let fresh = refresh::fresh(&self.dance, &owner, cookies, found).await?;
        if let Source::Visit(visit) = &self.source {
            visit.set_cookies(fresh.cookies);
        }
        Ok(fresh.token)
    }

    /// Who signed in, as the provider told at the login.
    ///
    /// # Errors
    ///
    /// [`ApiError::LoginRequired`] if nobody is signed in, [`ApiError::Storage`] if the storage fails.
    pub async fn identity(&self) -> Result<Option<Identity>, ApiError> {
        let nothing = RequestCookies::default();
        let (owner, cookies) = match &self.source {
            Source::Token(_) => return Ok(None),
            Source::Owner(owner) => (owner.clone(), &nothing),
            Source::Visit(visit) => (visit.owner(&self.dance)?, visit.cookies()),
        };
        Ok(self.found(&owner, cookies).await?.record.identity)
    }

    async fn found(&self, owner: &Owner, cookies: &RequestCookies) -> Result<Found, ApiError> {
        self.dance
            .vault(owner)
            .load(cookies)
            .await?
            .ok_or_else(|| ApiError::login_required(&self.dance))
    }

    fn resolve(&self, url: &str) -> Result<Url, ApiError> {
        let base = self
            .dance
            .settings()
            .api_base
            .as_ref()
            .ok_or(ApiError::InvalidRequest("the provider has no API base"))?;
        // `/user` means a path below the base, whatever path the base has.
        let relative = match url.strip_prefix('/') {
            Some(rest) if !rest.starts_with('/') => rest,
            _ => url,
        };
        let url = base
            .join(relative)
            .map_err(|_| ApiError::InvalidRequest("the URL cannot be resolved"))?;
        if url.origin() != base.origin() {
            return Err(ApiError::ForeignOrigin);
        }
        Ok(url)
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("dance", &self.dance)
            .finish_non_exhaustive()
    }
}

/// An answer of the provider's API.
#[derive(Debug, Clone)]
pub struct ApiResponse(Response<Bytes>);

impl ApiResponse {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        self.0.body()
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotJson`] if it is not, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(self.0.body()).map_err(|_| ApiError::NotJson)
    }

    /// The whole response.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        self.0
    }
}

/// Why a call to a provider's API has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// Nobody is signed in, or the token has expired and cannot be refreshed. Adapters turn this into
    /// a redirect to the login.
    #[error(transparent)]
    LoginRequired(LoginRequired),
    /// The token has expired and the provider did not refresh it this time. The stored token is
    /// untouched: try again later.
    #[error("the token could not be refreshed: {failure}")]
    Refresh {
        /// What went wrong.
        failure: LoginFailure,
        /// The error of the client or the storage behind it.
        #[source]
        cause: Option<Cause>,
    },
    /// The provider's API could not be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The token storage failed.
    #[error("the token could not be loaded")]
    Storage(#[source] Arc<StorageError>),
    /// The URL leads to another origin than the provider's API, and the token must not.
    #[error("the URL leads away from the provider's API, where the token must not go")]
    ForeignOrigin,
    /// The request cannot be sent; the text says why.
    #[error("the request cannot be sent: {0}")]
    InvalidRequest(&'static str),
    /// The answer is not the JSON it was taken for.
    #[error("the provider's answer is not JSON of that shape")]
    NotJson,
}

/// Somebody has to sign in first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody is signed in with {dance}")]
pub struct LoginRequired {
    dance: String,
    login_url: Url,
}

impl LoginRequired {
    pub(crate) fn new(dance: &Dance) -> Self {
        Self {
            dance: dance.name().to_owned(),
            login_url: dance.login_url().clone(),
        }
    }

    /// The name of the dance to sign in with.
    #[must_use]
    pub fn dance(&self) -> &str {
        &self.dance
    }

    /// Where the login begins, and with `next` returns to: a path of the application.
    #[must_use]
    pub fn login_url(&self, next: Option<&str>) -> Url {
        let mut url = self.login_url.clone();
        if let Some(next) = next {
            url.query_pairs_mut().append_pair("next", next);
        }
        url
    }
}

impl ApiError {
    pub(crate) fn login_required(dance: &Dance) -> Self {
        Self::LoginRequired(LoginRequired::new(dance))
    }

    pub(crate) fn refresh(dance: &Dance, error: RefreshError) -> Self {
        match error {
            RefreshError::LoginRequired => Self::login_required(dance),
            RefreshError::Failed(failed) => Self::Refresh {
                failure: failed.failure,
                cause: failed.cause,
            },
        }
    }

    /// The login to send the browser to, if that is what helps.
    #[must_use]
    pub fn as_login_required(&self) -> Option<&LoginRequired> {
        match self {
            Self::LoginRequired(required) => Some(required),
            _ => None,
        }
    }

    /// The status that fits: 401, 502, 503, 504, or 500 for a mistake of the application's.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::LoginRequired(_) => StatusCode::UNAUTHORIZED,
            Self::Refresh { failure, .. } => failure.status().unwrap_or(StatusCode::BAD_GATEWAY),
            Self::Client(error) => LoginFailure::from(error.kind())
                .status()
                .unwrap_or(StatusCode::BAD_GATEWAY),
            Self::Storage(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotJson => StatusCode::BAD_GATEWAY,
            Self::ForeignOrigin | Self::InvalidRequest(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::Storage(Arc::new(error))
    }
}

impl From<LoginRequired> for ApiError {
    fn from(required: LoginRequired) -> Self {
        Self::LoginRequired(required)
    }
}
