//! Builders: settings are collected as they come and checked once, together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::client::{HttpClient, Limits};
use crate::cookies::CookiePolicy;
use crate::credentials::Credentials;
use crate::dance::{Dance, Parts};
use crate::dances::Dances;
use crate::entropy::{Entropy, OsEntropy};
use crate::error::ConfigError;
use crate::jar::PendingLogins;
use crate::key::KeyRing;
use crate::next::Next;
use crate::paths::Paths;
use crate::pending::PendingStore;
use crate::provider::{Provider, TokenAuth, is_loopback_http};
use crate::refresh::Flights;
use crate::scopes::Scopes;
use crate::seal::Sealer;
use crate::settings::Settings;
use crate::signal_set::SignalSet;
use crate::site::Site;
use crate::steps::begin;
use crate::storage::TokenStorage;
use crate::time::{Clock, SystemClock};
use crate::vault::Store;

/// Collects the settings of one dance. They are checked when the [`Dances`] are built.
#[must_use]
pub struct DanceBuilder {
    provider: Provider,
    name: String,
    credentials: Option<Credentials>,
    scopes: Option<Scopes>,
    parameters: Vec<(String, String)>,
    redirect_to: String,
    error_to: Option<String>,
    logged_out_to: String,
    store: Option<Store>,
    identify: bool,
}

impl DanceBuilder {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            name: provider.id.clone(),
            provider,
            credentials: None,
            scopes: None,
            parameters: Vec::new(),
            redirect_to: "/".to_owned(),
            error_to: None,
            logged_out_to: "/".to_owned(),
            store: None,
            identify: true,
        }
    }

    /// Names the dance, where the provider's identifier will not do: two registrations with one
    /// provider. Lower-case letters, digits and `-`, at most 64.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The application's registration with the provider. Without this call it is read from the
    /// environment: [`Credentials::from_env`] with the name of the dance.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Reads the registration from the environment, as happens without this call; for who likes to
    /// see it written.
    pub fn credentials_from_env(mut self) -> Self {
        self.credentials = None;
        self
    }

    /// Asks for this scope. The first call replaces the provider's default scopes.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.get_or_insert_default().extend([scope.into()]);
        self
    }

    /// Asks for exactly these scopes.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().collect());
        self
    }

    /// Adds a parameter to every authorization request, such as `prompt`.
    pub fn authorize_parameter(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Where a login ends that was begun without a `next`: a path of the application, or an absolute
    /// URL. `/` by default.
    pub fn redirect_to(mut self, location: impl Into<String>) -> Self {
        self.redirect_to = location.into();
        self
    }

    /// Where a login ends that the provider refused. The same as
    /// [`redirect_to`](Self::redirect_to) by default.
    pub fn on_error_redirect_to(mut self, location: impl Into<String>) -> Self {
        self.error_to = Some(location.into());
        self
    }

    /// Where a logout ends. `/` by default.
    pub fn on_logout_redirect_to(mut self, location: impl Into<String>) -> Self {
        self.logged_out_to = location.into();
        self
    }

    /// Keeps the tokens of this dance in `storage` instead of the one that all dances share.
    pub fn store(mut self, storage: impl TokenStorage) -> Self {
        self.store = Some(Store::Server(Arc::new(storage)));
        self
    }

    /// Does not ask the provider who signed in, although it has a userinfo endpoint: for a token whose
    /// scopes do not cover it.
    pub fn without_identity(mut self) -> Self {
        self.identify = false;
        self
    }

    fn build(self, site: &Arc<Site>, common: &Common) -> Result<Dance, ConfigError> {
        let name = self.name.as_str();
        check_name(name)?;
        let insecure = common.insecure_loopback;
        let provider = &self.provider;
        let endpoint = |setting, text: &str| provider.endpoint(setting, text, insecure);
        let optional = |setting, text: &Option<String>| {
            text.as_deref()
                .map(|text| endpoint(setting, text))
                .transpose()
        };
        let target = |setting, text: &str| {
            target(&site.origin, text)
                .ok_or_else(|| ConfigError::invalid(name, setting, TARGET_PROBLEM))
        };

        let credentials = match self.credentials {
            Some(credentials) => credentials,
            None => Credentials::from_env(name)?,
        };
        if credentials.client_id.trim().is_empty() {
            return Err(ConfigError::invalid(name, "the client id", "is empty"));
        }
        match (&credentials.client_secret, provider.token_auth) {
            (None, TokenAuth::Basic | TokenAuth::Post) => {
                let hint =
                    "pass it with `Credentials::new`, or say `TokenAuth::None` for a public client";
                return Err(ConfigError::missing(name, "the client secret", hint));
            }
            (Some(secret), _) if secret.secret().trim().is_empty() => {
                return Err(ConfigError::invalid(name, "the client secret", "is empty"));
            }
            _ => {}
        }
        if let Some((parameter, _)) = self
            .parameters
            .iter()
            .find(|(parameter, _)| !begin::may_add(None, parameter))
        {
            let problem = format!("may not set {parameter:?}, which belongs to the dance");
            return Err(ConfigError::invalid(name, "authorize_parameter", problem));
        }

        let paths = &common.paths;
        let redirect_to = target("redirect_to", &self.redirect_to)?;
        let settings = Settings {
            authorize_endpoint: endpoint("the authorization endpoint", &provider.authorize)?,
            token_endpoint: endpoint("the token endpoint", &provider.token)?,
            userinfo_endpoint: optional("the userinfo endpoint", &provider.userinfo)?
                .filter(|_| self.identify),
            revocation_endpoint: optional("the revocation endpoint", &provider.revoke)?,
            api_base: optional("the API base", &provider.api_base)?,
            redirect_uri: paths.on(&site.origin, &paths.authorized(name)),
            login_url: paths.on(&site.origin, &paths.login(name)),
            logout_url: paths.on(&site.origin, &paths.logout(name)),
            error_to: match &self.error_to {
                Some(location) => target("on_error_redirect_to", location)?,
                None => redirect_to.clone(),
            },
            redirect_to,
            logged_out_to: target("on_logout_redirect_to", &self.logged_out_to)?,
            display_name: provider.display_name.clone(),
            provider_id: provider.id.clone(),
            issuer: provider.issuer.clone(),
            client_id: credentials.client_id,
            client_secret: credentials.client_secret,
            token_auth: provider.token_auth,
            scopes: self.scopes.unwrap_or_else(|| provider.scopes.clone()),
            scope_separator: provider.scope_separator.clone(),
            authorize_parameters: self.parameters,
            user_id: provider.user_id.clone(),
            quirks: provider.quirks.clone(),
            name: self.name,
        };
        Ok(Dance(Arc::new(Parts {
            settings,
            store: self.store.unwrap_or_else(|| common.store.clone()),
            site: Arc::clone(site),
        })))
    }
}

