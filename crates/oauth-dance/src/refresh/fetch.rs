//! When a token is to be refreshed, and asking the provider for a fresh one.

use std::time::Duration;

use crate::dance::Dance;
use crate::dance::flights::Refreshed;
use crate::flows::RefreshError;
use crate::keep::record::Record;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// A token is refreshed when it has this long to live or less, so that it survives the call it is
/// fetched for.
const LEEWAY: Duration = Duration::from_secs(30);

/// Returns whether a token is to be refreshed before it is used. One that cannot be refreshed lives to its end.
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
    /// Whether this process did it, and not another one on the same store.
    pub(super) by_us: bool,
}

/// Asks the provider for a fresh token in place of that of `record`.
pub(super) async fn fetch(dance: &Dance, record: Record) -> Result<Record, RefreshError> {
    let token = dance.flow().refresh(&record.token).await?;
    Ok(Record { token, ..record })
}
