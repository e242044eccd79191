//! First step: the authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3) and the login it begins.

use std::collections::BTreeMap;

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use url::Url;

use crate::steps::registration::Registration;
use crate::values::next::Next;
use crate::values::pending::{Pending, State};
use crate::values::secret::CodeVerifier;
use crate::values::time::Timestamp;

/// The first step's result.
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
    registration: &Registration,
    dance: &str,
    state: &State,
    verifier: CodeVerifier,
    next: Option<Next>,
    expires_at: Timestamp,
) -> Begun {
    // RFC 7636 §4.2: S256 always, `plain` never.
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(
        verifier.secret().to_owned(),
    ));
    let mut request = registration
        .client
        .authorize_url(|| CsrfToken::new(state.as_str().to_owned()))
        .set_pkce_challenge(challenge);
    if !registration.scopes.is_empty() {
        // One value, joined here: some providers want another separator than a space.
        let joined = registration
            .scopes
            .join(&registration.provider.scope_separator);
        request = request.add_scope(Scope::new(joined));
    }
    for (name, value) in &registration.authorize_parameters {
        request = request.add_extra_param(name, value);
    }
    let (url, _) = request.url();

    Begun {
        url,
        pending: Pending {
            dance: dance.to_owned(),
            registration: registration.fingerprint.clone(),
            verifier,
            requested: registration.scopes.clone(),
            next,
            remembered: BTreeMap::new(),
            expires_at,
        },
    }
}
