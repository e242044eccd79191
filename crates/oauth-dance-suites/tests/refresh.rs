//! Refreshes where the store or the provider is awkward, in process and on paused time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response};
use oauth_dance::{
    Authorized, Credentials, Dance, Dances, Key, KeyRing, OAUTH_AUTHORIZED, OAUTH_TOKEN_REFRESHED,
    Owner, Provider, SignalSet, TokenRefreshed, TokenStore as _,
};
use oauth_dance_dev::{
    ClientRegistration, DevProvider, DevProviderBuilder, Endpoint, Fault, Person,
};
use oauth_dance_suites::{FaultyStore, Verb};
use oauth_dance_testkit::ManualClock;

const LIFETIME: Duration = Duration::from_secs(3600);

/// A provider, an application, and user 7 who has signed in.
struct Rig {
    provider: DevProvider,
    clock: ManualClock,
    dances: Dances,
    store: FaultyStore,
    signals: SignalSet,
    keys: KeyRing,
}

impl Rig {
    async fn new(provider: impl FnOnce(DevProviderBuilder) -> DevProviderBuilder) -> Self {
        let (clock, store) = (ManualClock::new(), FaultyStore::default());
        let builder = DevProvider::builder()
            .client(
                ClientRegistration::new("app", "secret")
                    .redirect_uri("https://app.localhost/login/op/authorized"),
            )
            .person(Person::new("ada"))
            .scope("profile", "See your name")
            .scope("notes", "Read your notes")
            .clock(clock.clone());
        let provider = provider(builder).build();
        let signals = SignalSet::new();
        signals
            .of(&OAUTH_AUTHORIZED)
            .connect(|_: &Dance, login: &Authorized| login.store_for(7));
        let keys = KeyRing::new(Key::generate().unwrap());
        let dances = dances(&provider, &clock, &store, &signals, &keys);
        let rig = Self {
            provider,
            clock,
            dances,
            store,
            signals,
            keys,
        };
        rig.sign_in().await;
        rig
    }

    async fn sign_in(&self) {
        let begun = get(&self.dances, "/login/op", None).await;
        let location = begun.headers()[LOCATION].to_str().unwrap();
        let callback = self
            .provider
            .approve(location, "ada", &["profile", "notes"])
            .unwrap();
        let cookie = begun.headers()[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap();
        get(&self.dances, callback.as_str(), Some(cookie)).await;
    }

    /// The token of user 7, as it comes to `dances`.
    async fn token_of(&self, dances: &Dances) -> oauth_dance::Token {
        let api = dances.get("op").unwrap().api(&Owner::user(7));
        let token = api.token().await.unwrap();
        let now = oauth_dance::Clock::now(&self.clock);
        assert!(!token.is_expired(now, Duration::ZERO), "expired");
        token
    }

    async fn token(&self) -> oauth_dance::Token {
        self.token_of(&self.dances).await
    }
}

fn dances(
    provider: &DevProvider,
    clock: &ManualClock,
    store: &FaultyStore,
    signals: &SignalSet,
    keys: &KeyRing,
) -> Dances {
    let issuer = provider.issuer();
    let op = Provider::oauth2(
        "op",
        format!("{issuer}/authorize"),
        format!("{issuer}/token"),
    )
    .revoke(format!("{issuer}/revoke"))
    .scopes(["profile", "notes"]);
    Dances::builder("https://app.localhost", keys.clone())
        .client(provider.client())
        .store(store.clone())
        .signals(signals.clone())
        .clock(clock.clone())
        .with(Dance::builder(op).credentials(Credentials::new("app", "secret")))
        .build()
        .unwrap()
}

async fn get(dances: &Dances, url: &str, cookie: Option<&str>) -> Response<Bytes> {
    let mut request = Request::get(url);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    dances.handle(request.body(Bytes::new()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn f09_a_store_that_fails_once_after_a_rotation_loses_nothing() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    rig.store.fail_next(Verb::Replace, 1);
    rig.token().await;
    rig.clock.advance(LIFETIME);
    rig.token().await;
    assert_eq!(rig.provider.log().refreshes(), 2);
}

#[tokio::test(start_paused = true)]
async fn f09_a_caller_does_not_wait_until_the_store_is_back() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    rig.store.fail_next(Verb::Replace, 8);
    rig.token().await;
    assert_ne!(rig.store.failures_left(Verb::Replace), 0);

    // The token is kept in the background; until then everybody has it from the flight.
    rig.clock.advance(Duration::from_secs(60));
    rig.token().await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(rig.store.failures_left(Verb::Replace), 0);
    rig.clock.advance(LIFETIME);
    rig.token().await;
    assert_eq!(rig.provider.log().refreshes(), 2);
}

#[tokio::test(start_paused = true)]
async fn f06_a_flight_hands_out_no_expired_token() {
    let rig = Rig::new(|provider| {
        provider
            .access_token_lifetime(Duration::from_secs(45))
            .rotates_refresh_tokens(false)
    })
    .await;
    for _ in 0..4 {
        rig.clock.advance(Duration::from_secs(50));
        rig.token().await;
    }
    assert_eq!(rig.provider.log().refreshes(), 4);
}

#[tokio::test(start_paused = true)]
async fn f02_two_processes_refresh_once_and_one_of_them_tells() {
    let rig = Rig::new(|provider| provider).await;
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    rig.signals
        .of(&OAUTH_TOKEN_REFRESHED)
        .connect(move |_: &Dance, _: &TokenRefreshed| {
            count.fetch_add(1, Ordering::SeqCst);
        });
    let other = dances(
        &rig.provider,
        &rig.clock,
        &rig.store,
        &rig.signals,
        &rig.keys,
    );
    rig.clock.advance(LIFETIME);
    let (ours, theirs) = tokio::join!(rig.token(), rig.token_of(&other));
    assert_eq!(ours.access_token().secret(), theirs.access_token().secret());
    // Lets the tasks that tell run to their end.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(rig.provider.log().refreshes(), 1);
    assert_eq!(told.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn f14_a_token_that_a_logout_overtook_is_revoked() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    let api = rig.dances.get("op").unwrap().api(&Owner::user(7));
    let gate = rig.store.hold(Verb::Replace);
    let overtakes = async {
        gate.reached().await;
        let (key, _) = rig.store.stored().into_iter().next().unwrap();
        assert!(rig.store.delete(&key).await.unwrap());
        gate.open();
    };
    let (token, ()) = tokio::join!(api.token(), overtakes);
    let error = token.unwrap_err();
    assert!(error.as_login_required().is_some(), "{error}");
    assert_eq!(rig.provider.log().revocations(), 1);
}

#[tokio::test(start_paused = true)]
async fn f12_a_refresh_that_widens_is_taken_and_not_believed() {
    let rig = Rig::new(|provider| provider).await;
    rig.provider
        .inject_once(Endpoint::Refresh, Fault::with("scope", "profile  admin "));
    rig.clock.advance(LIFETIME);
    let token = rig.token().await;
    assert_eq!(token.scopes().iter().collect::<Vec<_>>(), ["profile"]);
    // The refresh token that came with it is the only one left.
    rig.clock.advance(LIFETIME);
    rig.token().await;
    assert_eq!(rig.provider.log().refreshes(), 2);
}
