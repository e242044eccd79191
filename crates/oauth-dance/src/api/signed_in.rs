//! The provider's API for an extractor of an adapter, which names the dance in a type.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::api::client::ApiClient;
use crate::api::error::ApiError;
use crate::providers::name::DanceName;
use crate::values::token::Token;
use crate::visit::Visit;

/// The provider's API with the token of the signed-in user: what the `Api` of an adapter holds.
///
/// It derefs to the [`ApiClient`].
pub struct Api<N> {
    client: ApiClient,
    token: Token,
    name: PhantomData<fn() -> N>,
}

impl<N: DanceName> Api<N> {
    /// Returns the API of the dance called [`N::NAME`](DanceName::NAME) as the browser of `visit`. If the token has
    /// expired, it is refreshed.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownDance`] if no dance has this name, and the errors of [`ApiClient::token`].
    pub async fn of(visit: &Visit) -> Result<Self, ApiError> {
        let client = visit.api(N::NAME)?;
        let token = client.token().await?;
        Ok(Self {
            client,
            token,
            name: PhantomData,
        })
    }

    /// Returns the same, or `None` if the browser has to sign in first.
    ///
    /// # Errors
    ///
    /// The other errors of [`of`](Self::of): a store that is down does not mean that the browser is signed out.
    pub async fn of_signed_in(visit: &Visit) -> Result<Option<Self>, ApiError> {
        match Self::of(visit).await {
            Ok(api) => Ok(Some(api)),
            Err(ApiError::LoginRequired(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<N> Api<N> {
    /// Returns the API client, to be kept longer than the request.
    #[must_use]
    pub fn client(&self) -> &ApiClient {
        &self.client
    }

    /// Returns the token. It was refreshed for this request if it had expired.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }
}

impl<N> Deref for Api<N> {
    type Target = ApiClient;

    fn deref(&self) -> &ApiClient {
        &self.client
    }
}

impl<N> fmt::Debug for Api<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
