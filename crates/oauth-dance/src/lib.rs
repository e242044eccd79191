//! Sign in with anything, from any Rust web server, and hook your own code into every step of it.
//!
//! `oauth-dance` is the whole OAuth login ("the dance") over plain [`http`] types. It knows no web
//! framework, no database and no HTTP client: those are small crates beside it
//! (`oauth-dance-axum`, `oauth-dance-sqlx`, `oauth-dance-reqwest`). Code of your own joins in through
//! [signals]: refuse a token, link it to a user, show a message, answer with a page.
//!
//! ```
//! use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome, receiver};
//!
//! #[receiver(OAUTH_AUTHORIZED)]
//! async fn logged_in(dance: &Dance, login: &Authorized) -> Option<Outcome> {
//!     if !login.token().granted("user:email") {
//!         login.flash_as("error", "We need your e-mail address to sign you in.");
//!         return Some(Outcome::discard());
//!     }
//!     login.flash(format!("Signed in successfully with {}!", dance.display_name()));
//!     None
//! }
//! ```
//!
//! # The pieces
//!
//! | | |
//! |---|---|
//! | [`Dance`] | one provider and one registration; the sender of the signals |
//! | [`Dances`] | all of them, and the one entry for the framework's requests |
//! | [`Visit`] | a browser's request to a page of yours: who is signed in, flash messages |
//! | [`ApiClient`] | the provider's API with the stored token, refreshed when it expires |
//! | [`providers`] | the catalog; [`Provider`] describes one that is not in it |
//! | [`TokenStore`], [`PendingStore`], [`HttpClient`] | what other crates implement |
//!
//! # The signals
//!
//! | signal | sent | an outcome may |
//! |---|---|---|
//! | [`OAUTH_BEFORE_LOGIN`] | before the redirect to the provider | answer in its place; the payload takes parameters and values to remember |
//! | [`OAUTH_AUTHORIZED`] | when a token was received and every check has passed, before it is stored | discard the token; answer in place of the redirect; the payload takes the owner |
//! | [`OAUTH_ERROR`] | when a login of this browser failed | answer in place of the redirect or the error page |
//! | [`OAUTH_REJECTED`] | when a callback proved no link to a login of this browser | nothing |
//! | [`OAUTH_REPLY_IGNORED`] | when two receivers answered, for each but the first | nothing |
//! | [`OAUTH_TOKEN_REFRESHED`], [`OAUTH_TOKEN_REVOKED`], [`OAUTH_LOGGED_OUT`] | after the event that the name states | nothing |
//!
//! All receivers run, in order. A receiver that returns an error, panics or outruns the deadline fails
//! the login: the token is not stored and the browser is not signed in.
//!
//! # What a browser is told
//!
//! | what happened | answer, unless a receiver gives one |
//! |---|---|
//! | signed in | 303 to `next`, or to the configured place |
//! | the provider said no, or the store will not keep the token | 303 to the configured place |
//! | a callback that belongs to no login of this browser, or is malformed | 400 |
//! | the provider's answer is wrong, or it cannot be reached | 502 |
//! | the provider takes too long | 504 |
//! | the store is down | 503 |
//! | a receiver failed | 500 |
//!
//! Every response forbids caching and referrers; nothing of a request is ever echoed.
//!
//! # What is kept where
//!
//! A login on its way waits in a sealed cookie of its own, so several tabs and several providers at
//! once all work ([`DancesBuilder::pending_store`] keeps it on the server instead). Who is signed in is
//! a sealed cookie. Tokens are in sealed cookies too, or in a [`TokenStore`], sealed as well.
//! All of it is bound to its place: what was sealed for one purpose, browser or row opens nowhere else.
//!
//! An honest limit: what lives in a cookie alone cannot be taken back by a server. If an attacker restores a
//! whole old cookie jar, its browser is signed in until the session's own expiry, and [`Visit::owner`]
//! returns the owner. If the token is in a store that has deleted it, calls to the provider fail, so a
//! page that must not be fooled asks [`ApiClient::token`], or a session of the application's own.
//!
//! # What it runs on
//!
//! A Tokio runtime with timers: deadlines are kept by it, and refreshes are tasks of it.
//!
//! Everything else runs in the future of the request, which a framework drops when the browser goes away.
//! A login is then over where it stood: receivers that were not called yet are not called, one that waits
//! is dropped there, and the user has to sign in again. What has to run to its end, once begun, belongs
//! into a `detached` receiver.

