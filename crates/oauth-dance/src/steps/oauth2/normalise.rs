//! Rewrites a provider's token answer, by its quirks, into what RFC 6749 §5 says.
//!
//! Every departure of a provider is undone here and in no other file. The result is either a token answer
//! that `oauth2` reads, or an error as in RFC 6749 §5.2.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use crate::providers::provider::Provider;
use crate::providers::quirks::Quirks;
use crate::steps::oauth2::body::{content_type, form_object, json_object};
use crate::values::identity::Identity;
use crate::values::login_error::{LoginError, ProviderError};

/// The most scopes that an answer may name.
const MAX_SCOPES: usize = 256;

/// A token lifetime beyond this, in seconds, is taken as this: 100 years.
const MAX_LIFETIME: f64 = 3_155_760_000.0;

/// Reads the answer of a token endpoint.
///
/// # Errors
///
/// - [`LoginError::Provider`] for an OAuth error.
/// - [`LoginError::ProviderAnswer`] for an answer that is neither an error nor a token.
pub(crate) fn token_answer(
    response: &Response<Bytes>,
    provider: &Provider,
) -> Result<Map<String, Value>, LoginError> {
    let quirks = &provider.quirks;
    let status = response.status();
    let success =
        status == StatusCode::OK || (quirks.created_is_ok && status == StatusCode::CREATED);
    // RFC 6749 §5.2 has 400 and 401. Some providers answer errors with 403 or 422.
    if !success && !status.is_client_error() {
        return Err(LoginError::ProviderAnswer("status of the token answer"));
    }

    let mut members = match content_type(response).as_str() {
        "application/json" => json_object(response.body())?,
        "application/x-www-form-urlencoded" if quirks.form_encoded_answer => {
            form_object(response.body())?
        }
        // Neither is the beginning of the other.
        "text/plain" if quirks.form_as_plain_text && !looks_like_json(response.body()) => {
            form_object(response.body())?
        }
        _ if quirks.any_content_type => json_object(response.body())?,
        _ => {
            return Err(LoginError::ProviderAnswer(
                "content type of the token answer",
            ));
        }
    };

    if !success || (quirks.error_in_ok_answer && members.contains_key("error")) {
        return Err(match oauth_error(&members, provider) {
            Some(error) => LoginError::Provider(error),
            None => LoginError::ProviderAnswer("error answer of the token endpoint"),
        });
    }
    normalise_members(&mut members, quirks)?;
    Ok(members)
}

fn normalise_members(members: &mut Map<String, Value>, quirks: &Quirks) -> Result<(), LoginError> {
    const WRONG_SCOPE: LoginError = LoginError::ProviderAnswer("scope");

    match text(members, "access_token") {
        Some(token) if is_header_safe(token) => {}
        _ => return Err(LoginError::ProviderAnswer("access_token")),
    }

    match members.get("token_type") {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(Value::String(kind)) if quirks.any_token_type && !needs_proof(kind) => {
            members.insert("token_type".into(), "bearer".into());
        }
        None if quirks.token_type_may_be_missing => {
            members.insert("token_type".into(), "bearer".into());
        }
        _ => return Err(LoginError::ProviderAnswer("token_type")),
    }

    match members.remove("expires_in") {
        None | Some(Value::Null) => {}
        Some(value) => {
            let seconds = lifetime(&value).ok_or(LoginError::ProviderAnswer("expires_in"))?;
            members.insert("expires_in".into(), seconds.into());
        }
    }

    match members.remove("refresh_token") {
        None | Some(Value::Null) => {}
        Some(Value::String(token)) if token.is_empty() => {}
        Some(Value::String(token)) if token.bytes().all(is_vschar) => {
            members.insert("refresh_token".into(), token.into());
        }
        Some(_) => return Err(LoginError::ProviderAnswer("refresh_token")),
    }

    let scope = match members.remove("scope") {
        None | Some(Value::Null) => None,
        Some(Value::String(scope)) => Some(scope),
        Some(Value::Array(scopes)) if quirks.scope_array => {
            let scopes: Option<Vec<&str>> = scopes.iter().map(Value::as_str).collect();
            Some(scopes.ok_or(WRONG_SCOPE)?.join(" "))
        }
        Some(_) => return Err(WRONG_SCOPE),
    };
    if let Some(text) = scope {
        members.insert("scope".into(), self::scope(&text, quirks)?.into());
    }
    Ok(())
}

