//! Which authorization parameters belong to the dance.

use url::Url;

/// Parameters of the authorization request that are the dance's own, even if this login does not use
/// them. A receiver that could set them could take the login over (attack case H08).
const RESERVED: [&str; 11] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
];

/// Parameters of a token request that are the dance's own.
const RESERVED_AT_TOKEN: [&str; 12] = [
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "grant_type",
    "password",
    "redirect_uri",
    "refresh_token",
    "scope",
];

/// Returns whether a setting may add the parameter `name` to a request for a token.
pub(crate) fn may_add_to_token_request(name: &str) -> bool {
    !name.is_empty() && !RESERVED_AT_TOKEN.contains(&name)
}

/// Returns whether a receiver or a setting may add the parameter `name` to the authorization request
/// `url`.
pub(crate) fn may_add(url: Option<&Url>, name: &str) -> bool {
    let taken = url.is_some_and(|url| url.query_pairs().any(|(ours, _)| ours == name));
    !name.is_empty() && name != "state" && !RESERVED.contains(&name) && !taken
}
