//! `oauth_token_revoked`: the provider has revoked a token.

use std::convert::Infallible;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::values::owner::Owner;

/// Sent when the provider has revoked a token (RFC 7009). Receivers cannot answer. After a logout it is sent
/// in the background, because no browser waits for a revocation.
pub static OAUTH_TOKEN_REVOKED: AsyncSignal<Dance, TokenRevoked, Infallible> =
    AsyncSignal::new("oauth_token_revoked");

/// The payload of [`OAUTH_TOKEN_REVOKED`].
#[derive(Debug, Clone)]
pub struct TokenRevoked {
    owner: Option<Owner>,
}

impl TokenRevoked {
    pub(crate) fn new(owner: Option<Owner>) -> Self {
        Self { owner }
    }

    /// Returns the owner of the token, or `None` if the token was never stored.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }
}
