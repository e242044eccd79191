//! The response of a provider's API.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::api::error::{ApiError, ErrorStatus, LoginRequired};
use crate::dance::Dance;

/// A response of the provider's API.
#[derive(Clone)]
pub struct ApiResponse {
    response: Response<Bytes>,
    /// The name of the dance.
    dance: String,
    /// The login that a 401 leads to.
    login_required: Option<LoginRequired>,
}

impl fmt::Debug for ApiResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The provider's claims about a user do not belong in a log.
        f.debug_struct("ApiResponse")
            .field("status", &self.status())
            .field("headers", &self.headers().len())
            .field("body_bytes", &self.body().len())
            .finish()
    }
}

impl ApiResponse {
    pub(crate) fn new(dance: &Dance, response: Response<Bytes>) -> Self {
        Self {
            response,
            dance: dance.name().to_owned(),
            login_required: None,
        }
    }

    /// Leads to a login if the status is 401.
    pub(crate) fn or_login(mut self, required: LoginRequired) -> Self {
        self.login_required = Some(required);
        self
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// Returns the response, unless its status is an error (400 to 599).
    ///
    /// # Errors
    ///
    /// - [`ApiError::LoginRequired`] for a 401: the provider no longer takes the token.
    /// - [`ApiError::Status`] with the status and the beginning of the body.
    pub fn error_for_status(self) -> Result<Self, ApiError> {
        self.check_status().map(|()| self)
    }

    fn check_status(&self) -> Result<(), ApiError> {
        let status = self.status();
        if let (StatusCode::UNAUTHORIZED, Some(required)) = (status, &self.login_required) {
            return Err(ApiError::LoginRequired(required.clone()));
        }
        if status.is_client_error() || status.is_server_error() {
            return Err(ApiError::Status(ErrorStatus::new(
                &self.dance,
                status,
                self.body(),
            )));
        }
        Ok(())
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// The errors of [`error_for_status`](Self::error_for_status), and [`ApiError::NotJson`] if the body is
    /// not JSON of this shape. [`body`](Self::body) reaches the bytes in any case.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        self.check_status()?;
        serde_json::from_slice(self.body()).map_err(|_| ApiError::NotJson {
            dance: self.dance.clone(),
        })
    }

    /// Returns the whole response.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        self.response
    }
}
