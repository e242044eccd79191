//! Which client sends a request to the token endpoint, and does it prove so (RFC 6749 §2.3).

use http::header::HeaderMap;

use crate::answer::OAuthError;
use crate::credentials::basic_credentials;
use crate::params::Params;
use crate::provider::Inner;
use crate::registration::ClientRegistration;
use crate::secret::same_secret;

/// Finds the client and checks its secret.
pub(crate) fn authenticate<'a>(
    provider: &'a Inner,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a ClientRegistration, OAuthError> {
    let posted_id = params.one("client_id")?;
    let posted_secret = params.one("client_secret")?;
    let basic = basic_credentials(headers)?;
    let by_header = basic.is_some();
    let (id, secret) = match basic {
        // RFC 6749 §2.3: a client must not use more than one method.
        Some(_) if posted_secret.is_some() => {
            return Err(OAuthError::new(
                "invalid_request",
                "the client authenticates in two ways",
            ));
        }
        Some((id, _)) if posted_id.is_some_and(|posted| posted != id) => {
            return Err(OAuthError::new(
                "invalid_request",
                "the client names itself in two ways",
            ));
        }
        Some((id, secret)) => (id, Some(secret)),
        None => {
            let id = posted_id
                .ok_or_else(|| OAuthError::invalid_client("no client authentication", by_header))?;
            (id.to_owned(), posted_secret.map(str::to_owned))
        }
    };
    let client = provider.client(&id);
    let right = match client {
        Some(client) => match (&client.secret, &secret) {
            (Some(right), Some(given)) => same_secret(right, given),
            // RFC 6749 §2.3.1: the password may be left empty if there is none.
            (None, given) => given.as_deref().unwrap_or_default().is_empty(),
            (Some(_), None) => false,
        },
        None => false,
    };
    match client {
        Some(client) if right => Ok(client),
        _ => Err(OAuthError::invalid_client(
            "unknown client or wrong secret",
            by_header,
        )),
    }
}
