//! Asking the provider for a fresh token.

use crate::dance::Dance;
use crate::dance::flights::Refreshed;
use crate::flows::RefreshError;
use crate::keep::record::Record;

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
