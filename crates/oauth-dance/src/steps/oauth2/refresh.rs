//! A fresh token in exchange for a refresh token (RFC 6749 §6).

use bytes::Bytes;
use http::{Request, Response};

use super::{exchange, wire};
use crate::steps::registration::Registration;
use crate::values::login_error::LoginError;
use crate::values::secret::RefreshToken;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// Builds the refresh request.
pub(crate) fn refresh_request(
    registration: &Registration,
    refresh_token: &RefreshToken,
) -> Request<Bytes> {
    let refresh_token = oauth2::RefreshToken::new(refresh_token.secret().to_owned());
    let exchange = registration.client.exchange_refresh_token(&refresh_token);
    wire::written(|client| exchange.request(&client))
}

/// Reads the answer to a refresh of `old`.
///
/// A provider that rotates sends a new refresh token. If there is none, the old one is kept (RFC 6749
/// §6). If the answer names no scopes, they stay as they were. A refresh never widens the scopes: a scope
/// that the old token did not have is not recorded. The answer is accepted nevertheless, because its
/// refresh token may be the only one that is still valid.
pub(crate) fn read_refreshed(
    registration: &Registration,
    response: &Response<Bytes>,
    old: &Token,
    now: Timestamp,
) -> Result<Token, LoginError> {
    let mut token = exchange::read_token(registration, response, &old.scopes, now)?;
    token.scopes = token
        .scopes
        .iter()
        .filter(|scope| old.scopes.contains(scope))
        .collect();
    token.requested = old.requested.clone();
    token.refresh_token = token.refresh_token.or_else(|| old.refresh_token.clone());
    Ok(token)
}
