//! What each test runs in: a provider, an application behind the adapter, and spies on everything
//! between them.

use std::net::SocketAddr;
use std::time::Duration;

use oauth_dance::{
    Credentials, Dance, Dances, DancesBuilder, Entropy as _, Key, OsEntropy, Provider, SignalSet,
};
use oauth_dance_dev::{ClientRegistration, DevProvider, DevProviderBuilder, RunningProvider};
use oauth_dance_testkit::{Browser, ManualClock};

use super::adapter::{Adapter, Serving};
use super::heard::{Ear, Heard};
use super::pages::ORIGIN;
use super::secrets::Secret;
use super::trace;
use crate::faulty_store::FaultyStore;

/// The second dance of every rig: the same provider, another registration.
pub(crate) const OTHER: &str = "other";

/// Where a login ends that was begun without a `next`.
pub(crate) const WELCOME: &str = "https://app.localhost/?welcome#";

/// Where a logout ends.
pub(crate) const GOODBYE: &str = "https://app.localhost/?goodbye";

/// The deadlines of the tests that wait for one.
pub(crate) const SOON: Duration = Duration::from_secs(1);

type Change<T> = Box<dyn FnOnce(T) -> T + Send>;

/// What the application believes of a provider; the issuer is handed in.
type Describe = Box<dyn Fn(Provider, &str) -> Provider + Send>;

/// Describes a rig before it stands.
pub(crate) struct Setup<'a> {
    provider: Change<DevProviderBuilder>,
    description: Describe,
    dances: Change<DancesBuilder>,
    credentials: (String, String),
    keeps_tokens_in_cookies: bool,
    error_page: Option<&'static str>,
    sends_static_signals: bool,
    adapter: &'a Adapter,
}

/// A rig with nothing unusual: tokens in the spy store, pending logins in cookies.
pub(crate) async fn rig(adapter: &Adapter) -> Rig {
    setup(adapter).start().await
}

/// A rig with something unusual.
pub(crate) fn setup(adapter: &Adapter) -> Setup<'_> {
    Setup {
        provider: Box::new(|provider| provider),
        description: Box::new(|provider, _| provider),
        dances: Box::new(|dances| dances),
        credentials: ("app".to_owned(), canary("client secret")),
        keeps_tokens_in_cookies: false,
        error_page: None,
        sends_static_signals: false,
        adapter,
    }
}

impl Setup<'_> {
    /// Changes the provider that people sign in at.
    pub(crate) fn provider(
        mut self,
        change: impl FnOnce(DevProviderBuilder) -> DevProviderBuilder + Send + 'static,
    ) -> Self {
        self.provider = Box::new(change);
        self
    }

    /// Changes what the application believes of the provider, whose issuer is handed in.
    pub(crate) fn description(
        mut self,
        change: impl Fn(Provider, &str) -> Provider + Send + 'static,
    ) -> Self {
        self.description = Box::new(change);
        self
    }

    /// Changes what all dances share.
    pub(crate) fn dances(
        mut self,
        change: impl FnOnce(DancesBuilder) -> DancesBuilder + Send + 'static,
    ) -> Self {
        self.dances = Box::new(change);
        self
    }

    /// Registers the application under another name and secret.
    pub(crate) fn credentials(mut self, id: &str, secret: &str) -> Self {
        self.credentials = (id.to_owned(), secret.to_owned());
        self
    }

    /// Keeps tokens where they are without any store.
    pub(crate) fn tokens_in_cookies(mut self) -> Self {
        self.keeps_tokens_in_cookies = true;
        self
    }

    /// Sends the browser here after a failed login.
    pub(crate) fn errors_end_at(mut self, path: &'static str) -> Self {
        self.error_page = Some(path);
        self
    }

    /// Sends the static signals, as applications do. The ear of the rig then hears nothing.
    pub(crate) fn static_signals(mut self) -> Self {
        self.sends_static_signals = true;
        self
    }

    /// Lets everything run.
    pub(crate) async fn start(self) -> Rig {
        trace::start();
        let clock = ManualClock::new();
        let (id, secret) = self.credentials;
        let callback = |name: &str| format!("{ORIGIN}/login/{name}/authorized");
        let registered = DevProvider::builder()
            .demo_people()
            .clock(clock.clone())
            .client(ClientRegistration::new(&id, &secret).redirect_uri(callback("op")))
            .client(ClientRegistration::new("other", &secret).redirect_uri(callback(OTHER)));
        let provider = (self.provider)(registered).build();
        let provider_server = provider.serve("127.0.0.1:0").await.expect("a free port");

        let issuer = provider.issuer();
        let dance = |name: &str, id: &str| {
            let at = |path: &str| format!("{issuer}{path}");
            let described = Provider::oauth2(name, at("/authorize"), at("/token"))
                .display_name("The provider")
                .userinfo(at("/userinfo"), "sub")
                .revoke(at("/revoke"))
                .api_base(at("/"))
                .scopes(["profile", "email"]);
            let dance = Dance::builder((self.description)(described, &issuer))
                .credentials(Credentials::new(id, &secret))
                .redirect_to("/?welcome")
                .on_logout_redirect_to("/?goodbye");
            match self.error_page {
                Some(path) => dance.on_error_redirect_to(path),
                None => dance,
            }
        };
        let key = Key::generate().expect("randomness");
        let key_text = key.to_base64();
        let store = FaultyStore::default();
        let signals = SignalSet::new();
        let mut dances = Dances::builder(ORIGIN, key)
            .client(self.adapter.client())
            .clock(clock.clone())
            .with(dance("op", &id))
            .with(dance(OTHER, "other"));
        if !self.keeps_tokens_in_cookies {
            dances = dances.store(store.clone());
        }
        if !self.sends_static_signals {
            dances = dances.signals(signals.clone());
        }
        let dances = (self.dances)(dances).build().expect("a working set-up");
        let ear = Ear::listen(&signals);
        Rig {
            serving: self.adapter.serve(dances.clone()).await,
            provider,
            clock,
            store,
            signals,
            dances,
            ear,
            said: trace::mark(),
            fixed_secrets: vec![
                Secret::new("client secret", secret),
                Secret::new("cookie key", key_text),
            ],
            _provider_server: provider_server,
        }
    }
}