/// Rewrites the text that tells the granted scopes: they are separated by spaces (RFC 6749 §3.3).
pub(crate) fn scope(text: &str, quirks: &Quirks) -> Result<String, LoginError> {
    let scope = match quirks.scope_answer_separator {
        Some(separator) => text.replace(separator, " "),
        None => text.to_owned(),
    };
    if scope.split_whitespace().take(MAX_SCOPES + 1).count() > MAX_SCOPES {
        return Err(LoginError::ProviderAnswer("number of scopes"));
    }
    Ok(scope)
}

/// Rewrites what the userinfo endpoint says.
pub(crate) fn identity(identity: &mut Identity, quirks: &Quirks) {
    if quirks.email_verified_as_text {
        identity.read_email_verified_as_text();
    }
}

/// Returns whether a token of this type is worth nothing without a proof, so that it must not be sent as a bearer
/// token (RFC 9449 §5, RFC 8693 §2.2.1, and the drafts of `PoP` and `mac`).
fn needs_proof(token_type: &str) -> bool {
    ["dpop", "pop", "mac", "n_a", ""]
        .iter()
        .any(|kind| token_type.eq_ignore_ascii_case(kind))
}

fn looks_like_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// Returns the seconds of a number or, leniently, of its decimal text. Fractions are cut off, and an
/// absurdly long lifetime is shortened. A negative number is refused.
fn lifetime(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie between zero and a value far below u64::MAX"
    )]
    (seconds >= 0.0).then(|| seconds.min(MAX_LIFETIME) as u64)
}

/// Returns the error of an answer as in RFC 6749 §5.2.
fn oauth_error(members: &Map<String, Value>, provider: &Provider) -> Option<ProviderError> {
    let code = text(members, "error")?;
    Some(ProviderError::new(
        code,
        text(members, "error_description"),
        text(members, "error_uri"),
        provider.is_denial(code),
    ))
}

fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    members.get(name).and_then(Value::as_str)
}

