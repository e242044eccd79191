//! Random histories of browsers, compared with a model of what each cookie may see.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use oauth_dance::{
    Authorized, Clock as _, Credentials, Dance, DanceBuilder, DancesBuilder, ListedSession,
    MemorySessionStore, MemoryStore, NewSession, OAUTH_AUTHORIZED, Provider, SessionKey,
    SessionStore, StoreError, StoredSession, Timestamp,
};
use oauth_dance_testkit::Browser;
use oauth_dance_testkit::browser::CookieJar;
use parking_lot::Mutex;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::sync::oneshot;

use self::support::{App, ORIGIN, app_with};

const DANCES: [&str; 3] = ["op", "two", "three"];
const USERS: [&str; 2] = ["7", "8"];

/// Longer than a sign-in is good after another one has taken its place.
const LATER: Duration = Duration::from_secs(31);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A session store that holds every call until it is let through. Clones are the same store.
#[derive(Clone, Default)]
struct GatedSessions {
    kept: MemorySessionStore,
    /// The calls that wait, once the gate is closed.
    waiting: Arc<Mutex<Option<Vec<oneshot::Sender<()>>>>>,
    /// The size of the largest record that was written.
    largest: Arc<Mutex<usize>>,
}

impl GatedSessions {
    fn close(&self) {
        *self.waiting.lock() = Some(Vec::new());
    }

    fn open(&self) {
        *self.waiting.lock() = None;
    }

    /// Lets one of the calls through that wait.
    fn let_one_through(&self, choice: impl FnOnce(usize) -> usize) {
        let mut waiting = self.waiting.lock();
        let waiting = waiting.as_mut().unwrap();
        if !waiting.is_empty() {
            let chosen = waiting.remove(choice(waiting.len()));
            chosen.send(()).unwrap();
        }
    }

    async fn pass(&self) {
        let wait = self.waiting.lock().as_mut().map(|waiting| {
            let (sender, receiver) = oneshot::channel();
            waiting.push(sender);
            receiver
        });
        if let Some(wait) = wait {
            wait.await.unwrap();
        }
    }
}

#[async_trait]
impl SessionStore for GatedSessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<StoredSession>, StoreError> {
        self.pass().await;
        self.kept.load(key).await
    }

    async fn change(
        &self,
        key: &SessionKey,
        before: Option<&[u8]>,
        after: Option<NewSession>,
    ) -> Result<bool, StoreError> {
        self.pass().await;
        if let Some(new) = &after {
            let mut largest = self.largest.lock();
            *largest = (*largest).max(new.sealed.len());
        }
        self.kept.change(key, before, after).await
    }

    async fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<(), StoreError> {
        self.pass().await;
        self.kept.touch(key, now).await
    }

    async fn of_user(
        &self,
        site: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedSession>, StoreError> {
        self.kept.of_user(site, user, now).await
    }

    async fn end_user(
        &self,
        site: &str,
        user: &str,
        except: &[SessionKey],
    ) -> Result<u64, StoreError> {
        self.kept.end_user(site, user, except).await
    }

    async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.kept.purge(now).await
    }
}

/// Three dances, whose receivers sign each login in as its user.
struct Site {
    app: App,
    /// By the state of the callback.
    users: Arc<Mutex<BTreeMap<String, Option<String>>>>,
    sessions: GatedSessions,
    tokens: MemoryStore,
}

fn dance(name: &str) -> DanceBuilder {
    let provider = Provider::oauth2(name, "https://two.test/authorize", "https://two.test/token")
        .api_base("https://two.test/v1");
    Dance::builder(provider).credentials(Credentials::new("id", "secret"))
}

fn state_of(callback: &str) -> &str {
    callback.rsplit_once("state=").unwrap().1
}

fn site(in_store: bool) -> Site {
    let (sessions, tokens) = (GatedSessions::default(), MemoryStore::new());
    let change = |dances: DancesBuilder| {
        let dances = dances
            .with(dance("two"))
            .with(dance("three"))
            .store(tokens.clone());
        if in_store {
            dances.session_store(sessions.clone())
        } else {
            dances
        }
    };
    let app = app_with(|dance| dance, change);
    let users: Arc<Mutex<BTreeMap<String, Option<String>>>> = Arc::default();
    let by_state = Arc::clone(&users);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(move |_: &Dance, login: &Authorized| {
        let uri = login.request().uri.to_string();
        if let Some(Some(user)) = by_state.lock().get(state_of(&uri)) {
            login.sign_in(user);
        }
    });
    Site {
        app,
        users,
        sessions,
        tokens,
    }
}

