//! What every database is handed and answers: the parts of a record, and errors.

use oauth_dance::{Revision, SealedToken, StorageError, StoredToken, Timestamp};

/// The bytes to keep, if they are few enough.
pub(crate) fn bytes_to_keep(sealed: SealedToken) -> Result<Vec<u8>, StorageError> {
    let bytes = sealed.into_bytes();
    if bytes.len() > SealedToken::MAX_BYTES {
        return Err(StorageError::refused(format!(
            "the token is larger than {} bytes",
            SealedToken::MAX_BYTES
        )));
    }
    Ok(bytes)
}

/// A row as it was read.
pub(crate) fn stored((revision, sealed): (i64, Vec<u8>)) -> StoredToken {
    StoredToken {
        sealed: SealedToken::from_bytes(sealed),
        revision: Revision::new(revision),
    }
}

/// Seconds as databases count them, signed; what is beyond the last of them is the last.
pub(crate) fn seconds(time: Timestamp) -> i64 {
    i64::try_from(time.unix_seconds()).unwrap_or(i64::MAX)
}

/// For `map_err`: a failure while doing `what`.
pub(crate) fn failed(what: &'static str) -> impl FnOnce(sqlx::Error) -> StorageError {
    move |error| StorageError::unavailable(what, error)
}
