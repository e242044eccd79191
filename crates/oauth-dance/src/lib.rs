//! Sign in with anything, from any Rust web server, and hook your own code into every step of it.
//!
//! `oauth-dance` is the whole OAuth login ("the dance") over plain [`http`] types. It knows no web
//! framework, no database and no HTTP client: those are small crates beside it
//! (`oauth-dance-axum`, `oauth-dance-sqlx`, `oauth-dance-reqwest`). Your own code takes part through
//! [signals]: a receiver can refuse a token, link it to a user, show a message, or answer with a page.
//!
//! ```
//! use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome, receiver};
//!
//! #[receiver(OAUTH_AUTHORIZED)]
//! async fn logged_in(dance: &Dance, login: &Authorized) -> Option<Outcome> {
//!     if !login.token().granted("user:email") {
//!         login.flash_as("error", "We need your e-mail address to sign you in.");
//!         return Some(Outcome::redirect("/").and_discard());
//!     }
//!     login.flash(format!("Signed in successfully with {}!", dance.display_name()));
//!     None
//! }
//! ```
//!
//! # Where to begin
//!
//! | | |
//! |---|---|
//! | [`guide::getting_started`] | a whole program, from an empty folder to a login with GitHub |
//! | the [`guide`] | users and sessions, proxies, tests, failures, JSON clients, background jobs, production |
//! | `cargo run -p hello` | in the repository: the first program, with a provider on this machine |
//! | `cargo run -p quickstart` | in the repository: a small site, which shows the receivers that ran |
//! | `examples/quickstart/src/recipes/` | in the repository: one small file to copy for each task |
//!
//! The recipes of the quickstart: remember a value from the beginning of a login to its end, refuse a token
//! without the scope that is needed, find or create the user, update a profile, import data in the
//! background, flash a message, send newcomers to another page, say what happened after a refusal.
//!
//! # The pieces
//!
//! | | |
//! |---|---|
//! | [`Dance`] | one provider and one registration; the sender of the signals |
//! | [`Dances`] | all of them, and the one entry for the framework's requests |
//! | [`Visit`] | a browser's request to a page of the application: who is signed in, flash messages |
//! | [`ApiClient`] | the provider's API with the stored token, refreshed when it expires |
//! | [`providers`] | the catalog; [`Provider`] describes one that is not in it |
//! | [`TokenStore`], [`PendingStore`], [`SessionStore`], [`HttpClient`] | what other crates implement |
//!
//! # The signals
//!
//! | signal | sent | an outcome may |
//! |---|---|---|
//! | [`OAUTH_BEFORE_LOGIN`] | before the redirect to the provider | answer in its place; the payload takes parameters and values to remember |
//! | [`OAUTH_AUTHORIZED`] | when a token was received and every check has passed, before it is stored | discard the token; answer in place of the redirect; the payload takes the owner |
//! | [`OAUTH_LOGGED_IN`] | when the token is stored and the browser is signed in | nothing; the payload reaches the browser, for a session of the application's own |
//! | [`OAUTH_ERROR`] | when a login of this browser failed | answer in place of the redirect or the error page |
//! | [`OAUTH_REJECTED`] | when a callback proved no link to a login of this browser | nothing |
//! | [`OAUTH_REPLY_IGNORED`] | when two receivers answered, for each but the first | nothing |
//! | [`OAUTH_TOKEN_REFRESHED`] | when a token was refreshed and stored | nothing |
//! | [`OAUTH_TOKEN_REVOKED`] | when the provider has revoked a token | nothing |
//! | [`OAUTH_LOGGED_OUT`] | when a browser has signed out | nothing; the payload reaches the browser |
//!
//! All receivers run, in order. If a receiver of [`OAUTH_AUTHORIZED`] returns an error, panics or outruns the
//! deadline, the login fails: no token is stored and the browser is not signed in.
//!
//! # What a browser is told
//!
//! | what happened | response, unless a receiver gives another one |
//! |---|---|
//! | signed in | 303 to `next`, or to the configured place |
//! | the provider refused, or the store will not keep the token | 303 to the configured place |
//! | a callback that belongs to no login of this browser, or is malformed | 400 |
//! | the provider's response is wrong, or the provider cannot be reached | 502 |
//! | the provider takes too long | 504 |
//! | the store is down | 503 |
//! | a receiver failed | 500 |
//!
//! Every response forbids caching and referrers. No response repeats any part of a request.
//!
//! # What is kept where
//!
//! A pending login waits in a sealed cookie of its own, so several tabs and several providers at once all
//! work. [`DancesBuilder::pending_store`] keeps it on the server instead. A sealed cookie says who is signed
//! in. Tokens are in sealed cookies too, or in a [`TokenStore`], where they are sealed as well. Everything is
//! bound to its place: a sealed value cannot be opened for another purpose, browser or row.
//!
//! There is a limit. A server cannot take back what lives in a cookie alone. A person who restores a whole
//! old cookie jar is signed in, as [`Visit::owner`] and [`Visit::user`] say, until the session expires.
//! [`DancesBuilder::session_store`] keeps sessions on the server: a copied cookie is then worthless after the
//! logout, and [`Dances::sessions`] lists the sessions of a user, to end them one by one or all at once.
//!
//! # What it runs on
//!
//! A Tokio runtime with timers: deadlines are kept by it, and refreshes are tasks of it.
//!
//! A logout and a revocation are tasks too: once begun, they run to their end. Everything else runs in the
//! future of the request, which a framework drops when the browser disconnects.
//! The login then stops: the running receiver is cancelled, later ones are skipped, and the user has to sign
//! in again. Work that has to run to its end, once begun, belongs into a `detached` receiver.
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `ring` | on | [`crypto::Ring`] signs and verifies: every algorithm but ES512 |
//! | `aws-lc-rs` | off | [`crypto::AwsLcRs`] signs and verifies, with ES512; takes most of a minute to build |
//! | `tracing` | on | leaves a `tracing` event for each failed login, rejected callback, failed receiver and failed page: see [`guide::failures`] |
//!
//! An event never holds a secret, and never text of a provider or of a request. No feature changes a
//! security default.