/// What a browser sees.
#[derive(Debug, Clone, Default, PartialEq)]
struct View {
    /// By dance, the owner of the token.
    owners: BTreeMap<&'static str, String>,
    user: Option<String>,
}

impl Site {
    fn copied(&self, jar: CookieJar) -> Browser {
        let copy = self.app.browser();
        copy.set_jar(jar);
        copy
    }

    async fn view(&self, browser: &Browser) -> View {
        let visit = self.app.visit(browser);
        let mut owners = BTreeMap::new();
        for name in DANCES {
            if let Some(owner) = visit.owner(name).await.unwrap() {
                owners.insert(name, owner.id().to_owned());
            }
        }
        let user = visit.user().await.unwrap().map(str::to_owned);
        View { owners, user }
    }

    /// Begins a login as this user. Returns its callback.
    async fn begin(&self, browser: &Browser, dance: &str, user: Option<&str>) -> String {
        let callback = self.app.callback_of(browser, dance).await;
        let state = state_of(&callback).to_owned();
        self.users.lock().insert(state, user.map(str::to_owned));
        callback
    }

    async fn sign_in(&self, browser: &Browser, dance: &str, user: Option<&str>) {
        let callback = self.begin(browser, dance, user).await;
        self.ask(browser, Method::GET, &callback).await;
    }

    async fn log_out(&self, browser: &Browser, dance: &str) -> HeaderMap {
        let path = format!("/logout/{dance}");
        self.ask(browser, Method::POST, &path).await
    }

    async fn ask(&self, browser: &Browser, method: Method, path: &str) -> HeaderMap {
        let page = self.app.ask(browser, method, path).await;
        assert_eq!(page.status(), 303, "{}", page.text());
        page.headers().clone()
    }

    async fn sign_out_of_all(&self, browser: &Browser) -> HeaderMap {
        let visit = self.app.visit(browser);
        visit.sign_out(&self.app.posted(browser)).await.unwrap();
        self.app.finish(&visit, browser)
    }

    /// The dances that the browser is signed in with, and has no token of.
    async fn tokens_missing(&self, browser: &Browser) -> Vec<&'static str> {
        let visit = self.app.visit(browser);
        let mut missing = Vec::new();
        for name in DANCES {
            let is_signed_in = visit.owner(name).await.unwrap().is_some();
            if is_signed_in && visit.api(name).unwrap().token().await.is_err() {
                missing.push(name);
            }
        }
        missing
    }

    async fn listed(&self, user: &str) -> usize {
        self.app.dances.sessions(user).await.unwrap().len()
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

// ---- one after another

/// What happens next. Dances and users are numbers.
#[derive(Debug, Clone)]
enum Step {
    SignIn(usize, Option<usize>),
    SignOut(usize),
    SignOutOfAll,
    Copy,
    /// A copy of which nothing is good any more signs out, or logs in before that.
    OldCopyActs(Index, Option<(usize, Option<usize>)>),
    EndAll(usize),
    EndOne(usize),
    Seconds(u64),
    Days(u64),
    SetClockBack(u64),
}

fn login() -> impl Strategy<Value = (usize, Option<usize>)> {
    (0..3usize, prop::option::of(0..2usize))
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => login().prop_map(|(dance, user)| Step::SignIn(dance, user)),
        2 => (0..3usize).prop_map(Step::SignOut),
        1 => Just(Step::SignOutOfAll),
        3 => Just(Step::Copy),
        2 => (any::<Index>(), prop::option::of(login()))
            .prop_map(|(copy, login)| Step::OldCopyActs(copy, login)),
        1 => (0..2usize).prop_map(Step::EndAll),
        1 => (0..2usize).prop_map(Step::EndOne),
        2 => (0..100u64).prop_map(Step::Seconds),
        2 => (1..9u64).prop_map(Step::Days),
        1 => (0..5000u64).prop_map(Step::SetClockBack),
    ];
    prop::collection::vec(step, 1..30)
}

