//! Refreshes where the store or the provider is awkward, in process and on paused time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response};
use oauth_dance::{
    Authorized, ClientError, Credentials, Dance, Dances, DancesBuilder, HttpClient, Key, KeyRing,
    Lease, Limits, OAUTH_AUTHORIZED, OAUTH_TOKEN_REFRESHED, Owner, Provider, Revision, SealedToken,
    SignalSet, StoreError, StoreKey, StoredAccount, StoredToken, Timestamp, TokenRefreshed,
    TokenStore,
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

    /// Another process on the same store, whose own way to it may be another one.
    fn process(
        &self,
        store: impl TokenStore,
        change: impl FnOnce(DancesBuilder) -> DancesBuilder,
    ) -> Dances {
        let dances = builder(
            &self.provider,
            &self.clock,
            store,
            &self.signals,
            &self.keys,
        );
        change(dances).build().unwrap()
    }

    /// The token of user 7, as it comes to `dances`.
    async fn token_of(&self, dances: &Dances) -> oauth_dance::Token {
        let api = dances.get("op").unwrap().api(&Owner::user(7));
        let token = api.token().await.unwrap();
        let now = oauth_dance::Clock::now(&self.clock);
        assert!(!token.is_expired(now, Duration::ZERO), "expired");
        token
    }

    fn api(&self) -> oauth_dance::ApiClient {
        self.dances.get("op").unwrap().api(&Owner::user(7))
    }

    /// Fifty calls at once, by two processes if there is a second: how many succeed.
    async fn calls(&self, other: Option<&Dances>) -> usize {
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..50 {
            let api = match other {
                Some(other) if number % 2 == 1 => other.get("op").unwrap().api(&Owner::user(7)),
                _ => self.api(),
            };
            calls.spawn(async move { api.token().await.is_ok() });
        }
        let done = calls.join_all().await;
        done.into_iter().filter(|done| *done).count()
    }

    fn refreshes(&self) -> usize {
        self.provider.log().refreshes()
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
    let dances = builder(provider, clock, store.clone(), signals, keys);
    dances.build().unwrap()
}

fn builder(
    provider: &DevProvider,
    clock: &ManualClock,
    store: impl TokenStore,
    signals: &SignalSet,
    keys: &KeyRing,
) -> DancesBuilder {
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
        .store(store)
        .signals(signals.clone())
        .clock(clock.clone())
        .with(Dance::builder(op).credentials(Credentials::new("app", "secret")))
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
    // The first lives longer than a flight is remembered for latecomers, the second does not.
    for lifetime in [45, 10].map(Duration::from_secs) {
        let rig = Rig::new(|provider| {
            provider
                .access_token_lifetime(lifetime)
                .rotates_refresh_tokens(false)
        })
        .await;
        for _ in 0..4 {
            rig.clock.advance(lifetime + Duration::from_secs(5));
            rig.token().await;
        }
        assert_eq!(rig.provider.log().refreshes(), 4);
    }
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

/// The provider ends the old grant, because the user has signed in again.
#[tokio::test(start_paused = true)]
async fn f05_a_refused_refresh_goes_on_with_the_token_of_a_login_in_between() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    rig.provider
        .inject(Endpoint::Refresh, Fault::error(400, "invalid_grant"));
    let api = rig.api();
    let gate = rig.store.hold(Verb::Replace);
    let overtakes = async {
        gate.reached().await;
        rig.sign_in().await;
        gate.open();
    };
    let (token, ()) = tokio::join!(api.token(), overtakes);
    let kept = rig.token().await;
    let token = token.expect("the token of the login");
    assert_eq!(token.access_token().secret(), kept.access_token().secret());
    assert_eq!(rig.refreshes(), 1);
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

#[tokio::test(start_paused = true)]
async fn f06_a_provider_that_is_down_is_asked_once_for_each_back_off() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    rig.provider.inject(Endpoint::Refresh, Fault::html(503));
    let mut asked_at = Vec::new();
    for second in 0..200_u64 {
        let before = rig.refreshes();
        assert_eq!(rig.calls(None).await, 0);
        if rig.refreshes() > before {
            assert_eq!(rig.refreshes(), before + 1, "second {second}");
            asked_at.push(second);
        }
        rig.clock.advance(Duration::from_secs(1));
    }
    // 1, 2, 4 … 60 seconds, and up to half as much again.
    let steps: Vec<u64> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (failures, step) in steps.iter().enumerate() {
        let least = (1 << failures.min(6)).min(60);
        assert!((least..=least + least / 2).contains(step), "{steps:?}");
    }
    assert!(steps.len() >= 5, "{steps:?}");

    rig.provider.clear_faults();
    rig.clock.advance(Duration::from_secs(100));
    rig.token().await;
}

#[tokio::test(start_paused = true)]
async fn f06_a_provider_says_when_it_may_be_asked_again() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    let busy = Fault::unavailable(Duration::from_secs(40));
    rig.provider.inject_once(Endpoint::Refresh, busy);
    assert_eq!(rig.calls(None).await, 0);
    rig.clock.advance(Duration::from_secs(39));
    assert_eq!(rig.calls(None).await, 0);
    assert_eq!(rig.refreshes(), 1);
    rig.clock.advance(Duration::from_secs(1));
    rig.token().await;

    // Nothing is put off for ever.
    rig.clock.advance(LIFETIME);
    let forever = Fault::unavailable(Duration::from_secs(u64::MAX));
    rig.provider.inject_once(Endpoint::Refresh, forever);
    assert_eq!(rig.calls(None).await, 0);
    rig.clock.advance(Duration::from_secs(600));
    rig.token().await;
}

