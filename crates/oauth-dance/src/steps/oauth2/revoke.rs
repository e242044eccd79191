//! The revocation of a token at the provider (RFC 7009).

use bytes::Bytes;
use http::Request;
use oauth2::{RevocationUrl, StandardRevocableToken};
use url::Url;

use super::wire;
use crate::steps::registration::Registration;
use crate::values::token::Token;

/// Builds the revocation request: for the refresh token, or else for the access token. A server that can
/// revoke access tokens SHOULD then revoke those of the same grant too (RFC 7009 §2.1). At other servers
/// they live to their end.
pub(crate) fn revocation_request(
    registration: &Registration,
    endpoint: &Url,
    token: &Token,
) -> Option<Request<Bytes>> {
    let revocable: StandardRevocableToken = match &token.refresh_token {
        Some(refresh) => oauth2::RefreshToken::new(refresh.secret().to_owned()).into(),
        None => oauth2::AccessToken::new(token.access_token.secret().to_owned()).into(),
    };
    // `oauth2` writes revocations to https only. Whether this endpoint may be plain http (on loopback)
    // was decided when the dance was built.
    let mut written_for = endpoint.clone();
    written_for.set_scheme("https").ok()?;
    let client = registration
        .client
        .clone()
        .set_revocation_url(RevocationUrl::from_url(written_for));
    let revocation = client.revoke_token(revocable).ok()?;
    let mut request = wire::written(|client| revocation.request(&client));
    *request.uri_mut() = endpoint.as_str().parse().ok()?;
    Some(request)
}
