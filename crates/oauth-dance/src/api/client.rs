//! The client of the provider's API: relative URLs, bearer to one origin, refresh on expiry.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Serialize;
use url::Url;

use crate::api::error::{ApiError, LoginRequired};
use crate::api::response::ApiResponse;
use crate::dance::Dance;
use crate::dance::flights::Refreshed;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::vault::Found;
use crate::refresh::{self, Goal};
use crate::values::holder::Holder;
use crate::values::identity::Identity;
use crate::values::owner::Owner;
use crate::values::token::Token;
use crate::visit::{Visit, VisitState};

/// Calls a provider's API as a user who has signed in: Flask-Dance's `github.get("/user")`.
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
/// Relative URLs are resolved against the provider's API base. The token goes to that origin and to no
/// other. If the token has expired, it is refreshed first, and once for all calls that need it at the same
/// time. If the provider answers 401 to a token that should live, the token is refreshed and the request is
/// sent once more, unless it might be done twice.
#[derive(Clone)]
pub struct ApiClient {
    dance: Dance,
    source: Source,
}

#[derive(Clone)]
enum Source {
    /// A login that is not stored yet.
    Login(Box<Record>),
    /// The token that is stored for the owner: of the newest account.
    Owner(Owner),
    /// The token that is stored for an account of the owner.
    Account(Holder),
    /// The token of the owner that this browser is signed in as.
    Visit(Visit),
}

