//! A fresh token in exchange for a refresh token (RFC 6749 §6).

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};

use super::{exchange, wire};
use crate::providers::meaning::spares_the_grant;
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
    let mut exchange = registration.client.exchange_refresh_token(&refresh_token);
    for (name, value) in &registration.token_parameters {
        exchange = exchange.add_extra_param(name, value);
    }
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

/// Returns whether the answer means that the provider no longer honours the refresh token: every answer below
/// 500 without a token, except those about the client or about this moment (RFC 6749 §5.2, RFC 6585 §4).
pub(crate) fn ends_the_grant(response: &Response<Bytes>, failure: &LoginError) -> bool {
    const FOR_NOW: [StatusCode; 2] = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    let status = response.status();
    if status.is_server_error() || FOR_NOW.contains(&status) {
        return false;
    }
    match failure {
        LoginError::Provider(error) => !spares_the_grant(error.code()),
        // An error that cannot be read well grants nothing either. Its code is read, if there is one.
        _ => !error_code(response.body()).is_some_and(|code| spares_the_grant(&code)),
    }
}

/// Reads the `error` of an answer of any content type: a JSON object or a form.
fn error_code(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Answer {
        error: String,
    }
    if let Ok(answer) = serde_json::from_slice::<Answer>(body) {
        return Some(answer.error);
    }
    let (_, code) = form_urlencoded::parse(body).find(|(name, _)| name == "error")?;
    Some(code.into_owned())
}

/// Returns how long the provider asks to wait before the next request (RFC 9110 §10.2.3).
pub(crate) fn retry_after(response: &Response<Bytes>, now: Timestamp) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = Timestamp::from(httpdate::parse_http_date(text).ok()?);
    Some(date.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::login_error::ProviderError;

    fn response(status: u16, body: &'static str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }

    #[test]
    fn f05_what_a_refused_refresh_means() {
        let unreadable = LoginError::ProviderAnswer("token answer");
        for (status, body, ends) in [
            (200, r#"{"error":"bad_refresh_token"}"#, true),
            (400, r#"{"error":"invalid_grant"}"#, true),
            (401, r#"{"error":"invalid_token"}"#, true),
            (403, "<html>", true),
            (404, "", true),
            (302, "", true),
            (400, r#"{"error":"invalid_client"}"#, false),
            (401, r#"{"error":"unauthorized_client"}"#, false),
            (400, r#"{"error":"unsupported_grant_type"}"#, false),
            // GitHub, Slack, Google, Zoho.
            (200, r#"{"error":"incorrect_client_credentials"}"#, false),
            (200, r#"{"ok":false,"error":"bad_client_secret"}"#, false),
            (200, r#"{"ok":false,"error":"invalid_client_id"}"#, false),
            (401, r#"{"error":"deleted_client"}"#, false),
            (200, r#"{"error":"invalid_client_secret"}"#, false),
            (400, r#"{"error":"redirect_uri_mismatch"}"#, false),
            (
                400,
                "error=invalid_client&error_description=no+such+client",
                false,
            ),
            (400, "error=invalid_grant", true),
            // X, of a refresh token that it does not know.
            (400, r#"{"error":"invalid_request"}"#, true),
            (400, r#"{"error":"slow_down"}"#, false),
            (200, r#"{"ok":false,"error":"ratelimited"}"#, false),
            (400, r#"{"error":"server_error"}"#, false),
            (200, r#"{"error":"server_error"}"#, false),
            (400, r#"{"error":"temporarily_unavailable"}"#, false),
            (408, "", false),
            (429, r#"{"error":"invalid_grant"}"#, false),
            (500, r#"{"error":"invalid_grant"}"#, false),
            (503, "", false),
        ] {
            let response = response(status, body);
            assert_eq!(
                ends_the_grant(&response, &unreadable),
                ends,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn f05_a_fault_of_the_client_in_another_form_than_json_ends_no_grant() {
        let form = response(400, "error=invalid_client");
        let error = |code| LoginError::Provider(ProviderError::new(code, None, None, false));
        assert!(!ends_the_grant(&form, &error("invalid_client")));
        assert!(ends_the_grant(&form, &error("invalid_grant")));
    }

    #[test]
    fn f06_when_the_provider_may_be_asked_again() {
        let now = Timestamp::from_unix_seconds(784_111_777);
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            // A date that has passed.
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            let mut response = response(503, "");
            let value = http::HeaderValue::from_str(text).unwrap();
            response.headers_mut().insert(RETRY_AFTER, value);
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&response, now), expected, "{text}");
        }
        assert_eq!(retry_after(&response(503, ""), now), None);
    }
}
