//! The provider: what all its endpoints share.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use oauth_dance::{Clock, Timestamp};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::addresses::Addresses;
use crate::faults::Fault;
use crate::faults::armed::Armed;
use crate::faults::endpoint::Endpoint;
use crate::ledger::Ledger;
use crate::log::{Log, LogBook};
use crate::params::scopes;
use crate::registration::{ClientRegistration, Person};
use crate::stand_in::StandIn;

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
    pub(crate) inner: Arc<Inner>,
}

/// What all clones of a provider share.
pub(crate) struct Inner {
    pub(crate) addresses: Addresses,
    pub(crate) stand_in: Option<StandIn>,
    /// What the API answers at the places of these numbers.
    pub(crate) answers: Vec<Value>,
    pub(crate) clients: Vec<ClientRegistration>,
    pub(crate) people: Vec<Person>,
    pub(crate) scopes: Vec<ScopeDescription>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) issuer: Mutex<Issuer>,
    pub(crate) names_issuer: bool,
    pub(crate) code_lifetime: Duration,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) refresh_token_lifetime: Option<Duration>,
    pub(crate) refreshes: bool,
    pub(crate) rotates: bool,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) faults: Armed,
    pub(crate) log: LogBook,
}

/// The provider's name, and whether serving may still change it.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) fixed: bool,
    pub(crate) host_name: Option<String>,
}

impl Issuer {
    /// Takes the address the provider is served at for its name.
    pub(crate) fn served_at(&mut self, address: SocketAddr) {
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
    pub(crate) name: String,
    pub(crate) description: String,
}

impl ScopeDescription {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl DevProvider {
    /// Returns the issuer: the URL of all endpoints up to their path, without a slash at the end.
    ///
    /// It is `https://dev-provider.test` until the provider is [served](Self::serve), and from then on the
    /// address at which the provider is served.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.inner.issuer()
    }

    /// Makes something wrong at an endpoint, until [`clear_faults`](Self::clear_faults). Faults add up.
    ///
    /// # Panics
    ///
    /// If the fault cannot show at this endpoint, for example [`Fault::ignores_pkce`] at the userinfo
    /// endpoint.
    #[track_caller]
    pub fn inject(&self, endpoint: Endpoint, fault: Fault) {
        let effect = fault.effect_at(endpoint);
        self.inner.faults.inject(endpoint, effect, false);
    }

    /// Makes something wrong at an endpoint, the next time that it is asked.
    ///
    /// # Panics
    ///
    /// If the fault cannot show at this endpoint.
    #[track_caller]
    pub fn inject_once(&self, endpoint: Endpoint, fault: Fault) {
        let effect = fault.effect_at(endpoint);
        self.inner.faults.inject(endpoint, effect, true);
    }

    /// Takes every fault back.
    pub fn clear_faults(&self) {
        self.inner.faults.clear();
    }

    /// Returns a copy of what the provider was asked so far.
    #[must_use]
    pub fn log(&self) -> Log {
        self.inner.log.copy()
    }

    /// Forgets what the provider was asked so far.
    pub fn clear_log(&self) {
        self.inner.log.clear();
    }

    /// Waits until the log is as wished, for example until a request has arrived that is never answered.
    ///
    /// ```
    /// # async fn wait(provider: &oauth_dance_dev::DevProvider) {
    /// provider.seen(|log| log.refreshes() == 1).await;
    /// # }
    /// ```
    pub async fn seen(&self, wish: impl Fn(&Log) -> bool) {
        self.inner.log.until(wish).await;
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
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn issuer(&self) -> String {
        self.issuer.lock().url.clone()
    }

    pub(crate) fn client(&self, id: &str) -> Option<&ClientRegistration> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// Whether requests to this origin are for this provider.
    pub(crate) fn is_at(&self, origin: &str) -> bool {
        let fixed = self.addresses.are_at(origin);
        fixed.unwrap_or_else(|| origin == self.issuer())
    }

    /// The claims that a token with these scopes shows.
    pub(crate) fn claims(&self, person: &Person, scopes: &[String]) -> Map<String, Value> {
        match &self.stand_in {
            Some(stand_in) => {
                let is_person = |known: &Person| known.username == person.username;
                let number = self.people.iter().position(is_person).unwrap_or_default();
                stand_in.claims(person, number + 1)
            }
            None => person.claims_for(scopes),
        }
    }

    /// The scopes that a request names, each once, in order.
    pub(crate) fn scopes_of(&self, value: Option<&str>) -> Vec<String> {
        match &self.stand_in {
            Some(stand_in) => {
                let value = value.map(|value| value.replace(stand_in.scope_delimiter(), " "));
                scopes(value.as_deref())
            }
            None => scopes(value),
        }
    }

    /// Whether a scope can be asked for. A provider that stands in for another one knows few of that
    /// one's scopes, and takes all.
    pub(crate) fn knows_scope(&self, scope: &str) -> bool {
        self.stand_in.is_some() || self.scopes.iter().any(|known| known.name == scope)
    }

    /// What the consent page says about a scope.
    pub(crate) fn described<'a>(&'a self, scope: &'a str) -> &'a str {
        let known = self.scopes.iter().find(|known| known.name == scope);
        known.map_or(scope, |known| known.description.as_str())
    }

    pub(crate) fn has_passwords(&self) -> bool {
        self.people.iter().any(|person| person.password.is_some())
    }

    pub(crate) fn person(&self, username: &str) -> Option<&Person> {
        self.people
            .iter()
            .find(|person| person.username == username)
    }
}