#[tokio::test(start_paused = true)]
async fn f01_a_token_with_a_short_life_is_not_always_due() {
    for lifetime in [1, 3, 30, 60] {
        let rig =
            Rig::new(|provider| provider.access_token_lifetime(Duration::from_secs(lifetime)))
                .await;
        for _ in 0..20 {
            rig.token().await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(rig.refreshes(), 0, "{lifetime} s");
    }
}

#[tokio::test(start_paused = true)]
async fn f01_f02_calls_at_once_refresh_a_short_lived_token_once() {
    for lifetime in [3, 3600] {
        for two_processes in [false, true] {
            let rig =
                Rig::new(|provider| provider.access_token_lifetime(Duration::from_secs(lifetime)))
                    .await;
            let other = two_processes.then(|| {
                dances(
                    &rig.provider,
                    &rig.clock,
                    &rig.store,
                    &rig.signals,
                    &rig.keys,
                )
            });
            for round in 1..4 {
                rig.clock.advance(Duration::from_secs(lifetime));
                assert_eq!(rig.calls(other.as_ref()).await, 50);
                assert_eq!(rig.refreshes(), round, "{lifetime} s, {two_processes}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn f02_clocks_that_differ_by_a_minute_spend_no_token_twice() {
    for ahead in [false, true] {
        let rig = Rig::new(|provider| provider).await;
        let skewed = ManualClock::new();
        let other = dances(&rig.provider, &skewed, &rig.store, &rig.signals, &rig.keys);
        rig.clock.advance(LIFETIME);
        let minute = Duration::from_secs(60);
        skewed.advance(if ahead {
            LIFETIME + minute
        } else {
            LIFETIME - minute
        });
        if !ahead {
            // For the slow clock the token is not due yet, so it is given one that is.
            rig.clock.advance(minute);
            skewed.advance(minute);
        }
        // The one that refreshes first does not hear of its answer for a while.
        let gate = rig.store.hold(Verb::Replace);
        let both = async { rig.calls(Some(&other)).await };
        let opens = async {
            gate.reached().await;
            tokio::time::sleep(Duration::from_secs(5)).await;
            gate.open();
        };
        let (done, ()) = tokio::join!(both, opens);
        assert_eq!(done, 50);
        assert_eq!(rig.refreshes(), 1, "ahead: {ahead}");
    }
}

#[tokio::test(start_paused = true)]
async fn f06_a_call_with_a_good_token_waits_for_no_refresh() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME - Duration::from_secs(10));
    rig.provider
        .inject(Endpoint::Refresh, Fault::never_answers());
    let before = tokio::time::Instant::now();
    assert_eq!(rig.calls(None).await, 50);
    assert_eq!(before.elapsed(), Duration::ZERO);
    tokio::task::yield_now().await;
    assert!(rig.refreshes() <= 1);
}

#[tokio::test(start_paused = true)]
async fn f06_a_token_is_refreshed_ahead_of_time_in_the_background() {
    let rig = Rig::new(|provider| provider).await;
    let old = rig.token().await;
    rig.clock.advance(LIFETIME - Duration::from_secs(10));
    let same = rig.token().await;
    assert_eq!(same.access_token().secret(), old.access_token().secret());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let fresh = rig.token().await;
    assert_ne!(fresh.access_token().secret(), old.access_token().secret());
    assert_eq!(rig.refreshes(), 1);
}

#[tokio::test(start_paused = true)]
async fn f06_a_token_that_is_not_due_is_left_alone() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME / 2);
    rig.token().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(rig.refreshes(), 0);
}

/// The process that refreshes is killed: the provider has rotated, and nothing was kept.
#[tokio::test(start_paused = true)]
async fn f02_f10_a_process_that_died_blocks_no_good_token() {
    let rig = Rig::new(|provider| provider).await;
    let died = oauth_dance::Lease {
        holder: "died",
        lasts: Duration::from_secs(30),
    };
    let (key, _) = rig.store.stored().into_iter().next().unwrap();
    assert!(rig.store.lease(&key, died).await.unwrap());
    rig.clock.advance(LIFETIME - Duration::from_secs(10));
    let before = tokio::time::Instant::now();
    rig.token().await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    // And an expired one for no longer than the lease.
    rig.clock.advance(Duration::from_secs(10));
    rig.token().await;
    assert!(before.elapsed() <= Duration::from_secs(31));
}

#[tokio::test(start_paused = true)]
async fn f09_a_write_that_fails_is_tried_every_second_under_the_lease() {
    let rig = Rig::new(|provider| provider).await;
    let other = dances(
        &rig.provider,
        &rig.clock,
        &rig.store,
        &rig.signals,
        &rig.keys,
    );
    rig.clock.advance(LIFETIME);
    rig.store.fail_next(Verb::Replace, 90);
    rig.token().await;
    // The other process cannot have the lease for as long as the token is not kept.
    let theirs = other.get("op").unwrap().api(&Owner::user(7));
    let waiting = tokio::spawn(async move { theirs.token().await.is_ok() });
    for _ in 0..90 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(rig.store.failures_left(Verb::Replace), 0);
    let _ = waiting.await;
    assert_eq!(rig.refreshes(), 1, "the old refresh token was spent twice");
    rig.token_of(&other).await;
    assert_eq!(rig.refreshes(), 1);
}

#[tokio::test(start_paused = true)]
async fn f09_a_store_that_refuses_a_token_is_not_asked_again() {
    let rig = Rig::new(|provider| provider).await;
    rig.clock.advance(LIFETIME);
    rig.store.refuse([Verb::Replace]);
    let before = rig.store.calls(Verb::Replace);
    assert!(rig.api().token().await.is_err());
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(rig.store.calls(Verb::Replace), before + 1);
}

/// Every verb of a store hangs in turn, at a refresh and at a login: the call ends, and the next one works.
#[tokio::test(start_paused = true)]
async fn a27_f09_a_store_that_hangs_holds_no_call_for_ever() {
    for verb in Verb::ALL {
        let rig = Rig::new(|provider| provider).await;
        rig.clock.advance(LIFETIME);
        let gate = rig.store.hold(verb);
        let before = tokio::time::Instant::now();
        let _ = rig.api().token().await;
        rig.sign_in().await;
        let dance = rig.dances.get("op").unwrap();
        let _ = dance.accounts(&Owner::user(7)).await;
        let _ = dance.forget(&Owner::user(8)).await;
        assert!(before.elapsed() < Duration::from_secs(180), "{verb:?}");
        gate.open();
        // Beyond every lease and back-off.
        tokio::time::sleep(Duration::from_secs(120)).await;
        rig.clock.advance(Duration::from_secs(120));
        rig.sign_in().await;
        rig.token().await;
    }
}

#[tokio::test(start_paused = true)]
async fn f06_an_application_asks_for_a_fresh_token() {
    let rig = Rig::new(|provider| provider).await;
    let old = rig.token().await;
    let fresh = rig.api().refresh().await.unwrap();
    assert_ne!(fresh.access_token().secret(), old.access_token().secret());
    assert_eq!(rig.refreshes(), 1);
    let kept = rig.token().await;
    assert_eq!(kept.access_token().secret(), fresh.access_token().secret());
}

/// What `refresh` promises, where refresh tokens rotate and where they stay.
async fn rigs() -> [Rig; 2] {
    [
        Rig::new(|provider| provider).await,
        Rig::new(|provider| provider.rotates_refresh_tokens(false)).await,
    ]
}

#[tokio::test(start_paused = true)]
async fn f03_f04_an_application_asks_for_a_fresh_token_again_and_again() {
    for rig in rigs().await {
        let mut seen = vec![rig.token().await.access_token().secret().to_owned()];
        for _ in 0..6 {
            let fresh = rig.api().refresh().await.unwrap();
            seen.push(fresh.access_token().secret().to_owned());
            rig.clock.advance(Duration::from_secs(1));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), rig.refreshes()), (7, 6));
    }
}

