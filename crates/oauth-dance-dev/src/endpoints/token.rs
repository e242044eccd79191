//! The token endpoint: a code or a refresh token becomes an access token (RFC 6749 §3.2, §4.1.3, §6).

use http::StatusCode;
use http::header::HeaderMap;
use serde_json::json;

use crate::answer::{Answer, OAuthError, json_answer};
use crate::endpoints::client_auth::authenticate;
use crate::ledger::{AccessToken, Family, FamilyId, Ledger, RefreshToken, Spent};
use crate::params::Params;
use crate::provider::Inner;
use crate::registration::ClientRegistration;
use crate::secret::{pkce_challenge, same_secret};
use crate::stand_in::StandIn;

/// `POST /token`.
pub(crate) fn token(
    provider: &Inner,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Answer, OAuthError> {
    let client = authenticate(provider, headers, params)?;
    match params.one("grant_type")? {
        Some("authorization_code") => code(provider, client, params),
        Some("refresh_token") => refresh(provider, client, params),
        Some(_) => Err(OAuthError::new(
            "unsupported_grant_type",
            "only authorization_code and refresh_token are supported",
        )),
        None => Err(OAuthError::new("invalid_request", "grant_type is missing")),
    }
}

fn code(
    provider: &Inner,
    client: &ClientRegistration,
    params: &Params,
) -> Result<Answer, OAuthError> {
    let secret = required(params, "code")?;
    let redirect_uri = params.one("redirect_uri")?;
    let verifier = params.one("code_verifier")?;

    let mut guard = provider.ledger.lock();
    let ledger = &mut *guard;
    let unknown = || OAuthError::invalid_grant("unknown, expired or used code");
    // A code of another client is not touched: who guesses must not be able to spend it.
    let code = ledger
        .codes
        .get_mut(secret)
        .filter(|code| code.client_id == client.id)
        .ok_or_else(unknown)?;
    if let Spent::On(family) = code.spent {
        // RFC 6749 §4.1.2: a code used twice takes the tokens issued from it with it.
        ledger.revoke_family(family);
        return Err(unknown());
    }
    if code.spent == Spent::OnAFailure || provider.now() >= code.expires {
        return Err(unknown());
    }
    code.spent = Spent::OnAFailure;
    if code
        .redirect_uri
        .as_deref()
        .is_some_and(|named| redirect_uri != Some(named))
    {
        return Err(OAuthError::invalid_grant(
            "redirect_uri is not that of the authorization request",
        ));
    }
    if code.challenge.is_some() || !provider.faults.still_ignores_pkce() {
        check_verifier(code.challenge.as_deref(), verifier)?;
    }

    let family = Family {
        client_id: client.id.clone(),
        username: code.username.clone(),
        granted: code.granted.clone(),
    };
    let id = ledger.new_family(family.clone());
    if let Some(code) = ledger.codes.get_mut(secret) {
        code.spent = Spent::On(id);
    }
    Ok(issue(provider, ledger, id, &family.granted))
}

/// RFC 7636 §4.6. A verifier without a challenge means that an attacker removed the challenge (RFC 9700
/// §4.8.2).
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OAuthError> {
    let fits = match (challenge, verifier) {
        (Some(challenge), Some(verifier)) => {
            (43..=128).contains(&verifier.len())
                && same_secret(challenge, &pkce_challenge(verifier))
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if fits {
        Ok(())
    } else {
        Err(OAuthError::invalid_grant(
            "code_verifier does not match the code_challenge",
        ))
    }
}

fn refresh(
    provider: &Inner,
    client: &ClientRegistration,
    params: &Params,
) -> Result<Answer, OAuthError> {
    let secret = required(params, "refresh_token")?;
    let narrower = provider.scopes_of(params.one("scope")?);

    let mut guard = provider.ledger.lock();
    let ledger = &mut *guard;
    let unknown = || OAuthError::invalid_grant("unknown, expired or revoked refresh token");
    let token = ledger
        .refresh_tokens
        .get(secret)
        .cloned()
        .ok_or_else(unknown)?;
    let family = ledger.family(token.family).cloned().ok_or_else(unknown)?;
    if family.client_id != client.id {
        return Err(unknown());
    }
    if token.rotated {
        // RFC 9700 §4.14.2: one of the two that used it is not the client, so all tokens are revoked.
        ledger.revoke_family(token.family);
        return Err(unknown());
    }
    if token
        .expires
        .is_some_and(|expires| provider.now() >= expires)
    {
        return Err(unknown());
    }
    // RFC 6749 §6: the scope may shrink, never grow.
    if narrower.iter().any(|scope| !family.granted.contains(scope)) {
        return Err(OAuthError::new(
            "invalid_scope",
            "the scope exceeds what was granted",
        ));
    }
    let granted = if narrower.is_empty() {
        &family.granted
    } else {
        &narrower
    };
    if provider.rotates {
        if let Some(token) = ledger.refresh_tokens.get_mut(secret) {
            token.rotated = true;
        }
        Ok(issue(provider, ledger, token.family, granted))
    } else {
        let access_token = new_access_token(provider, ledger, token.family, granted);
        Ok(bearer(provider, &access_token, None, granted))
    }
}

/// Issues an access token and, if the provider does so, a refresh token. A new refresh token has the
/// scope of the consent even if the access token is narrower (RFC 6749 §6).
fn issue(provider: &Inner, ledger: &mut Ledger, family: FamilyId, granted: &[String]) -> Answer {
    let access_token = new_access_token(provider, ledger, family, granted);
    let refresh_token = provider.refreshes.then(|| {
        ledger.refresh_tokens.issue(RefreshToken {
            family,
            expires: provider
                .refresh_token_lifetime
                .map(|lifetime| provider.now().plus(lifetime)),
            rotated: false,
        })
    });
    bearer(provider, &access_token, refresh_token.as_deref(), granted)
}

fn new_access_token(
    provider: &Inner,
    ledger: &mut Ledger,
    family: FamilyId,
    scopes: &[String],
) -> String {
    let issued = provider.now();
    ledger.access_tokens.issue(AccessToken {
        family,
        scopes: scopes.to_vec(),
        issued,
        expires: issued.plus(provider.access_token_lifetime),
    })
}

/// RFC 6749 §5.1. The scope is always told, also where it is what was asked for.
fn bearer(
    provider: &Inner,
    access_token: &str,
    refresh_token: Option<&str>,
    granted: &[String],
) -> Answer {
    let mut body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": provider.access_token_lifetime.as_secs(),
    });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
    }
    if !granted.is_empty() {
        let stand_in = provider.stand_in.as_ref();
        let separator = stand_in.map_or(' ', StandIn::scope_separator);
        body["scope"] = granted.join(&separator.to_string()).into();
    }
    json_answer(StatusCode::OK, &body)
}

fn required<'a>(params: &'a Params, name: &'static str) -> Result<&'a str, OAuthError> {
    params
        .one(name)?
        .ok_or_else(|| OAuthError::new("invalid_request", format!("{name} is missing")))
}