struct SignIn {
    dance: &'static str,
    user: Option<&'static str>,
    ends_at: Timestamp,
}

/// The sign-ins of the browser, in the order of the logins.
#[derive(Default)]
struct Model(Vec<SignIn>);

impl Model {
    fn user(&self) -> Option<&'static str> {
        self.0.iter().rev().find_map(|it| it.user)
    }

    fn dances(&self) -> Vec<&'static str> {
        let mut dances: Vec<_> = self.0.iter().map(|it| it.dance).collect();
        dances.sort_unstable();
        dances
    }

    fn sign_in(&mut self, latest: SignIn) {
        self.0.retain(|it| {
            let is_of_another =
                it.user.is_some() && latest.user.is_some() && it.user != latest.user;
            it.dance != latest.dance && !is_of_another
        });
        self.0.push(latest);
    }

    fn sign_out(&mut self, dance: &str) {
        self.0.retain(|it| it.dance != dance);
    }

    fn expire(&mut self, now: Timestamp) {
        self.0.retain(|it| it.ends_at > now);
    }
}

/// A browser, copies of its cookies, and what has to be true of them.
struct History {
    site: Site,
    browser: Browser,
    model: Model,
    /// Each with what it saw when it was made.
    copies: Vec<(Browser, View)>,
    in_store: bool,
    /// The clock is set back in this history, so that no sign-in expires in it.
    is_set_back: bool,
    last_login: Timestamp,
    server_has_ended: bool,
}

impl History {
    fn now(&self) -> Timestamp {
        self.site.app.clock.now()
    }

    fn wait(&mut self, time: Duration) {
        self.site.app.clock.advance(time);
        self.model.expire(self.now());
    }

    /// Whether a sign-in that was replaced may still be good.
    fn is_soon(&self) -> bool {
        self.is_set_back || self.now().since(self.last_login) < LATER
    }