#[tokio::test(start_paused = true)]
async fn f03_f04_a_fresh_token_in_place_of_an_expired_one_is_one_refresh() {
    for rig in rigs().await {
        rig.clock.advance(LIFETIME + Duration::from_secs(1));
        let fresh = rig.api().refresh().await.unwrap();
        let now = oauth_dance::Clock::now(&rig.clock);
        assert!(!fresh.is_expired(now, Duration::ZERO));
        assert_eq!(rig.refreshes(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn f01_f02_fifty_calls_for_a_fresh_token_are_one_refresh() {
    for rig in rigs().await {
        let other = dances(
            &rig.provider,
            &rig.clock,
            &rig.store,
            &rig.signals,
            &rig.keys,
        );
        rig.store.give_way(Verb::Load);
        for round in 1..4 {
            let mut calls = tokio::task::JoinSet::new();
            for number in 0..50 {
                let dances = if number % 2 == 0 { &rig.dances } else { &other };
                let api = dances.get("op").unwrap().api(&Owner::user(7));
                calls.spawn(async move { api.refresh().await.is_ok() });
            }
            assert!(calls.join_all().await.into_iter().all(|done| done));
            assert_eq!(rig.refreshes(), round);
        }
    }
}

/// A way to a store on which every call takes some time.
#[derive(Clone)]
struct Slow {
    store: FaultyStore,
    takes: Duration,
}

impl Slow {
    async fn after<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        tokio::time::sleep(self.takes).await;
        call.await
    }
}

#[async_trait]
impl TokenStore for Slow {
    async fn load(&self, key: &StoreKey) -> Result<Option<StoredToken>, StoreError> {
        self.after(self.store.load(key)).await
    }

    async fn save(&self, key: &StoreKey, sealed: SealedToken) -> Result<Revision, StoreError> {
        self.after(self.store.save(key, sealed)).await
    }

    async fn replace(
        &self,
        key: &StoreKey,
        revision: Revision,
        sealed: SealedToken,
    ) -> Result<Option<Revision>, StoreError> {
        self.after(self.store.replace(key, revision, sealed)).await
    }

    async fn delete(&self, key: &StoreKey) -> Result<bool, StoreError> {
        self.after(self.store.delete(key)).await
    }

    async fn accounts(&self, key: &StoreKey) -> Result<Vec<StoredAccount>, StoreError> {
        self.after(self.store.accounts(key)).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.after(self.store.purge(now)).await
    }

    /// The store has granted the lease for some time when the process hears of it.
    async fn lease(&self, key: &StoreKey, lease: Lease<'_>) -> Result<bool, StoreError> {
        let granted = self.store.lease(key, lease).await;
        self.after(async { granted }).await
    }

    async fn release(&self, key: &StoreKey, holder: &str) -> Result<(), StoreError> {
        self.after(self.store.release(key, holder)).await
    }
}

/// A provider that takes its time.
struct SlowClient<C>(C, Duration);

#[async_trait]
impl<C: HttpClient> HttpClient for SlowClient<C> {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        tokio::time::sleep(self.1).await;
        self.0.send(request, limits).await
    }
}

/// Every call takes a second less than it may.
#[tokio::test(start_paused = true)]
async fn f02_a_lease_outlives_the_refresh_that_it_is_for() {
    const SECOND: Duration = Duration::from_secs(1);
    for (store_deadline, deadline) in [(15, 10), (60, 10), (5, 120)] {
        let [store_deadline, deadline] = [store_deadline, deadline].map(Duration::from_secs);
        for failures in [0, 2] {
            let rig = Rig::new(|provider| provider).await;
            let process = |takes: Duration| {
                let way = Slow {
                    store: rig.store.clone(),
                    takes,
                };
                let client = SlowClient(rig.provider.client(), deadline - SECOND);
                rig.process(way, |dances| {
                    dances
                        .client(client)
                        .store_deadline(store_deadline)
                        .limits(Limits::DEFAULT.with_deadline(deadline))
                })
            };
            let (slow, quick) = (process(store_deadline - SECOND), process(Duration::ZERO));
            rig.clock.advance(LIFETIME);
            rig.store.fail_next(Verb::Replace, failures);
            let leases = rig.store.calls(Verb::Lease);
            let api = |dances: &Dances| dances.get("op").unwrap().api(&Owner::user(7));
            let (first, second) = (api(&slow), api(&quick));
            let first = tokio::spawn(async move { first.token().await.map(drop) });
            while rig.store.calls(Verb::Lease) == leases {
                tokio::time::sleep(SECOND).await;
            }
            // The second process tries for as long as the first one has the lease.
            while !first.is_finished() {
                let _ = second.token().await;
                tokio::time::sleep(SECOND).await;
            }
            assert!(first.await.unwrap().is_ok());
            assert!(second.token().await.is_ok());
            assert_eq!(rig.refreshes(), 1, "{store_deadline:?}, {deadline:?}");
        }
    }
}
