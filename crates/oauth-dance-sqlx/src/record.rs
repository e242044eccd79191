//! Values that every database binds and reads: the parts of a record, and errors.

use oauth_dance::{Revision, SealedToken, StoreError, StoredToken, Timestamp};

/// Returns the bytes to store, or refuses a token that is too large.
pub(crate) fn bytes_to_keep(sealed: SealedToken) -> Result<Vec<u8>, StoreError> {
    let bytes = sealed.into_bytes();
    if bytes.len() > SealedToken::MAX_BYTES {
        return Err(StoreError::refused(format!(
            "the token is larger than {} bytes",
            SealedToken::MAX_BYTES
        )));
    }
    Ok(bytes)
}

/// Turns a row into a stored token: revision, bytes, time of the login, expiry.
pub(crate) fn stored(
    (revision, sealed, stored_at, expires_at): (i64, Vec<u8>, i64, Option<i64>),
) -> StoredToken {
    StoredToken {
        sealed: SealedToken::from_bytes(sealed)
            .stored_since(timestamp(stored_at))
            .until(expires_at.map(timestamp)),
        revision: Revision::new(revision),
    }
}

/// Returns the time that [`seconds`] has written.
pub(crate) fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(u64::try_from(seconds).unwrap_or_default())
}

/// Returns the seconds since 1970 as a signed number; larger times are the largest number.
pub(crate) fn seconds(time: Timestamp) -> i64 {
    i64::try_from(time.unix_seconds()).unwrap_or(i64::MAX)
}

/// Returns a function for `map_err`: the store failed while doing `what`.
pub(crate) fn failed(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| StoreError::unavailable(what, error)
}
