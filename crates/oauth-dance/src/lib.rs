//! The OAuth login over plain `http` types. (Under construction.)

mod client;
mod owner;
mod storage;
mod time;

pub use self::client::{ClientError, ClientErrorKind, HttpClient, Limits};
pub use self::owner::Owner;
pub use self::storage::{
    Lease, MemoryStorage, NullStorage, Revision, SealedToken, StorageError, StorageKey,
    StoredToken, TokenStorage,
};
pub use self::time::{Clock, SystemClock, Timestamp};
