//! Third step: the code for a token (RFC 6749 §4.1.3–4.1.4, RFC 7636 §4.5).

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use oauth2::basic::BasicTokenResponse;
use oauth2::{AuthorizationCode, PkceCodeVerifier, TokenResponse as _};
use serde_json::{Map, Value};

use super::callback::Verified;
use super::wire;
use crate::steps::oauth2::normalise;
use crate::steps::registration::Registration;
use crate::values::login_error::LoginError;
use crate::values::scopes::Scopes;
use crate::values::secret::{AccessToken, RefreshToken};
use crate::values::time::Timestamp;
use crate::values::token::{SECRET_MEMBERS, Token};

/// The longest access or refresh token that is taken, in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Builds the token request.
pub(crate) fn token_request(registration: &Registration, verified: &Verified) -> Request<Bytes> {
    let verifier = verified.pending().verifier.secret().to_owned();
    let mut exchange = registration
        .client
        .exchange_code(AuthorizationCode::new(verified.code().secret().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier));
    for (name, value) in &registration.token_parameters {
        exchange = exchange.add_extra_param(name, value);
    }
    wire::written(|client| exchange.request(&client))
}

/// Reads the answer to the token request of a login, whose callback told `scope`.
pub(crate) fn read_first_token(
    registration: &Registration,
    response: &Response<Bytes>,
    requested: &Scopes,
    scope: Option<&str>,
    now: Timestamp,
) -> Result<Token, LoginError> {
    let told = match scope {
        Some(scope) if registration.provider.quirks.scope_in_callback => {
            Some(told_in_callback(registration, scope, requested)?)
        }
        _ => None,
    };
    let mut token = read_token(
        registration,
        response,
        told.as_ref().unwrap_or(requested),
        now,
    )?;
    token.requested = requested.clone();
    Ok(token)
}

/// Returns the scopes that a callback tells. It came through the browser, so it can take scopes away from the
/// requested ones and add none.
fn told_in_callback(
    registration: &Registration,
    scope: &str,
    requested: &Scopes,
) -> Result<Scopes, LoginError> {
    let told = normalise::scope(scope, &registration.provider.quirks)?;
    let told = Scopes::split(&told, &[]);
    Ok(requested
        .iter()
        .filter(|scope| told.contains(scope))
        .collect())
}

/// Reads the answer to a token request, or to a refresh. If it names no scopes, those are granted that
/// `unless_told` says (RFC 6749 §5.1).
pub(crate) fn read_token(
    registration: &Registration,
    response: &Response<Bytes>,
    unless_told: &Scopes,
    now: Timestamp,
) -> Result<Token, LoginError> {
    let members = normalise::token_answer(response, &registration.provider)?;
    let answer = wire::read(&members).ok_or(LoginError::ProviderAnswer("token answer"))?;
    let mut raw = members;
    without_secrets(&mut raw);
    let lifetime = answer.expires_in().or(registration.provider.token_lifetime);
    token(&answer, lifetime, raw, unless_told, now)
}

/// Removes the members that are secrets, at any depth: some providers nest a second token (Slack's
/// `authed_user`). The reader of the answer has bounded the depth.
fn without_secrets(members: &mut Map<String, Value>) {
    members.retain(|name, _| !SECRET_MEMBERS.contains(&name.as_str()));
    members.values_mut().for_each(without_secrets_in);
}

fn without_secrets_in(value: &mut Value) {
    match value {
        Value::Object(members) => without_secrets(members),
        Value::Array(values) => values.iter_mut().for_each(without_secrets_in),
        _ => {}
    }
}

fn token(
    answer: &BasicTokenResponse,
    lifetime: Option<Duration>,
    raw: Map<String, Value>,
    unless_told: &Scopes,
    now: Timestamp,
) -> Result<Token, LoginError> {
    let access_token = answer.access_token().secret();
    let refresh_token = answer.refresh_token().map(oauth2::RefreshToken::secret);
    let longest = refresh_token.map_or(0, String::len).max(access_token.len());
    if longest > MAX_TOKEN_BYTES {
        return Err(LoginError::ProviderAnswer("length of the token"));
    }
    // Not by `oauth2`, which takes the gap between two spaces for a scope.
    let scopes = match raw.get("scope").and_then(Value::as_str) {
        Some(text) => Scopes::split(text, &[]),
        None => unless_told.clone(),
    };
    Ok(Token {
        access_token: AccessToken::new(access_token),
        refresh_token: refresh_token.map(RefreshToken::new),
        expires_at: lifetime.map(|lifetime| now.plus(lifetime)),
        lifetime,
        scopes,
        requested: unless_told.clone(),
        raw,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d29_k06_no_secret_stays_in_the_raw_answer_at_any_depth() {
        let answer = serde_json::json!({
            "access_token": "secret",
            "team": { "id": "T1" },
            "authed_user": { "id": "U1", "access_token": "secret" },
            "others": [{ "deep": [{ "refresh_token": "secret", "kept": 1 }] }],
            "id_token": "secret",
        });
        let Value::Object(mut raw) = answer else {
            unreachable!("an object was written");
        };
        without_secrets(&mut raw);
        let expected = serde_json::json!({
            "team": { "id": "T1" },
            "authed_user": { "id": "U1" },
            "others": [{ "deep": [{ "kept": 1 }] }],
        });
        assert_eq!(Value::Object(raw), expected);
    }
}
