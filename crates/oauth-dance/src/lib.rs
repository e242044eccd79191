//! The OAuth login over plain `http` types. (Under construction.)

mod api;
mod builder;
mod client;
mod cookies;
mod credentials;
mod dance;
mod dances;
mod driver;
mod effects;
mod entropy;
mod error;
mod failure;
mod flash;
mod identity;
mod jar;
mod key;
mod next;
mod normalise;
mod outcome;
mod owner;
mod paths;
mod pending;
mod pending_memory;
mod provider;
pub mod providers;
mod quirks;
mod record;
mod refresh;
mod respond;
mod scopes;
mod seal;
mod sealed_cookie;
mod secret;
mod session;
mod settings;
mod signal_set;
mod site;
mod steps;
mod storage;
mod time;
mod token;
mod token_cookie;
mod vault;
mod visit;

pub use self::api::{ApiClient, ApiError, ApiResponse, LoginRequired};
pub use self::builder::{DanceBuilder, DancesBuilder};
pub use self::client::{ClientError, ClientErrorKind, HttpClient, Limits};
pub use self::credentials::Credentials;
pub use self::dance::Dance;
pub use self::dances::Dances;
pub use self::driver::{
    Authorized, BeforeLogin, LoggedOut, LoginError, OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN,
    OAUTH_ERROR, OAUTH_LOGGED_OUT, OAUTH_REJECTED, OAUTH_TOKEN_REVOKED, ParameterRefused, Rejected,
    TokenRevoked,
};
pub use self::entropy::{Entropy, EntropyError, OsEntropy};
pub use self::error::ConfigError;
pub use self::failure::{LoginFailure, ProviderError, RejectReason};
pub use self::flash::Flash;
pub use self::identity::Identity;
pub use self::key::{Key, KeyError, KeyRing};
pub use self::next::Next;
pub use self::outcome::{Outcome, Reply};
pub use self::owner::Owner;
pub use self::pending::PendingStore;
pub use self::pending_memory::MemoryPendingStore;
pub use self::provider::{Provider, TokenAuth};
pub use self::quirks::Quirks;
pub use self::refresh::{OAUTH_TOKEN_REFRESHED, TokenRefreshed};
pub use self::scopes::Scopes;
pub use self::secret::{AccessToken, ClientSecret, RefreshToken};
pub use self::signal_set::SignalSet;
pub use self::storage::{
    Lease, MemoryStorage, NullStorage, Revision, SealedToken, StorageError, StorageKey,
    StoredToken, TokenStorage,
};
pub use self::time::{Clock, SystemClock, Timestamp};
pub use self::token::Token;
pub use self::visit::Visit;