/// Everything a test needs.
pub(crate) struct Rig {
    pub(crate) provider: DevProvider,
    pub(crate) clock: ManualClock,
    pub(crate) store: FaultyStore,
    pub(crate) signals: SignalSet,
    pub(crate) dances: Dances,
    ear: Ear,
    serving: Serving,
    said: trace::Mark,
    fixed_secrets: Vec<Secret>,
    _provider_server: RunningProvider,
}

impl Rig {
    /// Where the application listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// A browser without cookies, for which the application is at [`ORIGIN`], as behind a proxy that
    /// ends TLS. Its cookies do not expire when the clock of the rig is moved.
    pub(crate) fn browser(&self) -> Browser {
        self.browser_like(Browser::new())
    }

    /// `browser`, for which the application is at [`ORIGIN`].
    pub(crate) fn browser_like(&self, browser: Browser) -> Browser {
        browser.forward(ORIGIN, self.address())
    }

    /// The signals that were sent so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.ear.heard()
    }

    /// Waits until a signal was heard that the dance sends in the background.
    pub(crate) async fn until_heard(&self, expected: &Heard) {
        self.ear.until_heard(expected).await;
    }

    /// The payloads of those signals, as they print themselves.
    pub(crate) fn printed(&self) -> String {
        self.ear.printed()
    }

    /// What the process said to `tracing` since the rig stands.
    pub(crate) fn said(&self) -> String {
        trace::since(self.said)
    }

    /// Every secret that has come up so far.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.fixed_secrets.clone();
        let tokens = self.ear.secrets();
        secrets.extend(tokens.into_iter().map(|token| Secret::new("token", token)));
        for entry in self.provider.log().entries() {
            for (kind, path) in [
                ("state", "/authorize"),
                ("code", "/token"),
                ("code_verifier", "/token"),
                ("refresh_token", "/token"),
            ] {
                let value = entry.parameter(kind).filter(|_| entry.path() == path);
                secrets.extend(value.map(|value| Secret::new(kind, value)));
            }
        }
        secrets
    }
}

/// A text that turns up nowhere by accident.
pub(crate) fn canary(kind: &str) -> String {
    let mut random = [0; 16];
    OsEntropy.fill(&mut random).expect("randomness");
    let number = u128::from_be_bytes(random);
    format!("canary-{}-{number:032x}", kind.replace(' ', "-"))
}