    async fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::SignIn(dance, user) => {
                // Three sign-ins have no room in cookies.
                let dance = DANCES[if self.in_store { dance } else { dance % 2 }];
                let user = user.map(|user| USERS[user]);
                self.site.sign_in(&self.browser, dance, user).await;
                self.last_login = self.now();
                let ends_at = self.now().plus(14 * DAY);
                self.model.sign_in(SignIn {
                    dance,
                    user,
                    ends_at,
                });
            }
            Step::SignOut(dance) => {
                let dance = DANCES[dance];
                self.site.log_out(&self.browser, dance).await;
                self.model.sign_out(dance);
                for (copy, _) in self.copies.iter().filter(|_| self.in_store) {
                    let seen = self.site.view(copy).await;
                    prop_assert!(!seen.owners.contains_key(dance), "{}", dance);
                }
            }
            Step::SignOutOfAll => self.sign_out_of_all().await?,
            Step::Copy => {
                let copy = self.site.copied(self.browser.jar());
                let saw = self.site.view(&copy).await;
                self.copies.push((copy, saw));
            }
            Step::OldCopyActs(copy, login) => self.old_copy_acts(copy, login).await?,
            Step::EndAll(user) => self.end_all(USERS[user]).await?,
            Step::EndOne(user) => self.end_one(USERS[user]).await?,
            Step::Seconds(seconds) => self.wait(Duration::from_secs(seconds)),
            Step::Days(days) if !self.is_set_back => self.wait(DAY * u32::try_from(days).unwrap()),
            Step::Days(_) => {}
            Step::SetClockBack(seconds) => {
                let to = self.now().unix_seconds() - seconds;
                self.site.app.clock.set(Timestamp::from_unix_seconds(to));
            }
        }
        Ok(())
    }

    async fn sign_out_of_all(&mut self) -> Result<(), TestCaseError> {
        self.site.sign_out_of_all(&self.browser).await;
        self.model = Model::default();
        if self.in_store {
            for (copy, _) in &self.copies {
                prop_assert_eq!(self.site.view(copy).await, View::default());
            }
            self.site.sessions.kept.purge(self.now()).await.unwrap();
            prop_assert_eq!(self.site.sessions.kept.len(), 0);
        }
        // Those of users stay, and those of sessions that the server has ended.
        let most = USERS.len() * DANCES.len();
        prop_assert!(self.server_has_ended || self.site.tokens.len() <= most);
        Ok(())
    }

    async fn old_copy_acts(
        &mut self,
        copy: Index,
        login: Option<(usize, Option<usize>)>,
    ) -> Result<(), TestCaseError> {
        if !self.in_store || self.is_set_back || self.copies.is_empty() {
            return Ok(());
        }
        self.wait(LATER);
        let (copy, _) = copy.get(&self.copies);
        // One that a browser without sign-ins has may share its record.
        if self.site.view(copy).await != View::default() || self.model.0.is_empty() {
            return Ok(());
        }
        let copy = self.site.copied(copy.jar());
        if let Some((dance, user)) = login {
            let user = user.map(|user| USERS[user]);
            self.site.sign_in(&copy, DANCES[dance], user).await;
            prop_assert_eq!(self.site.view(&copy).await.owners.len(), 1);
        }
        self.site.sign_out_of_all(&copy).await;
        Ok(())
    }

    /// Ends all sessions of a user. One is theirs also after their sign-in has lapsed, until its record changes.
    async fn end_all(&mut self, user: &str) -> Result<(), TestCaseError> {
        if !self.in_store {
            return Ok(());
        }
        self.server_has_ended = true;
        let is_theirs = self.model.user() == Some(user);
        let ended = self.site.app.dances.end_sessions(user).await.unwrap();
        prop_assert!(ended >= u64::from(is_theirs));
        let has_ended = self.site.view(&self.browser).await == View::default();
        if is_theirs || ended > 0 && has_ended {
            self.model = Model::default();
        }
        for (copy, _) in &self.copies {
            let seen = self.site.view(copy).await;
            prop_assert!(
                seen.user.as_deref() != Some(user),
                "a copy is still {}",
                user
            );
        }
        Ok(())
    }

    async fn end_one(&mut self, user: &str) -> Result<(), TestCaseError> {
        if !self.in_store {
            return Ok(());
        }
        let dances = &self.site.app.dances;
        for it in dances.sessions(user).await.unwrap() {
            self.server_has_ended = true;
            prop_assert!(dances.end_session(user, it.id()).await.unwrap());
            self.model = Model::default();
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), TestCaseError> {
        let (site, user) = (&self.site, self.model.user());
        let seen = site.view(&self.browser).await;
        let mut dances: Vec<_> = seen.owners.keys().copied().collect();
        dances.sort_unstable();
        prop_assert_eq!(dances, self.model.dances());
        prop_assert_eq!(seen.user.as_deref(), user);
        let missing = site.tokens_missing(&self.browser).await;
        prop_assert!(missing.is_empty(), "no token of {:?}", missing);
        for (copy, saw) in &self.copies {
            let sees = site.view(copy).await;
            for (dance, owner) in &sees.owners {
                prop_assert_eq!(
                    saw.owners.get(dance),
                    Some(owner),
                    "a copy sees more than it saw"
                );
            }
            let is_former = sees.user.is_some() && sees.user.as_deref() != user;
            prop_assert!(
                !self.in_store || !is_former || self.is_soon(),
                "the user before"
            );
        }
        if self.in_store {
            self.check_the_store().await?;
        }
        Ok(())
    }

    async fn check_the_store(&self) -> Result<(), TestCaseError> {
        for user in USERS {
            let listed = self.site.listed(user).await;
            let is_theirs = self.model.user() == Some(user);
            // A cookie whose sign-in was replaced is still good.
            let may_be_theirs = listed == 1 && self.is_soon();
            prop_assert!(
                listed == usize::from(is_theirs) || may_be_theirs,
                "{}",
                user
            );
        }
        let jar = self.browser.jar();
        let bytes = jar.iter().map(|it| it.name().len() + it.value().len() + 3);
        prop_assert!(bytes.sum::<usize>() < 768);
        prop_assert!(*self.site.sessions.largest.lock() < 4096);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i01_every_cookie_sees_its_own_sign_in(steps in steps(), in_store in any::<bool>(), gap in prop_oneof![Just(1), Just(31u64)]) {
        run(async {
            let site = site(in_store);
            let mut history = History {
                browser: site.app.browser(),
                model: Model::default(),
                copies: Vec::new(),
                in_store,
                is_set_back: steps.iter().any(|it| matches!(it, Step::SetClockBack(_))),
                last_login: site.app.clock.now(),
                server_has_ended: false,
                site,
            };
            for step in steps {
                history.wait(Duration::from_secs(gap));
                history.take(step).await?;
                history.check().await?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }
}

// ---- at once

#[derive(Debug, Clone)]
enum Act {
    Login(usize, Option<usize>),
    Logout(usize),
    LogoutOfAll,
}

impl Act {
    /// Whether this ends the sign-in with a dance.
    fn ends(&self, dance: &str) -> bool {
        match self {
            Self::Login(..) => false,
            Self::Logout(of) => DANCES[*of] == dance,
            Self::LogoutOfAll => true,
        }
    }
}

/// Logins one after another, and then acts at once: in which order the store does their work, and the browser takes their
/// answers.
#[derive(Debug, Clone)]
struct Case {
    before: Vec<(usize, Option<usize>)>,
    acts: Vec<Act>,
    schedule: Vec<u8>,
    answers: Vec<u8>,
}

fn case_of(act: impl Strategy<Value = Act>) -> impl Strategy<Value = Case> {
    let before = prop::collection::vec(login(), 0..4);
    let acts = prop::collection::vec(act, 2..4);
    let schedule = prop::collection::vec(0..6u8, 40);
    let answers = prop::collection::vec(0..6u8, 3);
    let all = (before, acts, schedule, answers);
    let cases = all.prop_map(|(before, acts, schedule, answers)| Case {
        before,
        acts,
        schedule,
        answers,
    });
    cases.prop_filter("one dance, as two", |case| {
        !case.signs_one_dance_in_as_two()
    })
}

fn logins() -> impl Strategy<Value = Act> {
    login().prop_map(|(dance, user)| Act::Login(dance, user))
}

fn logins_and_logouts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => logins(),
        2 => (0..3usize).prop_map(Act::Logout),
        1 => Just(Act::LogoutOfAll),
    ]
}

impl Case {
    fn logins(&self) -> impl Iterator<Item = (usize, Option<usize>)> + Clone {
        self.acts.iter().filter_map(|it| match it {
            Act::Login(dance, user) => Some((*dance, *user)),
            _ => None,
        })
    }

    /// Of two such callbacks the browser keeps the cookie of one, and it is open of which.
    fn signs_one_dance_in_as_two(&self) -> bool {
        let mut users = BTreeMap::new();
        self.logins()
            .any(|(dance, user)| *users.entry(dance).or_insert(user) != user)
    }

    /// The same with one user.
    fn of_one_user(mut self) -> Self {
        let users = self.before.iter_mut().map(|(_, user)| user);
        let later = self.acts.iter_mut().filter_map(|it| match it {
            Act::Login(_, user) => Some(user),
            _ => None,
        });
        for user in users.chain(later) {
            *user = user.map(|_| 0);
        }
        self
    }
}

/// What has happened in a case, half a minute later.
struct Done {
    site: Arc<Site>,
    browser: Browser,
    /// What the browser saw before.
    saw: View,
    /// What its cookies from before saw right after.
    old: View,
    /// What the browser sees half a minute later.
    seen: View,
    /// The cookies of the browser at all times.
    jars: Vec<CookieJar>,
}

impl Done {
    /// Signs the browser out, and looks whether a cookie that it had is good for anything.
    async fn nothing_is_left(&self) -> Result<(), TestCaseError> {
        self.site.sign_out_of_all(&self.browser).await;
        for jar in &self.jars {
            let copy = self.site.copied(jar.clone());
            prop_assert_eq!(self.site.view(&copy).await, View::default());
        }
        Ok(())
    }
}

async fn done(case: &Case) -> Done {
    let site = Arc::new(site(true));
    let browser = site.app.browser();
    let mut jars = Vec::new();
    for (dance, user) in &case.before {
        let user = user.map(|user| USERS[user]);
        site.sign_in(&browser, DANCES[*dance], user).await;
        site.app.clock.advance(Duration::from_secs(40));
        jars.push(browser.jar());
    }
    let saw = site.view(&browser).await;
    let before = site.copied(browser.jar());
    jars.extend(at_once(&site, &browser, case).await);
    let old = site.view(&before).await;
    site.app.clock.advance(LATER);
    let seen = site.view(&browser).await;
    Done {
        site,
        browser,
        saw,
        old,
        seen,
        jars,
    }
}

/// Does everything at once, and gives the browser the answers. Returns its cookies after each.
async fn at_once(site: &Arc<Site>, browser: &Browser, case: &Case) -> Vec<CookieJar> {
    let mut callbacks = Vec::new();
    for it in &case.acts {
        callbacks.push(match it {
            Act::Login(dance, user) => {
                let user = user.map(|user| USERS[user]);
                site.begin(browser, DANCES[*dance], user).await
            }
            _ => String::new(),
        });
    }
    site.sessions.close();
    let mut tasks = Vec::new();
    for (it, callback) in case.acts.iter().cloned().zip(callbacks) {
        let (site, tab) = (Arc::clone(site), site.copied(browser.jar()));
        tasks.push(tokio::task::spawn_local(async move {
            match it {
                Act::Login(..) => site.ask(&tab, Method::GET, &callback).await,
                Act::Logout(dance) => site.log_out(&tab, DANCES[dance]).await,
                Act::LogoutOfAll => site.sign_out_of_all(&tab).await,
            }
        }));
    }
    let mut schedule = case.schedule.iter().cycle();
    while !tasks.iter().all(tokio::task::JoinHandle::is_finished) {
        // Every task goes on until it waits for the store.
        for _ in 0..30 {
            tokio::task::yield_now().await;
        }
        let sessions = &site.sessions;
        sessions.let_one_through(|waiting| usize::from(*schedule.next().unwrap()) % waiting);
    }
    site.sessions.open();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    let mut jars = Vec::new();
    for index in case.answers.iter().take(answers.len()) {
        let headers = answers.remove(usize::from(*index) % answers.len());
        browser.take_cookies(ORIGIN, &headers).unwrap();
        jars.push(browser.jar());
    }
    jars
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a09_logins_of_one_user_at_once_all_count(case in case_of(logins()).prop_map(Case::of_one_user)) {
        run(async {
            let done = done(&case).await;
            let mut expected: Vec<_> = done.saw.owners.keys().copied().collect();
            expected.extend(case.logins().map(|(dance, _)| DANCES[dance]));
            expected.sort_unstable();
            expected.dedup();
            let mut dances: Vec<_> = done.seen.owners.keys().copied().collect();
            dances.sort_unstable();
            prop_assert_eq!(dances, expected);
            let missing = done.site.tokens_missing(&done.browser).await;
            prop_assert!(missing.is_empty(), "no token of {:?}", missing);
            let listed = done.site.listed("7").await;
            prop_assert_eq!(listed, usize::from(done.seen.user.is_some()));
            done.nothing_is_left().await?;
            prop_assert_eq!(done.site.sessions.kept.len(), 0);
            Ok(())
        })?;
    }

    #[test]
    fn i02_logins_of_two_users_at_once_leave_one_of_them(case in case_of(logins())) {
        run(async {
            let done = done(&case).await;
            let mut users = case.logins().filter_map(|(_, user)| user.map(|user| USERS[user]));
            if let Some(user) = &done.seen.user {
                let is_new = users.clone().any(|it| it == user);
                prop_assert!(is_new || users.next().is_none(), "the user before: {}", user);
            }
            done.site.sign_out_of_all(&done.browser).await;
            // Of callbacks at once with one dance, the browser has the cookie of one. A list still has what the other began.
            for user in USERS {
                done.site.app.dances.end_sessions(user).await.unwrap();
            }
            for jar in &done.jars {
                let copy = done.site.copied(jar.clone());
                prop_assert_eq!(done.site.view(&copy).await.user, None);
            }
            Ok(())
        })?;
    }

    #[test]
    fn i17_what_ends_at_once_with_logins_stays_ended(case in case_of(logins_and_logouts())) {
        run(async {
            let done = done(&case).await;
            for (dance, owner) in &done.old.owners {
                prop_assert_eq!(done.saw.owners.get(dance), Some(owner));
            }
            for it in &case.acts {
                for dance in DANCES.into_iter().filter(|dance| it.ends(dance)) {
                    prop_assert!(!done.old.owners.contains_key(dance), "an old cookie sees {}", dance);
                    let logs_in = case.logins().any(|(of, _)| DANCES[of] == dance);
                    prop_assert!(logs_in || !done.seen.owners.contains_key(dance), "{} is back", dance);
                }
            }
            Ok(())
        })?;
    }
}
