//! One dance's settings after they were checked: plain data, never changed again.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Uri;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::providers::quirks::Quirks;
use crate::steps::oauth2::wire;
use crate::values::scopes::Scopes;

pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) provider_id: String,
    pub(crate) issuer: Option<String>,

    /// Our registration with the provider: identifier, secret, and how they are presented.
    pub(crate) client: wire::Client,
    /// The [`registration`] in short: what tokens and logins are bound to beside the dance's name.
    pub(crate) registration: String,
    pub(crate) userinfo_endpoint: Option<Uri>,
    pub(crate) revocation_endpoint: Option<Url>,
    pub(crate) api_base: Option<Url>,

    pub(crate) scopes: Scopes,
    pub(crate) scope_separator: String,
    pub(crate) authorize_parameters: Vec<(String, String)>,
    pub(crate) user_id: String,
    pub(crate) quirks: Quirks,

    /// Our callback, as registered with the provider.
    pub(crate) redirect_uri: Url,
    pub(crate) login_url: Url,
    pub(crate) logout_url: Url,
    pub(crate) redirect_to: Url,
    pub(crate) error_to: Url,
    pub(crate) logged_out_to: Url,
}

/// A short text for one registration with one provider. A dance that keeps its name and gets another
/// provider has another: the tokens of the former one must not be sent to it.
pub(crate) fn registration(token_endpoint: &Url, client_id: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(token_endpoint.as_str());
    // No URL has a line break.
    digest.update(b"\n");
    digest.update(client_id);
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..16])
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("redirect_uri", &self.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}
