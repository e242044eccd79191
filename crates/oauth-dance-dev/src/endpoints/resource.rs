//! What a token opens: the userinfo endpoint and a small API for demonstrations (RFC 6750).

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::answer::{Answer, json_answer, plain};
use crate::provider::Inner;
use crate::registration::Person;

/// `GET /userinfo`: the claims the token's scopes show, and always `sub`.
pub(crate) fn userinfo(provider: &Inner, headers: &HeaderMap) -> Answer {
    match bearer(provider, headers, None) {
        Ok(access) => {
            let claims = provider.claims(access.person, &access.scopes);
            json_answer(StatusCode::OK, &Value::Object(claims))
        }
        Err(refused) => refused.into_answer(),
    }
}

/// `GET /api/profile`: the person's claims, their username, and the scopes of the token.
pub(crate) fn profile(provider: &Inner, headers: &HeaderMap) -> Answer {
    match bearer(provider, headers, None) {
        Ok(access) => {
            let body = json!({
                "username": access.person.username,
                "scopes": access.scopes,
                "claims": access.person.claims_for(&access.scopes),
            });
            json_answer(StatusCode::OK, &body)
        }
        Err(refused) => refused.into_answer(),
    }
}

/// `GET /api/notes`: the person's notes. Needs the scope `notes`.
pub(crate) fn notes(provider: &Inner, headers: &HeaderMap) -> Answer {
    match bearer(provider, headers, Some("notes")) {
        Ok(access) => json_answer(StatusCode::OK, &json!({ "notes": access.person.notes })),
        Err(refused) => refused.into_answer(),
    }
}

/// `GET` of what a test wants the API to answer. Needs a token.
pub(crate) fn answer(provider: &Inner, headers: &HeaderMap, number: usize) -> Answer {
    match (
        bearer(provider, headers, None),
        provider.answers.get(number),
    ) {
        (Ok(_), Some(body)) => json_answer(StatusCode::OK, body),
        (Ok(_), None) => plain(StatusCode::NOT_FOUND, "There is nothing here."),
        (Err(refused), _) => refused.into_answer(),
    }
}

struct Access<'a> {
    person: &'a Person,
    scopes: Vec<String>,
}

/// Who the access token speaks for, read from the `Authorization` header alone: a token in the query
/// would end up in logs (RFC 9700 §4.3.2).
fn bearer<'a>(
    provider: &'a Inner,
    headers: &HeaderMap,
    needed: Option<&'static str>,
) -> Result<Access<'a>, Refused> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Err(Refused::NoToken);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let (Some(token), None) = (token, values.next()) else {
        return Err(Refused::Malformed);
    };

    let ledger = provider.ledger.lock();
    let invalid = || Refused::Invalid;
    let access = ledger.access_tokens.get(token).ok_or_else(invalid)?;
    let family = ledger.family(access.family).ok_or_else(invalid)?;
    if provider.now() >= access.expires {
        return Err(Refused::Invalid);
    }
    let person = provider.person(&family.username).ok_or_else(invalid)?;
    match needed {
        Some(needed) if !access.scopes.iter().any(|scope| scope == needed) => {
            Err(Refused::Lacks(needed))
        }
        _ => Ok(Access {
            person,
            scopes: access.scopes.clone(),
        }),
    }
}

/// Why a token opens nothing (RFC 6750 §3.1).
enum Refused {
    /// Without any credentials the answer has no error code.
    NoToken,
    Malformed,
    Invalid,
    Lacks(&'static str),
}

impl Refused {
    fn into_answer(self) -> Answer {
        let (status, error) = match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, None),
            Self::Malformed => (StatusCode::BAD_REQUEST, Some("invalid_request")),
            Self::Invalid => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
            Self::Lacks(_) => (StatusCode::FORBIDDEN, Some("insufficient_scope")),
        };
        let mut challenge = "Bearer realm=\"development identity provider\"".to_owned();
        let mut body = json!({});
        if let Some(error) = error {
            challenge.push_str(&format!(", error=\"{error}\""));
            body["error"] = error.into();
        }
        if let Self::Lacks(scope) = self {
            challenge.push_str(&format!(", scope=\"{scope}\""));
        }
        let mut answer = json_answer(status, &body);
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}