/// Returns whether a bearer token is visible ASCII (RFC 6750 §2.1, `b64token`, and what providers use
/// besides), so that it can neither end a header nor be cut in it.
fn is_header_safe(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns whether `byte` is a VSCHAR (RFC 6749 Appendix A).
fn is_vschar(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e)
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_TYPE, HeaderValue};

    use super::*;

    fn answer(status: u16, content_type: &'static str, body: &str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let value = HeaderValue::from_static(content_type);
        response.headers_mut().insert(CONTENT_TYPE, value);
        response
    }

    fn token_answer(
        response: &Response<Bytes>,
        quirks: &Quirks,
    ) -> Result<Map<String, Value>, LoginError> {
        let provider = Provider::oauth2("op", "https://op.test/a", "https://op.test/t");
        super::token_answer(response, &provider.quirks(quirks.clone()))
    }

    fn read(body: &str, quirks: &Quirks) -> Result<Map<String, Value>, LoginError> {
        token_answer(&answer(200, "application/json", body), quirks)
    }

    /// A token answer with these members beside a good access token.
    fn with(members: &str) -> Result<Map<String, Value>, LoginError> {
        let body = format!(r#"{{"access_token":"at","token_type":"bearer",{members}}}"#);
        read(&body, &Quirks::none())
    }

    fn wrong(part: &'static str) -> LoginError {
        LoginError::ProviderAnswer(part)
    }

    #[test]
    fn a_refresh_token_is_visible_ascii() {
        for bad in [r#""a\u0000b""#, r#""a\nb""#, "\"\u{e9}\"", "17"] {
            assert_eq!(
                with(&format!(r#""refresh_token":{bad}"#)),
                Err(wrong("refresh_token")),
                "{bad}"
            );
        }
        let members = with(r#""refresh_token":"a ~""#).unwrap();
        assert_eq!(members["refresh_token"], "a ~");
    }

    #[test]
    fn d08_another_content_type_needs_its_quirk() {
        let body = r#"{"access_token":"at","token_type":"bearer"}"#;
        let plain = answer(200, "text/plain; charset=utf-8", body);
        assert!(token_answer(&plain, &Quirks::none()).is_err());
        assert!(token_answer(&plain, &Quirks::lenient()).is_ok());
        let json = answer(200, "Application/JSON; charset=x", body);
        assert!(token_answer(&json, &Quirks::none()).is_ok());
    }

    #[test]
    fn d09_a_form_needs_its_quirk() {
        let form = answer(
            200,
            "application/x-www-form-urlencoded",
            "access_token=at&scope=repo%2Cgist&token_type=bearer",
        );
        assert!(token_answer(&form, &Quirks::none()).is_err());
        let members = token_answer(&form, &Quirks::lenient()).unwrap();
        assert_eq!(members["scope"], "repo gist");
    }

    #[test]
    fn d10_malformed_json_is_no_answer() {
        for body in ["", "{", "\u{feff}{}", "{}x", "{}{}", r#"{"a":NaN}"#] {
            assert_eq!(
                read(body, &Quirks::none()),
                Err(wrong("JSON of the answer")),
                "{body}"
            );
        }
    }

    #[test]
    fn d11_deep_nesting_is_no_answer() {
        assert!(with(&format!(r#""x":{}"#, "[".repeat(100_000))).is_err());
    }

    #[test]
    fn d12_a_repeated_member_is_no_answer() {
        assert!(with(r#""access_token":"other""#).is_err());
    }

    #[test]
    fn d13_only_an_object_is_an_answer() {
        for body in ["[]", "\"text\"", "null", "1"] {
            assert!(read(body, &Quirks::none()).is_err());
        }
    }

    #[test]
    fn d14_lifetimes() {
        for (value, seconds) in [
            ("3600", Some(3600)),
            ("\"3600\"", Some(3600)),
            ("3600.5", Some(3600)),
            ("0", Some(0)),
            ("18446744073709551615", Some(3_155_760_000)),
            ("null", None),
        ] {
            let members = with(&format!(r#""expires_in":{value}"#)).unwrap();
            assert_eq!(
                members.get("expires_in").and_then(Value::as_u64),
                seconds,
                "{value}"
            );
        }
        for value in ["-1", "true", "\"-1\"", "\"\"", "\"1e3\"", "[]"] {
            assert_eq!(
                with(&format!(r#""expires_in":{value}"#)),
                Err(wrong("expires_in"))
            );
        }
    }

    #[test]
    fn d15_a_missing_token_type_needs_its_quirk() {
        let body = r#"{"access_token":"at"}"#;
        assert_eq!(read(body, &Quirks::none()), Err(wrong("token_type")));
        assert!(read(body, &Quirks::lenient()).is_ok());
    }

    #[test]
    fn d16_only_bearer_tokens_are_taken() {
        for (kind, taken) in [
            ("BEARER", true),
            ("bearer", true),
            ("mac", false),
            ("DPoP", false),
            ("PoP", false),
            ("N_A", false),
            ("", false),
        ] {
            let body = format!(r#"{{"access_token":"at","token_type":"{kind}"}}"#);
            assert_eq!(read(&body, &Quirks::lenient()).is_ok(), taken, "{kind}");
        }
    }

    #[test]
    fn d16_another_word_for_a_bearer_token_needs_its_quirk() {
        let body = r#"{"access_token":"at","token_type":"user"}"#;
        assert_eq!(read(body, &Quirks::none()), Err(wrong("token_type")));
        let members = read(body, &Quirks::none().any_token_type()).unwrap();
        assert_eq!(members["token_type"], "bearer");
    }

    #[test]
    fn d09_a_form_as_plain_text_needs_its_quirk() {
        let form = answer(200, "text/plain", "access_token=at&token_type=bearer");
        let others = Quirks::none().form_encoded_answer().any_content_type();
        assert!(token_answer(&form, &others).is_err());
        for quirks in [Quirks::none().form_as_plain_text(), Quirks::lenient()] {
            assert_eq!(token_answer(&form, &quirks).unwrap()["access_token"], "at");
        }
        let json = answer(
            200,
            "text/plain",
            r#" {"access_token":"at","token_type":"bearer"}"#,
        );
        assert!(token_answer(&json, &Quirks::lenient()).is_ok());
        assert!(token_answer(&json, &Quirks::none().form_as_plain_text()).is_err());
    }

    #[test]
    fn d17_d22_an_access_token_is_visible_ascii() {
        for token in [
            "\"\"",
            "null",
            "1",
            r#""a\r\nb""#,
            "\"a b\"",
            "\"\u{e9}\"",
            r#""a\u0000""#,
        ] {
            let body = format!(r#"{{"access_token":{token},"token_type":"bearer"}}"#);
            assert_eq!(
                read(&body, &Quirks::none()),
                Err(wrong("access_token")),
                "{token}"
            );
        }
    }

    #[test]
    fn d18_an_error_with_status_200_is_an_oauth_error_by_quirk_and_never_a_token() {
        let body = r#"{"error":"bad_verification_code","error_description":"expired"}"#;
        let Err(LoginError::Provider(error)) = read(body, &Quirks::lenient()) else {
            panic!("not read as an OAuth error");
        };
        assert_eq!(error.code(), "bad_verification_code");
        assert_eq!(read(body, &Quirks::none()), Err(wrong("access_token")));
    }

    #[test]
    fn d19_an_error_status_needs_an_oauth_error() {
        for body in [
            "{}",
            r#"{"error":1}"#,
            r#"{"access_token":"at","token_type":"bearer"}"#,
        ] {
            let response = answer(400, "application/json", body);
            assert_eq!(
                token_answer(&response, &Quirks::lenient()),
                Err(wrong("error answer of the token endpoint"))
            );
        }
        let html = answer(400, "text/html", "<h1>no</h1>");
        assert!(matches!(
            token_answer(&html, &Quirks::none()),
            Err(LoginError::ProviderAnswer(_))
        ));
    }

    #[test]
    fn d24_a_server_error_is_no_answer() {
        let response = answer(
            503,
            "application/json",
            r#"{"error":"temporarily_unavailable"}"#,
        );
        assert_eq!(
            token_answer(&response, &Quirks::lenient()),
            Err(wrong("status of the token answer"))
        );
    }

    #[test]
    fn d21_an_answer_names_a_bounded_number_of_scopes() {
        let scopes = |count: usize| -> String {
            let words: Vec<String> = (0..count).map(|number| number.to_string()).collect();
            words.join(" ")
        };
        let most = scopes(MAX_SCOPES);
        assert!(with(&format!(r#""scope":"{most}""#)).is_ok());
        // Also of as many bytes as an answer may have.
        for count in [MAX_SCOPES + 1, 150_000] {
            let scope = scopes(count);
            let answer = with(&format!(r#""scope":"{scope}""#));
            assert_eq!(answer, Err(wrong("number of scopes")), "{count}");
        }
    }

    #[test]
    fn a_scope_array_needs_its_quirk() {
        assert_eq!(with(r#""scope":["a","b"]"#), Err(wrong("scope")));
        let body = r#"{"access_token":"at","token_type":"bearer","scope":["a","b"]}"#;
        assert_eq!(read(body, &Quirks::lenient()).unwrap()["scope"], "a b");
    }
}
