//! The builder of all dances: settings are collected in any order and checked once, together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, Response};
use url::{Position, Url};

use super::check::{check_lifetime, check_timer, origin};
use super::dance_builder::{Common, DanceBuilder};
use crate::contract::client::{HttpClient, Limits};
use crate::contract::clock::{Clock, SystemClock};
use crate::contract::entropy::{Entropy, OsEntropy};
use crate::contract::pending_store::PendingStore;
use crate::contract::session_store::SessionStore;
use crate::contract::token_store::TokenStore;
use crate::dance::Dance;
use crate::dance::chores::Chores;
use crate::dance::flights::Flights;
use crate::dance::paths::Paths;
use crate::dance::signal_set::SignalSet;
use crate::dance::site::{Pages, Site};
use crate::dances::Dances;
use crate::flows::outbound::Outbound;
use crate::keep::budget;
use crate::keep::cookies::CookiePolicy;
use crate::keep::pending_logins::WaitingRoom;
use crate::keep::seal::Sealer;
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::sessions::SessionRoom;
use crate::keep::token_cookie::first_slot;
use crate::keep::vault::Store;
use crate::values::config_error::ConfigError;
use crate::values::error_page::ErrorPage;
use crate::values::key::KeyRing;

/// What can be done with a pending login grows with its age.
const MAX_LOGIN_LIFETIME: Duration = Duration::from_secs(3600);

/// Browsers keep a cookie for 400 days at most (RFC 6265bis §5.5).
const MAX_SESSION_LIFETIME: Duration = Duration::from_secs(400 * 24 * 3600);

/// Collects the dances of an application and the settings that they share.
///
/// See [`Dances`] for an example.
#[must_use]
pub struct DancesBuilder {
    origin: String,
    keys: KeyRing,
    dances: Vec<DanceBuilder>,
    client: Option<Arc<dyn HttpClient>>,
    limits: Limits,
    store: Store,
    waiting_room: WaitingRoom,
    session_room: SessionRoom,
    mount: String,
    public_prefix: String,
    cookie_namespace: String,
    state: Extensions,
    pages: Option<Pages>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    signals: Option<SignalSet>,
    receiver_deadline: Duration,
    store_deadline: Duration,
    login_lifetime: Duration,
    session_lifetime: Duration,
}

impl DancesBuilder {
    pub(crate) fn new(origin: String, keys: KeyRing) -> Self {
        Self {
            origin,
            keys,
            dances: Vec::new(),
            client: None,
            limits: Limits::DEFAULT,
            store: Store::Cookies,
            waiting_room: WaitingRoom::Cookies,
            session_room: SessionRoom::Cookies,
            mount: String::new(),
            public_prefix: String::new(),
            cookie_namespace: "od".to_owned(),
            state: Extensions::new(),
            pages: None,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            signals: None,
            receiver_deadline: Duration::from_secs(10),
            store_deadline: Duration::from_secs(15),
            login_lifetime: Duration::from_secs(600),
            session_lifetime: Duration::from_secs(14 * 24 * 3600),
        }
    }

    /// Adds a dance: a provider, or a [`DanceBuilder`].
    pub fn with(mut self, dance: impl Into<DanceBuilder>) -> Self {
        self.dances.push(dance.into());
        self
    }

    /// Sends requests to providers with this client: `oauth_dance_reqwest::ReqwestClient`, say.
    pub fn client(mut self, client: impl HttpClient) -> Self {
        self.client = Some(Arc::new(client));
        self
    }

