//! Describes a provider before it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_dance::{ClientAuth, Clock, Provider, SystemClock};
use parking_lot::Mutex;
use serde_json::Value;

use crate::addresses::Addresses;
use crate::faults::armed::Armed;
use crate::ledger::Ledger;
use crate::log::LogBook;
use crate::provider::{DevProvider, Inner, Issuer, ScopeDescription};
use crate::registration::{ClientRegistration, Person};
use crate::registry;
use crate::stand_in::StandIn;

/// The issuer of a provider that is not served.
const IN_PROCESS_ISSUER: &str = "https://dev-provider.test";

/// Describes a [`DevProvider`]; made by [`DevProvider::builder`].
#[must_use = "a builder does nothing until `build()`"]
pub struct DevProviderBuilder {
    stand_in: Option<Provider>,
    answers: Vec<(String, Value)>,
    clients: Vec<ClientRegistration>,
    people: Vec<Person>,
    scopes: Vec<ScopeDescription>,
    clock: Arc<dyn Clock>,
    issuer: Option<String>,
    host_name: Option<String>,
    names_issuer: bool,
    access_token_lifetime: Duration,
    refresh_token_lifetime: Option<Duration>,
    refreshes: bool,
    rotates: bool,
}

impl DevProvider {
    /// Returns a builder that describes a provider. Without a client, a person and a scope the provider
    /// can do nothing.
    pub fn builder() -> DevProviderBuilder {
        DevProviderBuilder::new()
    }
}

impl DevProviderBuilder {
    fn new() -> Self {
        Self {
            stand_in: None,
            answers: Vec::new(),
            clients: Vec::new(),
            people: Vec::new(),
            scopes: Vec::new(),
            clock: Arc::new(SystemClock),
            issuer: None,
            host_name: None,
            names_issuer: false,
            access_token_lifetime: Duration::from_secs(3600),
            refresh_token_lifetime: None,
            refreshes: true,
            rotates: true,
        }
    }

    /// Registers an application.
    pub fn client(mut self, client: ClientRegistration) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds a person who may sign in.
    pub fn person(mut self, person: Person) -> Self {
        self.people.push(person);
        self
    }

    /// Adds a scope, and what the consent page says about it. Other scopes are refused.
    pub fn scope(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.scopes.push(ScopeDescription {
            name: name.into(),
            description: description.into(),
        });
        self
    }

    /// Adds people and scopes to try things out with: `ada` and `grace`, without passwords, and the
    /// scopes `profile`, `email` and `notes`.
    pub fn demo_people(self) -> Self {
        self.scope("profile", "See your name")
            .scope("email", "See your e-mail address")
            .scope("notes", "Read your notes")
            .person(
                Person::new("ada")
                    .name("Ada Lovelace")
                    .email("ada@example.com")
                    .note("The engine weaves algebraical patterns, as the loom weaves flowers.")
                    .note("Ask Mr. Babbage about Note G."),
            )
            .person(
                Person::new("grace")
                    .name("Grace Hopper")
                    .email("grace@example.com")
                    .note("Found a moth in relay 70."),
            )
    }

    /// Sets what the API answers to a `GET` with a token, at a path below the API base: `/api` unless the
    /// provider stands in for another one.
    ///
    /// ```
    /// use oauth_dance_dev::DevProvider;
    /// use serde_json::json;
    ///
    /// let provider = DevProvider::builder()
    ///     .demo_people()
    ///     .answer("/repos", json!([{ "name": "engine" }]))
    ///     .build();
    /// # let _ = provider;
    /// ```
    pub fn answer(mut self, path: impl Into<String>, body: impl Into<Value>) -> Self {
        self.answers.push((path.into(), body.into()));
        self
    }

