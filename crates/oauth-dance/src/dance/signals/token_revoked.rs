//! `oauth_token_revoked`: the provider has revoked a token.

use std::convert::Infallible;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::values::owner::Owner;

/// Sent when the provider has revoked a token (RFC 7009). Receivers cannot answer.
pub static OAUTH_TOKEN_REVOKED: AsyncSignal<Dance, TokenRevoked, Infallible> =
    AsyncSignal::new("oauth_token_revoked");

/// The payload of [`OAUTH_TOKEN_REVOKED`].
#[derive(Debug, Clone)]
pub struct TokenRevoked {
    owner: Owner,
}

impl TokenRevoked {
    pub(crate) fn new(owner: Owner) -> Self {
        Self { owner }
    }

    /// Returns the owner of the token.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}