    /// Sets the caps of every request to a provider. By default they are [`Limits::DEFAULT`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps tokens in `store` instead of sealed cookies.
    ///
    /// Cookies have room for 4 KiB of tokens, those of all dances together, sealed and with the provider's
    /// claims about the user. That is little for a signed token with many claims. If a token does not fit
    /// beside the others, the login fails with [`StoreRefused`](crate::LoginError::StoreRefused). Such
    /// tokens need a store. All cookies of the dances together stay under 7.5 KiB, because servers refuse
    /// requests with more than 8 KiB.
    ///
    /// If several tasks and processes find one stored token expired, one of them refreshes it. A token in
    /// cookies is refreshed once in each process. If several processes serve one browser, and the
    /// provider revokes a grant whose refresh token arrives twice, a store is needed too.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Store::Server(Arc::new(store));
        self
    }

    /// Keeps pending logins in `store` instead of sealed cookies. Only a store promises that a callback
    /// works once even if old cookies are restored.
    pub fn pending_store(mut self, store: impl PendingStore) -> Self {
        self.waiting_room = WaitingRoom::Store(Arc::new(store));
        self
    }

    /// Keeps sessions in `store` instead of sealed cookies: one session for each browser.
    ///
    /// A copied cookie is then worthless after the logout, and [`Dances::sessions`] lists the sessions of
    /// a user and ends them. Without a store a server cannot take a copied cookie back before it expires.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.session_room = SessionRoom::Store(Arc::new(store));
        self
    }

    /// Puts the dance's paths below `prefix`: `/auth` makes them `/auth/login/github` and so on. By
    /// default the prefix is empty.
    pub fn mount_at(mut self, prefix: impl Into<String>) -> Self {
        self.mount = prefix.into();
        self
    }

    /// Says that browsers see every path of the application below `prefix`, which a proxy takes off: with
    /// `/shop` the login at `/login/github` is `https://app.example/shop/login/github` outside. By default the
    /// prefix is empty.
    ///
    /// The redirect URIs, and the paths that [`redirect_to`](crate::DanceBuilder::redirect_to) and its like
    /// name, are below the prefix.
    pub fn public_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.public_prefix = prefix.into();
        self
    }

    /// Begins the names of the dance's cookies with `namespace` instead of `od`, for two applications on
    /// one host. It has 1 to 32 lower-case letters and digits.
    pub fn cookie_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.cookie_namespace = namespace.into();
        self
    }

    /// Gives receivers a value, such as a database pool: `login.state::<PgPool>()` returns it. If another
    /// value of the same type is given, it replaces the first.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(Arc::new(value));
        self
    }

    /// Reads the time from `clock`, for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Draws randomness from `entropy`, for tests.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Makes the pages that the dance answers with by itself: for a failed login, a refused callback, a path
    /// that does not exist. If `pages` returns `None`, the dance's own small page is shown.
    ///
    /// ```
    /// # use oauth_dance::{DancesBuilder, ErrorPage, PageReason};
    /// # fn example(dances: DancesBuilder) -> DancesBuilder {
    /// dances.pages(|page: &ErrorPage<'_>| match page.reason() {
    ///     PageReason::Rejected(_) => Some(http::Response::new("Please sign in again.".into())),
    ///     _ => None,
    /// })
    /// # }
    /// ```
    ///
    /// A response with the status 200 gets that of the page. The headers that every response of the dance
    /// carries are set afterwards. `Content-Type` is not one of them: a page of HTML sets it. The page of the
    /// guide on failures has an example.
    ///
    /// A path that does not exist reaches `pages` only if the adapter passes it on. A router that knows the paths of
    /// the dances, as that of axum does, answers it by itself.
    pub fn pages(
        mut self,
        pages: impl Fn(&ErrorPage<'_>) -> Option<Response<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        self.pages = Some(Arc::new(pages));
        self
    }

    /// Sends the application's own signals instead of the static ones.
    pub fn signals(mut self, signals: SignalSet) -> Self {
        self.signals = Some(signals);
        self
    }

    /// Sets how long all receivers of one signal may take together: 10 seconds by default. If the
    /// receivers take longer, the login fails.
    pub fn receiver_deadline(mut self, deadline: Duration) -> Self {
        self.receiver_deadline = deadline;
        self
    }

    /// Sets how long one call of a store may take: 15 seconds by default. The request that made the call fails
    /// with 503 then.
    ///
    /// A process that refreshes a stored token has a lease on it. If the process dies, the others wait for the
    /// end of the lease: four times this deadline, and that of [`Limits`], and 5 seconds.
    pub fn store_deadline(mut self, deadline: Duration) -> Self {
        self.store_deadline = deadline;
        self
    }

    /// Sets how long a login may take from its beginning to its callback: 10 minutes by default, 1 second
    /// to 1 hour.
    pub fn login_lifetime(mut self, lifetime: Duration) -> Self {
        self.login_lifetime = lifetime;
        self
    }

    /// Sets how long a browser stays signed in: 14 days by default, 1 second to 400 days.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Checks all settings together.
    ///
    /// # Errors
    ///
    /// The first setting that cannot work:
    ///
    /// - [`ConfigError::Missing`] if a dance lacks its client identifier or its client secret.
    /// - [`ConfigError::Invalid`] if a setting of one dance cannot be used.
    /// - [`ConfigError::Site`] if a setting that all dances share cannot be used, or if the client or
    ///   every dance is missing.
    pub fn build(self) -> Result<Dances, ConfigError> {
        let origin = origin(&self.origin)?;
        let mut paths = Paths::new(&self.public_prefix, &self.mount)?;
        for dance in &self.dances {
            dance.add_callback(&mut paths)?;
        }
        let client = self.client.ok_or_else(|| {
            ConfigError::site(
                "the HTTP client",
                "is missing: call `.client(…)`, for example with oauth_dance_reqwest::ReqwestClient",
            )
        })?;
        let namespace = self.cookie_namespace.as_str();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if namespace.is_empty() || namespace.len() > 32 || !namespace.bytes().all(plain) {
            return Err(ConfigError::site(
                "cookie_namespace",
                "must be 1 to 32 lower-case letters and digits",
            ));
        }
        check_lifetime("login_lifetime", self.login_lifetime, MAX_LOGIN_LIFETIME)?;
        check_lifetime(
            "session_lifetime",
            self.session_lifetime,
            MAX_SESSION_LIFETIME,
        )?;
        check_timer("receiver_deadline", self.receiver_deadline)?;
        check_timer("store_deadline", self.store_deadline)?;
        check_timer("limits.deadline", self.limits.deadline)?;
        if self.limits.max_body_bytes == 0 {
            let problem = "must be at least one, since every provider answers with a body";
            return Err(ConfigError::site("limits.max_body_bytes", problem));
        }

        let policy = if origin.scheme() == "https" {
            CookiePolicy::secure(namespace)
        } else {
            CookiePolicy::insecure_loopback(namespace)
        };
        let tokens_in_cookies =
            matches!(self.store, Store::Cookies) && self.dances.iter().any(|it| !it.has_store());
        let name = format!("{} {namespace}", origin.origin().ascii_serialization());
        let site = Arc::new(Site {
            cookies: SealedCookies {
                sealer: Sealer::new(&self.keys, &name),
                policy,
            },
            outbound: Outbound {
                client,
                limits: self.limits,
            },
            waiting_room: self.waiting_room.in_time(self.store_deadline),
            login_slots: if tokens_in_cookies {
                budget::SLOTS_BESIDE_TOKENS
            } else {
                budget::SLOTS
            },
            session_room: self.session_room.in_time(self.store_deadline),
            name,
            clock: self.clock,
            entropy: self.entropy,
            signals: self.signals.map(|set| Arc::new(set) as _),
            state: Arc::new(self.state),
            pages: self.pages,
            receiver_deadline: self.receiver_deadline,
            store_deadline: self.store_deadline,
            login_lifetime: self.login_lifetime,
            session_lifetime: self.session_lifetime,
            flights: Flights::default(),
            chores: Chores::default(),
            home: paths.on(&origin, "/"),
            paths,
            origin,
        });
        if self.dances.is_empty() {
            let problem = "are missing: add one with `.with(providers::github())`, for example";
            return Err(ConfigError::site("the dances", problem));
        }
        let common = Common {
            store: self.store.in_time(self.store_deadline),
            store_deadline: self.store_deadline,
        };
        let mut dances: Vec<Dance> = Vec::with_capacity(self.dances.len());
        let count = self.dances.len();
        for (position, builder) in self.dances.into_iter().enumerate() {
            let dance = builder.build(&site, &common, first_slot(position, count))?;
            for other in &dances {
                check_pair(&dance, other)?;
            }
            dances.push(dance);
        }
        Ok(Dances::new(site, dances))
    }
}

