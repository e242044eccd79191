//! `oauth_token_refreshed`: a token was refreshed and stored.

use std::convert::Infallible;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::values::owner::Owner;
use crate::values::token::Token;

/// Sent by the process that refreshed a token, once the new one is stored. Receivers cannot answer.
pub static OAUTH_TOKEN_REFRESHED: AsyncSignal<Dance, TokenRefreshed, Infallible> =
    AsyncSignal::new("oauth_token_refreshed");

/// The payload of [`OAUTH_TOKEN_REFRESHED`].
#[derive(Debug, Clone)]
pub struct TokenRefreshed {
    owner: Owner,
    token: Token,
}

impl TokenRefreshed {
    pub(crate) fn new(owner: Owner, token: Token) -> Self {
        Self { owner, token }
    }

    /// Returns the owner of the token.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Returns the new token.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }
}
