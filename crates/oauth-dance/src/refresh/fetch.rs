//! Asking the provider for a fresh token.

use crate::dance::Dance;
use crate::flows::RefreshError;
use crate::keep::record::Record;

/// Asks the provider for a fresh token in place of that of `record`.
pub(super) async fn fetch(dance: &Dance, record: Record) -> Result<Record, RefreshError> {
    let token = dance.flow().refresh(&record.token).await?;
    Ok(Record { token, ..record })
}
