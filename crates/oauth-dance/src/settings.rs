//! One dance's settings after they were checked: plain data, never changed again.

use std::fmt;

use url::Url;

use crate::quirks::Quirks;
use crate::scopes::Scopes;
use crate::steps::wire;

pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) provider_id: String,
    pub(crate) issuer: Option<String>,

    /// Our registration with the provider: identifier, secret, and how they are presented.
    pub(crate) client: wire::Client,
    pub(crate) token_endpoint: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
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

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("name", &self.name)
            .field("redirect_uri", &self.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}