/// Checks that two dances of one application have two names, and that dances of one issuer have one
/// provider. Their endpoints may differ in the query, by which some products select a policy or a login page.
fn check_pair(dance: &Dance, other: &Dance) -> Result<(), ConfigError> {
    if dance.name() == other.name() {
        let problem = "is taken by another dance: give one of them another name, with `.named(…)` on the provider or `.name(…)` on its dance";
        return Err(ConfigError::invalid(dance.name(), "the name", problem));
    }
    let (ours, theirs) = (dance.registration(), other.registration());
    let is_one_page =
        |ours: &Url, theirs: &Url| ours[..Position::AfterPath] == theirs[..Position::AfterPath];
    let one_provider = is_one_page(&ours.authorization_endpoint, &theirs.authorization_endpoint)
        && is_one_page(&ours.token_endpoint, &theirs.token_endpoint);
    if ours.authority == theirs.authority && !one_provider {
        // RFC 9700 §4.4: a callback could no longer tell which of the two it comes from. And the users of both
        // would be taken for each other.
        let problem = format!(
            "is that of the dance {:?}, which has other endpoints: dances of one issuer need the same endpoints, and two providers need an `.issuer(…)` each",
            other.name()
        );
        return Err(ConfigError::invalid(dance.name(), "the issuer", problem));
    }
    Ok(())
}

impl fmt::Debug for DancesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DancesBuilder")
            .field("origin", &self.origin)
            .field("dances", &self.dances)
            .finish_non_exhaustive()
    }
}
