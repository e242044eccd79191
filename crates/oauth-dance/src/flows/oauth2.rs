//! The conversation of OAuth 2.0: authorization code with PKCE, refresh, revocation.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Begun, Granted, Parameters, RefreshError, Unfinished};
use crate::contract::clock::Clock;
use crate::flows::outbound::Outbound;
use crate::steps::oauth2::{begin, callback, exchange, identify, refresh, revoke};
use crate::steps::registration::Registration;
use crate::values::endpoint::EndpointKind;
use crate::values::identity::Identity;
use crate::values::login_error::{Failed, LoginError};
use crate::values::next::Next;
use crate::values::pending::{Pending, State};
use crate::values::secret::CodeVerifier;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// One registration with a provider of OAuth 2.0, and the way to it.
pub(crate) struct OAuth2<'a> {
    pub(crate) registration: &'a Registration,
    pub(crate) outbound: &'a Outbound,
    pub(crate) clock: &'a dyn Clock,
}

impl OAuth2<'_> {
    /// Begins a login of the dance called `dance`.
    pub(crate) fn begin(
        &self,
        dance: &str,
        state: &State,
        verifier: CodeVerifier,
        next: Option<Next>,
        expires_at: Timestamp,
    ) -> Begun {
        begin::begin(self.registration, dance, state, verifier, next, expires_at)
    }

    /// Finishes the login that `pending` began: verifies the callback, exchanges the code, and asks for
    /// the identity. Returns the grant with the pending login, whose code is spent.
    pub(crate) async fn finish(
        &self,
        parameters: Parameters,
        pending: Pending,
    ) -> Result<(Granted, Pending), Unfinished> {
        let registration = self.registration;
        let verified = callback::verify(registration, parameters, pending)
            .map_err(|failure| Failed::from(failure).at(EndpointKind::Authorization, None))?;

        let request = exchange::token_request(registration, &verified);
        let response = self.call(EndpointKind::Token, request).await?;
        let now = self.clock.now();
        let (requested, scope) = (&verified.pending().requested, verified.scope());
        let token = exchange::read_first_token(registration, &response, requested, scope, now)
            .map_err(|failure| answered(failure, EndpointKind::Token, &response))?;
        let pending = verified.into_pending();

        match self.identify(&token).await {
            Ok(identity) => Ok((Granted { token, identity }, pending)),
            Err(failed) => Err(Unfinished {
                failed,
                lost: Some(Box::new(token)),
            }),
        }
    }

    /// Asks who the user is whose token this is, if the provider can be asked.
    async fn identify(&self, token: &Token) -> Result<Option<Identity>, Failed> {
        let Some(endpoint) = &self.registration.userinfo_endpoint else {
            return Ok(None);
        };
        let request = identify::userinfo_request(endpoint, &token.access_token);
        let response = self.call(EndpointKind::Userinfo, request).await?;
        let identity = identify::read_userinfo(self.registration, &response)
            .map_err(|failure| answered(failure, EndpointKind::Userinfo, &response))?;
        Ok(Some(identity))
    }

    /// Asks the provider for a fresh token in place of `old`.
    pub(crate) async fn refresh(&self, old: &Token) -> Result<Token, RefreshError> {
        let Some(refresh_token) = &old.refresh_token else {
            return Err(RefreshError::LoginRequired);
        };
        let request = refresh::refresh_request(self.registration, refresh_token);
        let response = self.call(EndpointKind::Token, request).await?;
        let now = self.clock.now();
        match refresh::read_refreshed(self.registration, &response, old, now) {
            Ok(token) => Ok(token),
            Err(failure) if refresh::ends_the_grant(&response, &failure) => {
                Err(RefreshError::LoginRequired)
            }
            Err(failure) => Err(RefreshError::Failed {
                failed: answered(failure, EndpointKind::Token, &response),
                retry_after: refresh::retry_after(&response, now),
            }),
        }
    }

    /// Returns whether the provider has a revocation endpoint.
    pub(crate) fn can_revoke(&self) -> bool {
        self.registration.revocation_endpoint.is_some()
    }

    /// Asks the provider to revoke the token (RFC 7009). Returns `false` if the provider has no
    /// revocation endpoint. A token that is not revoked keeps no browser signed in.
    pub(crate) async fn revoke(&self, token: &Token) -> Result<bool, Failed> {
        let request = self
            .registration
            .revocation_endpoint
            .as_ref()
            .and_then(|endpoint| revoke::revocation_request(self.registration, endpoint, token));
        let Some(request) = request else {
            return Ok(false);
        };
        let response = self.call(EndpointKind::Revocation, request).await?;
        if response.status() != StatusCode::OK {
            let failure = LoginError::ProviderAnswer("status of the revocation answer");
            return Err(answered(failure, EndpointKind::Revocation, &response));
        }
        Ok(true)
    }

    async fn call(
        &self,
        endpoint: EndpointKind,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Failed> {
        let response = self.outbound.call(request).await;
        response.map_err(|error| Failed::from(error).at(endpoint, None))
    }
}

/// Returns a failure that showed in the answer of an endpoint.
fn answered(failure: LoginError, endpoint: EndpointKind, response: &Response<Bytes>) -> Failed {
    Failed::from(failure).at(endpoint, Some(response.status()))
}
