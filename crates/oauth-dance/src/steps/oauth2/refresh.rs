//! A fresh token for a refresh token (RFC 6749 §6).

use bytes::Bytes;
use http::{Request, Response};

use super::{exchange, wire};
use crate::steps::registration::Registration;
use crate::values::login_error::LoginError;
use crate::values::secret::RefreshToken;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// The refresh request.
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
/// A provider that rotates sends a new refresh token; one that does not means the old one to be kept
/// (RFC 6749 §6). What is not said about the scope stays as it was. A refresh never widens: a scope that
/// the old token did not have is not recorded. The answer is taken all the same, for the refresh token in
/// it may be the only one left.
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
