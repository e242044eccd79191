//! What a refresh is for: a token that lives, or another one than the provider has refused.

use std::time::Duration;

use crate::values::secret::AccessToken;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// The most of a token's lifetime that is left when it is refreshed ahead of time.
const LEEWAY: Duration = Duration::from_secs(30);

/// The part of the lifetime that the leeway has at most: a tenth.
const PART: u32 = 10;

/// What a refresh is for.
#[derive(Clone)]
pub(crate) enum Goal {
    /// A token that lives for some time.
    Living,
    /// Another token than this one, which the provider's API has refused, or the application gives up.
    OtherThan(AccessToken),
}

impl Goal {
    /// Returns whether this token needs no refresh.
    pub(crate) fn is_reached_by(&self, token: &Token, now: Timestamp) -> bool {
        match self {
            Self::Living => !is_due(token, now),
            Self::OtherThan(refused) => {
                token.access_token.secret() != refused.secret()
                    && !token.is_expired(now, Duration::ZERO)
            }
        }
    }
}

/// Returns whether it is time to refresh a token. A token that lives for a short time is refreshed a short time
/// before its end, or it would always be due. A token without a refresh token is used until it expires.
pub(super) fn is_due(token: &Token, now: Timestamp) -> bool {
    let leeway = match (&token.refresh_token, token.lifetime) {
        (None, _) => Duration::ZERO,
        (Some(_), Some(lifetime)) => LEEWAY.min(lifetime / PART),
        (Some(_), None) => LEEWAY,
    };
    token.is_expired(now, leeway)
}