/// Where the token of a source is.
enum Place<'a> {
    InHand(&'a Record),
    /// Stored for the owner, or kept in the cookies of the visit.
    Kept(Holder, Option<&'a VisitState>),
}

impl ApiClient {
    pub(crate) fn for_login(dance: Dance, login: Record) -> Self {
        Self {
            dance,
            source: Source::Login(Box::new(login)),
        }
    }

    pub(crate) fn for_owner(dance: Dance, owner: Owner) -> Self {
        Self {
            dance,
            source: Source::Owner(owner),
        }
    }

    pub(crate) fn for_account(dance: Dance, holder: Holder) -> Self {
        Self {
            dance,
            source: Source::Account(holder),
        }
    }

    pub(crate) fn for_visit(dance: Dance, visit: Visit) -> Self {
        Self {
            dance,
            source: Source::Visit(visit),
        }
    }

    /// Returns the dance whose provider is called.
    #[must_use]
    pub fn dance(&self) -> &Dance {
        &self.dance
    }

    /// Calls `url` by GET.
    ///
    /// # Errors
    ///
    /// The same errors as [`send`](Self::send).
    pub async fn get(&self, url: &str) -> Result<ApiResponse, ApiError> {
        self.call(Method::GET, url, Bytes::new(), None).await
    }

    /// Calls `url` by DELETE.
    ///
    /// # Errors
    ///
    /// The same errors as [`send`](Self::send).
    pub async fn delete(&self, url: &str) -> Result<ApiResponse, ApiError> {
        self.call(Method::DELETE, url, Bytes::new(), None).await
    }

    /// Posts `body` as JSON to `url`.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidRequest`] if the body does not serialize, and the errors of
    /// [`send`](Self::send).
    pub async fn post_json(
        &self,
        url: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<ApiResponse, ApiError> {
        let body = serde_json::to_vec(body)
            .map_err(|_| ApiError::InvalidRequest("the body cannot be written as JSON"))?;
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
        self.exchange(url, request).await
    }

    /// Sends any request. Its URI is a path below the provider's API base, or absolute on its origin.
    /// `Authorization` is set here; `Accept` too, unless the request has it.
    ///
    /// ```no_run
    /// # async fn example(github: oauth_dance::ApiClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let request = http::Request::patch("/user")
    ///     .header("content-type", "application/json")
    ///     .body(r#"{"bio":"I dance"}"#.into())?;
    /// github.send(request).await?.error_for_status()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ApiError::LoginRequired`] if the browser is not signed in, or if the token has expired and
    ///   cannot be refreshed any more.
    /// - [`ApiError::Refresh`] if the token has expired and could not be refreshed this time.
    /// - [`ApiError::VisitFinished`] if a new token could not reach the browser any more.
    /// - [`ApiError::Store`] if the token cannot be loaded.
    /// - [`ApiError::ForeignOrigin`] or [`ApiError::InvalidRequest`] if the request cannot be sent.
    /// - [`ApiError::Client`] if the provider sent no response.
    ///
    /// A response with an error status is `Ok` here:
    /// [`ApiResponse::error_for_status`] and [`ApiResponse::json`] refuse it. A 401 that a refresh could not
    /// mend becomes [`ApiError::LoginRequired`] there.
    pub async fn send(&self, request: Request<Bytes>) -> Result<ApiResponse, ApiError> {
        let url = request.uri().to_string();
        self.exchange(&url, request).await
    }

    async fn exchange(
        &self,
        url: &str,
        mut request: Request<Bytes>,
    ) -> Result<ApiResponse, ApiError> {
        let token = self.token().await?;
        let url = self.resolve(url, &token)?;
        *request.uri_mut() = url
            .as_str()
            .parse()
            .map_err(|_| ApiError::InvalidRequest("the URL is not a URI"))?;
        let headers = request.headers_mut();
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        let response = self.sent_with(&token, request.clone()).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(ApiResponse::new(&self.dance, response));
        }
        // RFC 6750 §3.1: the token has ended before its time, or it had none.
        let required = LoginRequired::new(&self.dance);
        if token.refresh_token().is_some() && may_be_repeated(&request, &response) {
            let renewed = self
                .renewed(|_| Goal::OtherThan(token.access_token().clone()))
                .await;
            match renewed {
                Ok(token) => {
                    let response = self.sent_with(&token, request).await?;
                    return Ok(ApiResponse::new(&self.dance, response).or_login(required));
                }
                // The provider's answer says more than the failure to refresh.
                Err(ApiError::LoginRequired(_) | ApiError::VisitFinished) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ApiResponse::new(&self.dance, response).or_login(required))
    }

    async fn sent_with(
        &self,
        token: &Token,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ApiError> {
        let bearer = token.access_token().bearer();
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let response = self.dance.site().outbound.call(request).await;
        response.map_err(|error| ApiError::Client {
            dance: self.dance.name().to_owned(),
            error,
        })
    }

    /// Returns the token, refreshed if it has expired.
    ///
    /// # Errors
    ///
    /// - [`ApiError::LoginRequired`] if the browser is not signed in, or if the token has expired and
    ///   cannot be refreshed any more.
    /// - [`ApiError::Refresh`] if the token has expired and could not be refreshed this time.
    /// - [`ApiError::VisitFinished`] if a new token could not reach the browser any more.
    /// - [`ApiError::Store`] if the token cannot be loaded.
    pub async fn token(&self) -> Result<Token, ApiError> {
        self.renewed(|_| Goal::Living).await
    }

    /// Asks the provider for a fresh token, also if the stored one has not expired: after a change of the
    /// user's rights, say. Returns the fresh token. Calls at the same time share one refresh.
    ///
    /// # Errors
    ///
    /// - [`ApiError::InvalidRequest`] if the login is not stored yet.
    /// - [`ApiError::LoginRequired`] if the provider granted no refresh token, or refuses it.
    /// - The other errors of [`token`](Self::token).
    pub async fn refresh(&self) -> Result<Token, ApiError> {
        if matches!(self.source, Source::Login(_)) {
            let problem = "the token of a login can be refreshed when it is stored";
            return Err(ApiError::InvalidRequest(problem));
        }
        self.renewed(|found| Goal::OtherThan(found.access_token().clone()))
            .await
    }

    /// Returns a token that reaches the goal, which may depend on the token that is found.
    async fn renewed(&self, goal: impl FnOnce(&Token) -> Goal + Send) -> Result<Token, ApiError> {
        let (holder, place) = match self.place().await? {
            Place::InHand(record) => {
                return match goal(&record.token) {
                    Goal::Living => Ok(record.token.clone()),
                    Goal::OtherThan(_) => Err(ApiError::login_required(&self.dance)),
                };
            }
            Place::Kept(holder, place) => (holder, place),
        };
        let found = self.found(&holder, place).await?;
        let goal = goal(&found.record.token);
        let Some(visit) = place else {
            let nowhere = RequestCookies::default();
            let fresh = self.fresh(&holder, &nowhere, found, goal).await?;
            return Ok(fresh.token);
        };
        if visit.cannot_keep(&self.dance) {
            // A refresh now would spend the refresh token that the browser goes on with.
            let (token, now) = (found.record.token, self.dance.site().now());
            let is_good = match goal {
                Goal::Living => !token.is_expired(now, Duration::ZERO),
                Goal::OtherThan(_) => goal.is_reached_by(&token, now),
            };
            return if is_good {
                Ok(token)
            } else {
                Err(ApiError::VisitFinished)
            };
        }
        let token = &found.record.token;
        let can_be_refreshed = token.refresh_token.is_some();
        let is_over = token.is_expired(self.dance.site().now(), Duration::ZERO);
        let cookies = visit.cookies_after(&self.dance.site().cookies.policy);
        match self.fresh(&holder, &cookies, found, goal).await {
            Ok(fresh) => {
                visit.refreshed(&self.dance, &fresh);
                Ok(fresh.token)
            }
            Err(error) => {
                // A token that lives is lost if the provider refuses to refresh it, and not if it was never asked.
                let is_lost = is_over || can_be_refreshed;
                if is_lost && matches!(error, ApiError::LoginRequired(_)) {
                    visit.has_lost_its_token(&self.dance);
                }
                Err(error)
            }
        }
    }

    /// Returns the identity of the user, as the provider stated it at the login.
    ///
    /// # Errors
    ///
    /// - [`ApiError::LoginRequired`] if the browser is not signed in.
    /// - [`ApiError::Store`] if the store fails.
    pub async fn identity(&self) -> Result<Option<Identity>, ApiError> {
        match self.place().await? {
            Place::InHand(record) => Ok(record.identity.clone()),
            Place::Kept(holder, place) => Ok(self.found(&holder, place).await?.record.identity),
        }
    }

    async fn fresh(
        &self,
        holder: &Holder,
        cookies: &RequestCookies,
        found: Found,
        goal: Goal,
    ) -> Result<Refreshed, ApiError> {
        let fresh = match goal {
            Goal::Living => refresh::fresh(&self.dance, holder, cookies, found).await,
            other => refresh::renewed(&self.dance, holder, cookies, found, other).await,
        };
        fresh.map_err(|error| ApiError::refresh(&self.dance, error))
    }

    async fn place(&self) -> Result<Place<'_>, ApiError> {
        Ok(match &self.source {
            Source::Login(record) => Place::InHand(record),
            Source::Owner(owner) => {
                let mut holder = Holder::without_account(owner.clone());
                let accounts = self.dance.vault(&holder).accounts().await?;
                let newest = accounts.into_iter().next();
                holder.account = newest
                    .ok_or_else(|| ApiError::login_required(&self.dance))?
                    .account;
                Place::Kept(holder, None)
            }
            Source::Account(holder) => Place::Kept(holder.clone(), None),
            Source::Visit(visit) => {
                let state = visit.state();
                let holder = state.holder(visit.dances(), &self.dance).await?;
                let holder = holder.ok_or_else(|| ApiError::login_required(&self.dance))?;
                Place::Kept(holder, Some(&**state))
            }
        })
    }

    async fn found(&self, holder: &Holder, visit: Option<&VisitState>) -> Result<Found, ApiError> {
        let nowhere = RequestCookies::default();
        let cookies = visit.map_or(&nowhere, VisitState::cookies);
        let mut found = self
            .dance
            .vault(holder)
            .load(cookies)
            .await?
            .ok_or_else(|| ApiError::login_required(&self.dance))?;
        if let Some(token) = visit.and_then(|visit| visit.newer_token(&self.dance)) {
            found.record.token = token;
        }
        Ok(found)
    }

    fn resolve(&self, url: &str, token: &Token) -> Result<Url, ApiError> {
        let registration = self.dance.registration();
        let base = match &registration.provider.api_base_member {
            Some(member) => Cow::Owned(member.read(token.raw()).ok_or(
                ApiError::InvalidRequest(
                    "the token answer names no API base that is allowed: see `Provider::api_base_from`",
                ),
            )?),
            None => Cow::Borrowed(registration.api_base.as_ref().ok_or(
                ApiError::InvalidRequest(
                    "the provider has no API base: set one with `Provider::api_base`",
                ),
            )?),
        };
        // `/user` is a path below the base, also if the base has a path of its own. `/people:batch` is
        // one too: without the dot it would be read as a scheme.
        let relative = match url.strip_prefix('/') {
            Some(rest) if !rest.starts_with('/') => Cow::Owned(format!("./{rest}")),
            _ => Cow::Borrowed(url),
        };
        let url = base
            .join(&relative)
            .map_err(|_| ApiError::InvalidRequest("the URL cannot be resolved"))?;
        if url.origin() != base.origin() {
            return Err(ApiError::ForeignOrigin);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ApiError::InvalidRequest(
                "the URL has a user name or a password",
            ));
        }
        Ok(url)
    }
}

/// Returns whether a request that was answered with 401 may be sent once more: it changes nothing if it is done
/// twice, or the provider says that the token was the reason, so that nothing was done (RFC 6750 §3.1).
fn may_be_repeated(request: &Request<Bytes>, response: &Response<Bytes>) -> bool {
    let names_the_token = || {
        response
            .headers()
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|challenge| challenge.contains("invalid_token"))
    };
    request.method().is_idempotent() || names_the_token()
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("dance", &self.dance)
            .finish_non_exhaustive()
    }
}
