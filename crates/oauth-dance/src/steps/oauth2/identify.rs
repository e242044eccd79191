//! Fourth step: the identity of the user, requested from the userinfo endpoint.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use serde_json::{Map, Value};

use crate::contract::client::user_agent;
use crate::steps::oauth2::normalise;
use crate::steps::registration::Registration;
use crate::values::identity::Identity;
use crate::values::login_error::LoginError;
use crate::values::secret::AccessToken;

/// The longest identifier of a user that is taken, in bytes (OpenID Connect Core §2, `sub`).
const MAX_SUBJECT_BYTES: usize = 255;

/// Builds the request for the userinfo of a token's subject.
pub(crate) fn userinfo_request(endpoint: &Uri, access_token: &AccessToken) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = endpoint.clone();
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, access_token.bearer());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, user_agent());
    request
}

/// Reads a userinfo answer.
pub(crate) fn read_userinfo(
    registration: &Registration,
    response: &Response<Bytes>,
) -> Result<Identity, LoginError> {
    if response.status() != StatusCode::OK {
        return Err(LoginError::ProviderAnswer("status of the userinfo answer"));
    }
    if !normalise::content_type(response).ends_with("json") {
        return Err(LoginError::ProviderAnswer(
            "content type of the userinfo answer",
        ));
    }
    let claims = normalise::json_object(response.body())?;
    let subject = subject(&claims, &registration.user_id)
        .filter(|subject| (1..=MAX_SUBJECT_BYTES).contains(&subject.len()))
        .ok_or(LoginError::ProviderAnswer("user identifier"))?;
    Ok(Identity {
        issuer: registration
            .issuer
            .clone()
            .unwrap_or_else(|| registration.provider_id.clone()),
        subject,
        claims,
    })
}

/// Returns the text or integer at the dotted `path`.
fn subject(claims: &Map<String, Value>, path: &str) -> Option<String> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match claims.get(first)? {
        Value::Object(inner) if !rest.is_empty() => subject(inner, rest),
        Value::String(text) if rest.is_empty() => Some(text.clone()),
        Value::Number(number) if rest.is_empty() && !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}
