//! When a token is to be refreshed, and asking the provider for a fresh one.

use std::time::Duration;

use crate::dance::Dance;
use crate::dance::flights::Refreshed;
use crate::flows::RefreshError;
use crate::keep::record::Record;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// A token is refreshed if this much of its lifetime is left, so that it survives the call that needs it.
const LEEWAY: Duration = Duration::from_secs(30);

/// Returns whether a token has to be refreshed before it is used. A token without a refresh token is used
/// until it expires.
pub(super) fn is_due(token: &Token, now: Timestamp) -> bool {
    let leeway = token
        .refresh_token
        .as_ref()
        .map_or(Duration::ZERO, |_| LEEWAY);
    token.is_expired(now, leeway)
}

/// The result of a flight.
pub(super) struct Flown {
    pub(super) refreshed: Refreshed,
    /// Whether this process refreshed the token, and not another process on the same store.
    pub(super) by_us: bool,
}

/// Asks the provider for a fresh token in place of that of `record`.
pub(super) async fn fetch(dance: &Dance, record: Record) -> Result<Record, RefreshError> {
    let token = dance.flow().refresh(&record.token).await?;
    Ok(Record { token, ..record })
}
