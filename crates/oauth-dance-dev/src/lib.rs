//! The development identity provider: a small but honest OAuth 2.0 authorization server.
//!
//! It signs in made-up people, asks them for consent, and issues tokens, over plain [`http`] types
//! ([`DevProvider::handle`]), over a socket ([`DevProvider::serve`]) or as an in-process
//! [`HttpClient`](oauth_dance::HttpClient) ([`DevProvider::client`]).
//!
//! # Endpoints
//!
//! | endpoint | what |
//! |---|---|
//! | `GET /authorize` | code flow with PKCE `S256`, exact redirect URIs; then login and consent |
//! | `POST /token` | `authorization_code` and `refresh_token`, with rotation and reuse detection |
//! | `POST /revoke`, `POST /introspect` | RFC 7009, RFC 7662 |
//! | `GET /userinfo` | claims by granted scope: `profile` shows `name` and `preferred_username`, `email` shows `email` and `email_verified` |
//! | `GET /api/profile`, `GET /api/notes` | an API to call; the second needs the scope `notes` |
//! | `GET /.well-known/oauth-authorization-server` | RFC 8414 metadata |
//!
//! # Driving the pages
//!
//! They are plain forms, work without scripts, and keep these names:
//!
//! | page | element |
//! |---|---|
//! | any | `body[data-page=login]`, `consent`, `problem`, `home`; `#problem` says what is wrong |
//! | login | `form#login`, `input[name=username]`, `input[name=password]` if anybody has a password, `button#sign-in` |
//! | login | `form#people`, one `button[name=username][value=…]` per person without a password |
//! | any | `form#response` with `button#continue`: the answer on its way back, if `response_mode=form_post` was asked for; scripts post it at once |
//! | consent | `form#consent`, `input[name=scope][value=…]` (ticked), `button#allow`, `button#deny`, `button#switch`, `#person` |
//!
//! A test without a browser uses [`DevProvider::approve`] and [`DevProvider::deny`].
//!
//! # Misbehaving
//!
//! A test can tell a running provider to break the rules ([`DevProvider::misbehave`],
//! [`DevProvider::misbehave_once`]) and see what was asked of it ([`DevProvider::log`],
//! [`DevProvider::seen`]):
//!
//! ```
//! use std::time::Duration;
//! use oauth_dance_dev::{DevProvider, Endpoint, Fault, Misbehaviour};
//!
//! let provider = DevProvider::builder().demo_people().build();
//! provider.misbehave(Misbehaviour::refuses("access_denied", Some("not today"), None));
//! provider.misbehave(Misbehaviour::token(Fault::expires_in("3600")));
//! provider.misbehave_once(Misbehaviour::refresh(Fault::unavailable(Duration::from_secs(5))));
//! provider.misbehave_once(Misbehaviour::at(Endpoint::CodeExchange, Fault::error(200, "bad_verification_code")));
//! provider.behave();
//! assert_eq!(provider.log().token_requests(), 0);
//! ```

mod answer;
mod approve;
mod builder;
mod client;
mod endpoints;
mod faults;
mod html;
mod ledger;
mod log;
mod pages;
mod params;
mod registration;
mod route;
mod secret;
mod server;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use oauth_dance::{Clock, Timestamp};
use parking_lot::Mutex;

pub use self::approve::NotApproved;
pub use self::builder::DevProviderBuilder;
pub use self::client::DevProviderClient;
pub use self::faults::Fault;
pub use self::faults::{Endpoint, Misbehaviour};
pub use self::log::{ClientAuth, Log, LogEntry};
pub use self::registration::{ClientRegistration, Person};
pub use self::server::RunningProvider;

/// The development identity provider. Clones share everything.
///
/// ```
/// use oauth_dance_dev::{ClientRegistration, DevProvider, Person};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = DevProvider::builder()
///     .client(ClientRegistration::new("app", "secret").redirect_uri("https://app.test/callback"))
///     .person(Person::new("ada").name("Ada Lovelace"))
///     .scope("profile", "See your name")
///     .build();
///
/// let authorize_url = format!(
///     "{}/authorize?response_type=code&client_id=app&redirect_uri=https://app.test/callback\
///      &scope=profile&state=xyz&code_challenge_method=S256\
///      &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
///     provider.issuer(),
/// );
/// let callback = provider.approve(&authorize_url, "ada", &["profile"])?;
/// assert!(callback.as_str().starts_with("https://app.test/callback?code="));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DevProvider {
    inner: Arc<Inner>,
}

/// What all clones of a provider share.
pub(crate) struct Inner {
    clients: Vec<ClientRegistration>,
    people: Vec<Person>,
    scopes: Vec<ScopeDescription>,
    clock: Arc<dyn Clock>,
    issuer: Mutex<Issuer>,
    names_issuer: bool,
    code_lifetime: Duration,
    access_token_lifetime: Duration,
    refresh_token_lifetime: Option<Duration>,
    refreshes: bool,
    rotates: bool,
    ledger: Mutex<ledger::Ledger>,
    mischief: faults::armed::Mischief,
    log: log::LogBook,
}

/// The provider's name, and whether serving may still change it.
struct Issuer {
    url: String,
    fixed: bool,
    host_name: Option<String>,
}

impl Issuer {
    /// Takes the address the provider is served at for its name.
    fn served_at(&mut self, address: SocketAddr) {
        if self.fixed {
            return;
        }
        let port = address.port();
        self.url = match &self.host_name {
            Some(host_name) => format!("http://{host_name}:{port}"),
            // Listening everywhere is no address to visit.
            None if address.ip().is_unspecified() => format!("http://127.0.0.1:{port}"),
            None => format!("http://{address}"),
        };
    }
}

/// A scope, and what the consent page says about it.
pub(crate) struct ScopeDescription {
    name: String,
    description: String,
}

impl ScopeDescription {
    fn name(&self) -> &str {
        &self.name
    }
}

impl DevProvider {
    /// Starts to describe a provider. Without a client, a person and a scope it can do nothing.
    pub fn builder() -> DevProviderBuilder {
        DevProviderBuilder::new()
    }

    /// The issuer: the URL all endpoints hang off, without a slash at the end.
    ///
    /// `https://dev-provider.test` until the provider is [served](Self::serve); from then on the
    /// address it is served at.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.inner.issuer()
    }

    /// Answers one request.
    ///
    /// Misbehaviour that only a connection can show, such as an endless body, is a 504 here.
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.reply(request).into_whole()
    }

    fn reply(&self, request: Request<Bytes>) -> faults::delivery::Reply {
        route::reply(&self.inner, request)
    }

    /// An HTTP client that brings its requests to this provider without a socket. It knows no other
    /// host.
    #[must_use]
    pub fn client(&self) -> DevProviderClient {
        DevProviderClient::new(self.clone())
    }
}

impl fmt::Debug for DevProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevProvider")
            .field("issuer", &self.issuer())
            .field("clients", &self.inner.clients)
            .field("people", &self.inner.people)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn issuer(&self) -> String {
        self.issuer.lock().url.clone()
    }

    fn client(&self, id: &str) -> Option<&ClientRegistration> {
        self.clients.iter().find(|client| client.id == id)
    }

    fn has_passwords(&self) -> bool {
        self.people.iter().any(|person| person.password.is_some())
    }

    fn person(&self, username: &str) -> Option<&Person> {
        self.people
            .iter()
            .find(|person| person.username == username)
    }
}