impl fmt::Debug for DanceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DanceBuilder")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// Collects what all dances of an application share, and the dances.
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
    pending: PendingLogins,
    mount: String,
    cookie_namespace: String,
    insecure_loopback: bool,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    signals: Option<SignalSet>,
    receiver_deadline: Duration,
    login_lifetime: Duration,
    session_lifetime: Duration,
}

/// What the builders of single dances need of the whole.
struct Common {
    paths: Paths,
    store: Store,
    insecure_loopback: bool,
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
            pending: PendingLogins::Cookies,
            mount: String::new(),
            cookie_namespace: "od".to_owned(),
            insecure_loopback: false,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            signals: None,
            receiver_deadline: Duration::from_secs(10),
            login_lifetime: Duration::from_secs(600),
            session_lifetime: Duration::from_secs(14 * 24 * 3600),
        }
    }

    /// Adds a dance.
    pub fn with(mut self, dance: DanceBuilder) -> Self {
        self.dances.push(dance);
        self
    }

    /// Sends requests to providers with this client: `oauth_dance_reqwest::ReqwestClient`, say.
    pub fn client(mut self, client: impl HttpClient) -> Self {
        self.client = Some(Arc::new(client));
        self
    }

    /// The caps of every request to a provider.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Keeps tokens in `storage` instead of sealed cookies.
    pub fn store(mut self, storage: impl TokenStorage) -> Self {
        self.store = Store::Server(Arc::new(storage));
        self
    }

    /// Keeps pending logins in `store` instead of sealed cookies. Only then does a callback work once
    /// even for who restores old cookies.
    pub fn pending_store(mut self, store: impl PendingStore) -> Self {
        self.pending = PendingLogins::Store(Arc::new(store));
        self
    }

    /// Puts the dance's paths below `prefix`: `/auth` makes them `/auth/login/github` and so on.
    /// Nothing by default.
    pub fn mount_at(mut self, prefix: impl Into<String>) -> Self {
        self.mount = prefix.into();
        self
    }

    /// Begins the names of our cookies with this instead of `od`: for two applications on one host.
    /// Lower-case letters and digits.
    pub fn cookie_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.cookie_namespace = namespace.into();
        self
    }

    /// Allows plain http, for an origin and for providers, if and only if they are on a loopback
    /// address. For development: cookies then have neither the `__Host-` prefix nor `Secure`.
    pub fn allow_insecure_loopback(mut self) -> Self {
        self.insecure_loopback = true;
        self
    }

    /// Reads the time from `clock`; for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Draws randomness from `entropy`; for tests.
    pub fn entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Arc::new(entropy);
        self
    }

    /// Sends the application's own signals instead of the static ones.
    pub fn signals(mut self, signals: SignalSet) -> Self {
        self.signals = Some(signals);
        self
    }

    /// How long all receivers of one signal may take together: 10 seconds by default. A login whose
    /// receivers take longer fails.
    pub fn receiver_deadline(mut self, deadline: Duration) -> Self {
        self.receiver_deadline = deadline;
        self
    }

    /// How long a login may take between leaving and coming back: 10 minutes by default.
    pub fn login_lifetime(mut self, lifetime: Duration) -> Self {
        self.login_lifetime = lifetime;
        self
    }

    /// How long a browser stays signed in: 14 days by default.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Checks all settings together.
    ///
    /// # Errors
    ///
    /// The first setting that cannot work, by its name.
    pub fn build(self) -> Result<Dances, ConfigError> {
        let origin = origin(&self.origin, self.insecure_loopback)?;
        let paths = Paths::new(&self.mount)?;
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
        for (setting, value) in [
            ("login_lifetime", self.login_lifetime),
            ("session_lifetime", self.session_lifetime),
            ("receiver_deadline", self.receiver_deadline),
            ("limits.deadline", self.limits.deadline),
        ] {
            if value.is_zero() {
                return Err(ConfigError::site(setting, "must be longer than nothing"));
            }
        }
        // RFC 6265bis §5.5 has no cap, but the attack surface of a pending login grows with its age.
        if self.login_lifetime > Duration::from_secs(3600) {
            return Err(ConfigError::site(
                "login_lifetime",
                "must be at most an hour",
            ));
        }

        let cookies = if origin.scheme() == "https" {
            CookiePolicy::secure(namespace)
        } else {
            CookiePolicy::insecure_loopback(namespace)
        };
        let site = Arc::new(Site {
            sealer: Sealer::new(&self.keys),
            cookies,
            client,
            limits: self.limits,
            pending: self.pending,
            clock: self.clock,
            entropy: self.entropy,
            signals: self.signals,
            receiver_deadline: self.receiver_deadline,
            login_lifetime: self.login_lifetime,
            session_lifetime: self.session_lifetime,
            flights: Flights::default(),
            own_paths: paths.own(),
            origin,
        });
        let common = Common {
            paths,
            store: self.store,
            insecure_loopback: self.insecure_loopback,
        };
        let mut dances = Vec::with_capacity(self.dances.len());
        for builder in self.dances {
            let dance = builder.build(&site, &common)?;
            if dances
                .iter()
                .any(|other: &Dance| other.name() == dance.name())
            {
                let problem = "is taken by another dance: give one of them a `.name(…)`";
                return Err(ConfigError::invalid(dance.name(), "the name", problem));
            }
            dances.push(dance);
        }
        Ok(Dances::new(site, common.paths, dances))
    }
}

