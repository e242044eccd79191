//! The settings of one dance that steps and flows do not read: its name, and where browsers are sent.

use url::Url;

/// The settings of one dance after they were checked. They never change.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) display_name: String,
    /// The callback, as registered with the provider.
    pub(crate) redirect_uri: Url,
    pub(crate) login_url: Url,
    pub(crate) logout_url: Url,
    pub(crate) redirect_to: Url,
    pub(crate) error_to: Url,
    pub(crate) logged_out_to: Url,
    /// The slot at which the tokens of this dance begin, if they are kept in cookies.
    pub(crate) token_slot: usize,
}
