//! Revocation (RFC 7009) and introspection (RFC 7662).

use http::StatusCode;
use http::header::HeaderMap;
use serde_json::json;

use crate::answer::{Answer, OAuthError, answer, json_answer};
use crate::endpoints::client_auth::authenticate;
use crate::params::Params;
use crate::provider::Inner;

/// `POST /revoke`. A refresh token takes every token of the same consent with it (RFC 7009 §2.1); an
/// unknown token is as good as revoked (§2.2).
pub(crate) fn revoke(
    provider: &Inner,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Answer, OAuthError> {
    let client = authenticate(provider, headers, params)?;
    let secret = params
        .one("token")?
        .ok_or_else(|| OAuthError::new("invalid_request", "token is missing"))?;
    // The hint saves a search, and we have none to save (§2.1); repeated it would still be wrong.
    params.one("token_type_hint")?;

    let mut ledger = provider.ledger.lock();
    let refresh = ledger.refresh_tokens.get(secret).map(|token| token.family);
    let access = ledger.access_tokens.get(secret).map(|token| token.family);
    let family = refresh.or(access);
    let owner = family.and_then(|id| ledger.family(id));
    if owner.is_some_and(|family| family.client_id != client.id) {
        return Err(OAuthError::invalid_grant(
            "the token was issued to another client",
        ));
    }
    if let Some(family) = refresh {
        ledger.revoke_family(family);
    } else {
        ledger.access_tokens.remove(secret);
    }
    Ok(answer(StatusCode::OK, "", String::new()))
}

/// `POST /introspect`. A client learns about its own tokens only.
pub(crate) fn introspect(
    provider: &Inner,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Answer, OAuthError> {
    let client = authenticate(provider, headers, params)?;
    let secret = params
        .one("token")?
        .ok_or_else(|| OAuthError::new("invalid_request", "token is missing"))?;

    let ledger = provider.ledger.lock();
    let own = |id| {
        ledger
            .family(id)
            .filter(|family| family.client_id == client.id)
    };
    let now = provider.now();
    let mut body = json!({ "active": false });
    if let Some(token) = ledger.access_tokens.get(secret)
        && let Some(family) = own(token.family)
        && now < token.expires
    {
        body = json!({
            "active": true,
            "scope": token.scopes.join(" "),
            "client_id": family.client_id,
            "username": family.username,
            "token_type": "Bearer",
            "iat": token.issued.unix_seconds(),
            "exp": token.expires.unix_seconds(),
            "sub": provider.person(&family.username).map(|person| person.subject.as_str()),
            "iss": provider.issuer(),
        });
    } else if let Some(token) = ledger.refresh_tokens.get(secret)
        && let Some(family) = own(token.family)
        && !token.rotated
        && token.expires.is_none_or(|expires| now < expires)
    {
        body = json!({
            "active": true,
            "scope": family.granted.join(" "),
            "client_id": family.client_id,
            "username": family.username,
            "iss": provider.issuer(),
        });
    }
    Ok(json_answer(StatusCode::OK, &body))
}