impl fmt::Debug for DancesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DancesBuilder")
            .field("origin", &self.origin)
            .field("dances", &self.dances)
            .finish_non_exhaustive()
    }
}

const TARGET_PROBLEM: &str = "must be a path that begins with one / or an absolute http(s) URL";

/// A configured place to send browsers: a path of the origin, or any http(s) URL the developer wrote.
fn target(origin: &Url, text: &str) -> Option<Url> {
    if text.starts_with('/') {
        return Next::parse(text, origin).map(|path| path.on(origin));
    }
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
        let problem = "must be 1 to 64 lower-case letters, digits and `-`";
        return Err(ConfigError::invalid(name, "the name", problem));
    }
    Ok(())
}

fn origin(text: &str, insecure_loopback: bool) -> Result<Url, ConfigError> {
    let invalid = |problem: &str| ConfigError::site("the origin", problem);
    let url = Url::parse(text)
        .map_err(|_| invalid("must be an absolute URL such as https://app.example"))?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare {
        return Err(invalid(
            "must be scheme, host and port alone; a path prefix goes into `mount_at`",
        ));
    }
    if url.scheme() == "https" || (insecure_loopback && is_loopback_http(&url)) {
        Ok(url)
    } else {
        Err(invalid(
            "must be https, because the cookies need it; for development on a loopback address call `allow_insecure_loopback()`",
        ))
    }
}