    /// Stands in for this provider, as [`DevProvider::standing_in_for`] does, for a stand-in of other
    /// people, another clock, or more answers of the API.
    ///
    /// ```
    /// use oauth_dance::providers;
    /// use oauth_dance_dev::{DevProvider, Person};
    /// use serde_json::json;
    ///
    /// let github = DevProvider::builder()
    ///     .stand_in_for(providers::github())
    ///     .person(Person::new("octocat"))
    ///     .answer("/user/repos", json!([]))
    ///     .build();
    /// # let _ = github;
    /// ```
    pub fn stand_in_for(mut self, provider: Provider) -> Self {
        self.stand_in = Some(provider);
        self
    }

    /// Sets where the provider reads the time. The default is the system's clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Fixes the issuer, which has no path, for a provider whose public address is that of a proxy.
    /// By default the issuer is the address at which the provider is served.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets the host name in the issuer of a served provider. With `localhost`, a browser takes the
    /// provider for another site than an application at `127.0.0.1`.
    pub fn host_name(mut self, host: impl Into<String>) -> Self {
        self.host_name = Some(host.into());
        self
    }

    /// Names the issuer in every authorization response (RFC 9207), and says so in the metadata. The
    /// default is `false`.
    pub fn names_issuer(mut self, names_issuer: bool) -> Self {
        self.names_issuer = names_issuer;
        self
    }

    /// Sets how long an access token lives. The default is an hour.
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// Sets how long a refresh token lives. By default it does not expire.
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_token_lifetime = Some(lifetime);
        self
    }

    /// Sets whether refresh tokens are issued. The default is `true`.
    pub fn refresh_tokens(mut self, refreshes: bool) -> Self {
        self.refreshes = refreshes;
        self
    }

    /// Sets whether a refresh returns a new refresh token and spends the old one. The default is
    /// `true`.
    pub fn rotates_refresh_tokens(mut self, rotates: bool) -> Self {
        self.rotates = rotates;
        self
    }

    /// Builds the provider.
    ///
    /// # Panics
    ///
    /// If an endpoint of the provider that is stood in for is not an absolute URL.
    #[must_use]
    pub fn build(mut self) -> DevProvider {
        let mut addresses = Addresses::usual();
        let mut issuer = Issuer {
            fixed: self.issuer.is_some(),
            url: self.issuer.unwrap_or_else(|| IN_PROCESS_ISSUER.to_owned()),
            host_name: self.host_name,
        };
        let mut names_issuer = self.names_issuer;
        if let Some(provider) = &self.stand_in {
            addresses = Addresses::of(provider);
            let url = provider.issuer_id().unwrap_or(provider.authorize_url());
            issuer = Issuer {
                url: url.to_owned(),
                fixed: true,
                host_name: None,
            };
            names_issuer |= provider.issuer_id().is_some();
            if self.clients.is_empty() {
                let is_public = provider.client_auth_method() == ClientAuth::None;
                self.clients.push(ClientRegistration::anonymous(is_public));
            }
        }
        for (number, (path, _)) in self.answers.iter().enumerate() {
            addresses.add_answer(number, path);
        }
        issuer.url.truncate(issuer.url.trim_end_matches('/').len());
        let provider = DevProvider {
            inner: Arc::new(Inner {
                addresses,
                stand_in: self.stand_in.map(StandIn),
                answers: self.answers.into_iter().map(|(_, body)| body).collect(),
                clients: self.clients,
                people: self.people,
                scopes: self.scopes,
                clock: self.clock,
                issuer: Mutex::new(issuer),
                names_issuer,
                code_lifetime: Duration::from_secs(60),
                access_token_lifetime: self.access_token_lifetime,
                refresh_token_lifetime: self.refresh_token_lifetime,
                refreshes: self.refreshes,
                rotates: self.rotates,
                ledger: Mutex::new(Ledger::default()),
                faults: Armed::default(),
                log: LogBook::default(),
            }),
        };
        if provider.inner.stand_in.is_some() {
            registry::register(&provider);
        }
        provider
    }
}

impl fmt::Debug for DevProviderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevProviderBuilder")
            .field("clients", &self.clients)
            .field("people", &self.people)
            .finish_non_exhaustive()
    }
}
