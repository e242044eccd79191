//! First step: the authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3) and the login it begins.

use std::collections::BTreeMap;

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use url::Url;

use crate::dance::settings::Settings;
use crate::values::next::Next;
use crate::values::pending::{Pending, State};
use crate::values::secret::CodeVerifier;
use crate::values::time::Timestamp;

/// What a login begins with.
pub(crate) struct Begun {
    /// The authorization request, without what receivers may add.
    pub(crate) url: Url,
    pub(crate) pending: Pending,
}

/// Builds the authorization request and the pending login that belongs to it.
///
/// `state` and `verifier` are drawn independently: a verifier derived from the `state` would travel
/// through the browser with it.
pub(crate) fn begin(
    settings: &Settings,
    state: &State,
    verifier: CodeVerifier,
    next: Option<Next>,
    expires_at: Timestamp,
) -> Begun {
    // RFC 7636 §4.2: S256 always, `plain` never.
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
        verifier.secret().to_owned(),
    ));
    let mut request = settings
        .client
        .authorize_url(|| CsrfToken::new(state.as_str().to_owned()))
        .set_pkce_challenge(challenge);
    if !settings.scopes.is_empty() {
        // One value, joined our way: some providers want another separator than a space.
        let joined = settings.scopes.join(&settings.scope_separator);
        request = request.add_scope(Scope::new(joined));
    }
    for (name, value) in &settings.authorize_parameters {
        request = request.add_extra_param(name, value);
    }
    let (url, _) = request.url();

    Begun {
        url,
        pending: Pending {
            dance: settings.name.clone(),
            registration: settings.registration.clone(),
            state: state.fingerprint(),
            verifier,
            requested: settings.scopes.clone(),
            next,
            remembered: BTreeMap::new(),
            expires_at,
        },
    }
}

/// Parameters of the authorization request that are the dance's own, whether this login uses them or
/// not. A receiver that could set them could take the login over (attack case H08).
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

/// Whether a receiver or a setting may add the parameter `name` to the authorization request `url`.
pub(crate) fn may_add(url: Option<&Url>, name: &str) -> bool {
    let taken = url.is_some_and(|url| url.query_pairs().any(|(ours, _)| ours == name));
    !name.is_empty() && name != "state" && !RESERVED.contains(&name) && !taken
}