mod api;
mod contract;
pub mod crypto;
mod dance;
mod dances;
mod driver;
mod flows;
pub mod guide;
mod keep;
pub mod leaf;
pub mod providers;
mod refresh;
mod steps;
mod values;
mod visit;

pub use self::api::accounts::Account;
pub use self::api::client::ApiClient;
pub use self::api::error::{ApiError, ErrorStatus, LoginRequired, UnknownDance};
pub use self::api::response::ApiResponse;
pub use self::contract::client::{ClientError, HttpClient, Limits};
pub use self::contract::clock::{Clock, SystemClock};
pub use self::contract::entropy::{Entropy, EntropyError, OsEntropy};
pub use self::contract::memory_pending::MemoryPendingStore;
pub use self::contract::memory_sessions::MemorySessionStore;
pub use self::contract::memory_store::MemoryStore;
pub use self::contract::null_store::NullStore;
pub use self::contract::pending_store::PendingStore;
pub use self::contract::session_store::{
    ListedSession, MAX_LISTED, NewSession, SessionKey, SessionStore, StoredSession,
};
pub use self::contract::token_store::{
    Lease, MAX_ACCOUNTS, Revision, SealedToken, StoreError, StoreKey, StoredAccount, StoredToken,
    TokenStore,
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
pub use self::dances::sessions::BrowserSession;
pub use self::providers::name::DanceName;
pub use self::providers::provider::{ClientAuth, Provider};
pub use self::providers::quirks::Quirks;
pub use self::values::config_error::ConfigError;
pub use self::values::credentials::Credentials;
pub use self::values::error_page::{Ended, ErrorPage, PageReason};
pub use self::values::flash::Flash;
pub use self::values::identity::Identity;
pub use self::values::key::{Key, KeyError, KeyRing};
pub use self::values::login_error::{LoginError, ProviderError, RejectReason};
pub use self::values::missing::Missing;
pub use self::values::next::{Next, NotAPath};
pub use self::values::no_answer::ClientErrorKind;
pub use self::values::outcome::{Outcome, Reply};
pub use self::values::owner::Owner;
pub use self::values::scopes::Scopes;
pub use self::values::secret::{AccessToken, ClientSecret, RefreshToken};
pub use self::values::sign_out_error::SignOutError;
pub use self::values::time::Timestamp;
pub use self::values::token::Token;
pub use self::values::user_id::UserId;
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