mod api;
mod contract;
mod dance;
mod dances;
mod driver;
mod flows;
mod keep;
pub mod leaf;
pub mod providers;
mod refresh;
mod steps;
mod values;
mod visit;

pub use self::api::client::ApiClient;
pub use self::api::error::{ApiError, ErrorStatus, LoginRequired, UnknownDance};
pub use self::api::response::ApiResponse;
pub use self::contract::client::{ClientError, ClientErrorKind, HttpClient, Limits};
pub use self::contract::clock::{Clock, SystemClock};
pub use self::contract::entropy::{Entropy, EntropyError, OsEntropy};
pub use self::contract::memory_pending::MemoryPendingStore;
pub use self::contract::memory_store::MemoryStore;
pub use self::contract::null_store::NullStore;
pub use self::contract::pending_store::PendingStore;
pub use self::contract::token_store::{
    Lease, Revision, SealedToken, StoreError, StoreKey, StoredToken, TokenStore,
};
pub use self::dance::Dance;
pub use self::dance::signal_set::{Payload, SignalSet};
pub use self::dance::signals::authorized::{Authorized, OAUTH_AUTHORIZED};
pub use self::dance::signals::before_login::{BeforeLogin, OAUTH_BEFORE_LOGIN, ParameterRefused};
pub use self::dance::signals::error::{LoginFailure, OAUTH_ERROR};
pub use self::dance::signals::logged_in::{LoggedIn, OAUTH_LOGGED_IN};
pub use self::dance::signals::logged_out::{LoggedOut, OAUTH_LOGGED_OUT};
pub use self::dance::signals::rejected::{OAUTH_REJECTED, Rejected};
pub use self::dance::signals::reply_ignored::{OAUTH_REPLY_IGNORED, ReplyIgnored};
pub use self::dance::signals::token_refreshed::{OAUTH_TOKEN_REFRESHED, TokenRefreshed};
pub use self::dance::signals::token_revoked::{OAUTH_TOKEN_REVOKED, TokenRevoked};
pub use self::dances::Dances;
pub use self::dances::builder::DancesBuilder;
pub use self::dances::dance_builder::DanceBuilder;
pub use self::providers::name::DanceName;
pub use self::providers::provider::{ClientAuth, Provider};
pub use self::providers::quirks::Quirks;
pub use self::values::config_error::ConfigError;
pub use self::values::credentials::Credentials;
pub use self::values::flash::Flash;
pub use self::values::identity::Identity;
pub use self::values::key::{Key, KeyError, KeyRing};
pub use self::values::login_error::{LoginError, ProviderError, RejectReason};
pub use self::values::missing::Missing;
pub use self::values::next::Next;
pub use self::values::outcome::{Outcome, Reply};
pub use self::values::owner::Owner;
pub use self::values::scopes::Scopes;
pub use self::values::secret::{AccessToken, ClientSecret, RefreshToken};
pub use self::values::time::Timestamp;
pub use self::values::token::Token;
pub use self::visit::Visit;

/// The bus that the signals of this crate belong to: everything that connects, records and observes
/// receivers.
pub use signals;
/// Registers a function as a receiver of a signal of this crate, without a dependency on the bus.
///
/// ```
/// use oauth_dance::{Dance, LoggedOut, OAUTH_LOGGED_OUT, receiver};
///
/// #[receiver(OAUTH_LOGGED_OUT, detached)]
/// async fn count(dance: &Dance, _: &LoggedOut) {
///     println!("signed out of {}", dance.display_name());
/// }
/// ```
///
/// The rest is the documentation of [`signals::receiver`](macro@signals::receiver).
pub use signals::receiver;
