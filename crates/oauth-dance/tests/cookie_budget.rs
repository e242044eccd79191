//! All cookies of the dance together leave room in the 8 KiB that servers take, whatever a browser does.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use oauth_dance::{
    Authorized, ClientError, Credentials, Dance, Dances, DancesBuilder, HttpClient, Key, Limits,
    MemoryPendingStore, MemorySessionStore, MemoryStore, OAUTH_AUTHORIZED, OAUTH_REJECTED,
    Provider, RejectReason, Rejected,
};
use oauth_dance_suites::{FaultyStore, Verb};
use oauth_dance_testkit::Browser;
use parking_lot::Mutex;
use proptest::prelude::*;
use std::sync::Arc;

use self::support::{App, ORIGIN, Op, app, app_with};

/// What servers take is 8 KiB, and the application's own cookies need some of it.
const ALL: usize = 7680;
const ORDINARY: usize = 3 * 1024;
/// The share of sessions and messages.
const STANDING: usize = 768;

/// A provider whose tokens are as long as it is told.
#[derive(Clone, Default)]
struct Tokens {
    op: Op,
    chars: Arc<Mutex<usize>>,
}

#[async_trait]
impl HttpClient for Tokens {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        if request.uri().path() != "/token" {
            return self.op.send(request, limits).await;
        }
        let id_token = "i".repeat(3000);
        let token = "t".repeat(*self.chars.lock());
        let body = format!(
            r#"{{"access_token":"{token}","refresh_token":"r","token_type":"bearer","id_token":"{id_token}"}}"#
        );
        let mut response = Response::new(Bytes::from(body));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        Ok(response)
    }
}

/// An application with three dances whose tokens are kept in cookies.
fn site(tokens: &Tokens) -> App {
    let app = app();
    let dance = |name: &str| {
        let provider = Provider::oauth2(name, "https://op.test/authorize", "https://op.test/token");
        Dance::builder(provider.api_base("https://op.test/v1"))
            .credentials(Credentials::new("id", "secret"))
    };
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(tokens.clone())
        .clock(app.clock.clone())
        .signals(app.signals.clone())
        .with(dance("op"))
        .with(dance("two"))
        .with(dance("three"))
        .build()
        .unwrap();
    App { dances, ..app }
}

/// How many bytes the dance's cookies take of a `Cookie` header.
fn bytes(browser: &Browser) -> usize {
    let jar = browser.jar();
    let ours = jar
        .iter()
        .filter(|cookie| cookie.name().starts_with("__Host-"));
    ours.map(|cookie| cookie.name().len() + cookie.value().len() + 3)
        .sum()
}

/// How many bytes sessions and messages take.
fn standing(browser: &Browser) -> usize {
    let jar = browser.jar();
    let standing = jar
        .iter()
        .filter(|cookie| cookie.name().contains("session") || cookie.name().contains("flash"));
    standing
        .map(|cookie| cookie.name().len() + cookie.value().len() + 3)
        .sum()
}

async fn begin(app: &App, browser: &Browser, path: &str) -> String {
    let begun = app.ask(browser, Method::GET, path).await;
    assert_eq!(begun.status(), 303, "{path:.40}");
    let to = begun.location().unwrap();
    let (_, state) = to.query_pairs().find(|(name, _)| name == "state").unwrap();
    let dance = path.split(['/', '?']).nth(2).unwrap();
    format!("/login/{dance}/authorized?code=code&state={state}")
}

/// How many of the logins that were begun in turn finish.
async fn finished(app: &App, browser: &Browser, logins: usize, next: &str) -> usize {
    let mut callbacks = Vec::new();
    for _ in 0..logins {
        callbacks.push(begin(app, browser, &format!("/login/op?next={next}")).await);
        assert!(bytes(browser) < ALL, "{} bytes", bytes(browser));
    }
    let mut finished = 0;
    for callback in callbacks {
        let page = app.ask(browser, Method::GET, &callback).await;
        finished += usize::from(page.status() == StatusCode::SEE_OTHER);
    }
    finished
}

/// The longest `next` that is taken.
fn longest() -> String {
    format!("/{}", "n".repeat(oauth_dance::Next::MAX_BYTES - 1))
}

#[tokio::test]
async fn g10_four_logins_begun_in_turn_finish_beside_a_large_token() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 2600;
    let app = site(&tokens);
    let browser = app.browser();
    app.sign_in(&browser, "two").await;
    assert!(bytes(&browser) > 3600, "{} bytes", bytes(&browser));
    assert_eq!(finished(&app, &browser, 4, "/documents/7?tab=2").await, 4);
    assert_eq!(finished(&app, &browser, 1, &longest()).await, 1);
}

#[tokio::test]
async fn g10_nine_logins_begun_in_turn_finish_without_tokens_in_cookies() {
    for in_store in [false, true] {
        let app = app_with(
            |dance| dance,
            |dances| {
                let dances = dances.store(MemoryStore::new());
                if in_store {
                    dances.pending_store(MemoryPendingStore::new())
                } else {
                    dances
                }
            },
        );
        let browser = app.browser();
        assert_eq!(finished(&app, &browser, 9, "/documents/7").await, 9);
    }
}

#[tokio::test]
async fn g10_the_longest_next_always_fits_and_takes_the_place_of_others() {
    let app = app();
    let browser = app.browser();
    let small = begin(&app, &browser, "/login/op").await;
    let large = begin(&app, &browser, &format!("/login/op?next={}", longest())).await;
    assert!(bytes(&browser) < ALL);
    let done = app.ask(&browser, Method::GET, &large).await;
    assert_eq!(done.location().unwrap().path(), longest());
    // The small one may have stayed.
    app.ask(&browser, Method::GET, &small).await;
    assert!(
        !browser
            .jar()
            .iter()
            .any(|cookie| cookie.name().contains("login")),
        "a part was left"
    );
}

#[tokio::test]
async fn g10_an_ordinary_application_has_few_cookies() {
    let app = app();
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    visit.flash("Signed in successfully with The provider!");
    app.finish(&visit, &browser);
    begin(&app, &browser, "/login/op?next=/documents").await;
    assert!(bytes(&browser) < ORDINARY, "{} bytes", bytes(&browser));
}

/// The pending store, if there is one, and the rest of the application.
fn rooms() -> [App; 2] {
    let stored = |dances: DancesBuilder| dances.pending_store(MemoryPendingStore::new());
    [app(), app_with(|dance| dance, stored)]
}

#[tokio::test]
async fn a10_a_login_that_gave_way_to_later_ones_is_told_so() {
    for app in rooms() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&heard);
        let signal = app.signals.of(&OAUTH_REJECTED);
        signal.connect(move |_: &Dance, rejected: &Rejected| to.lock().push(rejected.reason()));
        let browser = app.browser();
        let first = begin(&app, &browser, "/login/op").await;
        // A second apart, so that the first is the oldest.
        for _ in 0..4 {
            app.clock.advance(Duration::from_secs(1));
            begin(&app, &browser, "/login/op").await;
        }
        let page = app.ask(&browser, Method::GET, &first).await;
        assert_eq!(page.status(), 400);
        assert!(page.text().contains("given way"), "{}", page.text());
        assert_eq!(*heard.lock(), [RejectReason::GivenUp]);
    }
}

/// Tabs that are restored at once begin logins with the same cookies, and the responses come in any order.
#[tokio::test]
async fn a10_tabs_restored_at_once_leave_as_many_cookies_as_there_are_slots() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 2600;
    for app in rooms().into_iter().chain([site(&tokens)]) {
        for next in ["/".to_owned(), longest()] {
            let browser = app.browser();
            app.sign_in(&browser, "op").await;
            let before = browser.jar();
            let mut responses = Vec::new();
            for tab in 0..40 {
                let tab_browser = app.browser();
                tab_browser.set_jar(before.clone());
                // Some with a long address, some with a short one.
                let next = if tab % 3 == 0 { "/" } else { &next };
                let begun = app
                    .ask(&tab_browser, Method::GET, &format!("/login/op?next={next}"))
                    .await;
                responses.push(begun.headers().clone());
            }
            for headers in responses {
                browser.take_cookies(ORIGIN, &headers).unwrap();
                assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
            }
        }
    }
}

/// As many logins as can be pending, with as many dances, are answered at once. Each callback sets a cookie, and knows
/// of no other.
#[tokio::test]
async fn g10_callbacks_at_once_leave_little_more_than_their_pending_logins_did() {
    const DANCES: usize = 9;
    let names: Vec<String> = (0..DANCES)
        .map(|number| format!("dance-{number}"))
        .collect();
    let app = app_with(
        |dance| dance,
        |dances| {
            let dance = |name| {
                let authorize = "https://op.test/authorize";
                let provider = Provider::oauth2(name, authorize, "https://op.test/token");
                Dance::builder(provider.api_base("https://op.test/v1"))
                    .credentials(Credentials::new("id", "secret"))
            };
            let dances = names.iter().fold(dances, |it, name| it.with(dance(name)));
            let dances = dances.store(MemoryStore::new());
            dances.session_store(MemorySessionStore::new())
        },
    );
    let browser = app.browser();
    for _round in 0..3 {
        let mut callbacks = Vec::new();
        for name in &names {
            let next = "n".repeat(1200 / DANCES);
            callbacks.push(begin(&app, &browser, &format!("/login/{name}?next=/{next}")).await);
            assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
        }
        let before = browser.jar();
        let mut answers = Vec::new();
        for callback in callbacks {
            let tab = app.browser();
            tab.set_jar(before.clone());
            answers.push(app.ask(&tab, Method::GET, &callback).await);
        }
        for answer in answers {
            assert_eq!(answer.status(), 303);
            browser.take_cookies(ORIGIN, answer.headers()).unwrap();
            assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
        }
        app.clock.advance(Duration::from_secs(60));
    }
    app.sign_in(&browser, &names[0]).await;
    assert!(standing(&browser) <= STANDING, "{}", standing(&browser));
}

/// With names of any length, tokens in cookies or in a store, and pages that need a login opened after the callbacks.
#[tokio::test]
async fn g10_logins_begun_after_callbacks_at_once_fit_beside_their_sessions() {
    let longest_namespace = "n".repeat(32);
    for (length, namespace, tokens_in_cookies, at_once) in [
        (6, "od", false, 9),
        (64, "od", false, 9),
        (64, &*longest_namespace, false, 9),
        (6, "od", true, 4),
        (64, "od", true, 4),
    ] {
        let names: Vec<String> = (0..at_once)
            .map(|number| format!("{}{number}", "d".repeat(length - 1)))
            .collect();
        let app = app_with(
            |dance| dance,
            |dances| {
                let dance = |name| {
                    let authorize = "https://op.test/authorize";
                    let provider = Provider::oauth2("p", authorize, "https://op.test/token");
                    Dance::builder(provider.api_base("https://op.test/v1"))
                        .name(name)
                        .credentials(Credentials::new("id", "secret"))
                };
                let dances = names.iter().fold(dances, |it, name| it.with(dance(name)));
                let dances = dances.cookie_namespace(namespace);
                let dances = dances.session_store(MemorySessionStore::new());
                if tokens_in_cookies {
                    dances
                } else {
                    dances.store(MemoryStore::new())
                }
            },
        );
        let browser = app.browser();
        for round in 0..2 {
            let mut callbacks = Vec::new();
            for name in &names {
                callbacks.push(app.callback_of(&browser, name).await);
            }
            let before = browser.jar();
            let mut answers = Vec::new();
            for callback in callbacks {
                let tab = app.browser();
                tab.set_jar(before.clone());
                answers.push(app.ask(&tab, Method::GET, &callback).await);
            }
            // Beside the sessions of the first round, one login may have less than its slot.
            let given_up = answers.iter().filter(|it| it.status() != 303).count();
            assert!(given_up <= round, "{given_up} logins");
            for answer in answers {
                browser.take_cookies(ORIGIN, answer.headers()).unwrap();
                assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
            }
            let finished = browser.jar();
            for _ in 0..4 {
                begin(
                    &app,
                    &browser,
                    &format!("/login/{}?next={}", names[0], longest()),
                )
                .await;
                assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
            }
            browser.set_jar(finished);
            app.clock.advance(Duration::from_secs(60));
        }
    }
}

/// Sessions in cookies, of a user with an identifier of this length: the logins that no longer fit give way.
#[tokio::test]
async fn g10_logins_begun_after_callbacks_at_once_fit_beside_long_sessions() {
    const DANCES: usize = 9;
    let names: Vec<String> = (0..DANCES).map(|it| format!("dance-{it}")).collect();
    for length in [36, 100, 255] {
        let app = app_with(
            |dance| dance,
            |dances| {
                let dance = |name| {
                    let authorize = "https://op.test/authorize";
                    let provider = Provider::oauth2(name, authorize, "https://op.test/token");
                    Dance::builder(provider.api_base("https://op.test/v1"))
                        .credentials(Credentials::new("id", "secret"))
                };
                let dances = names.iter().fold(dances, |it, name| it.with(dance(name)));
                dances.store(MemoryStore::new())
            },
        );
        let user = "u".repeat(length);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| login.sign_in(&user));
        let browser = app.browser();
        let mut callbacks = Vec::new();
        for name in &names {
            callbacks.push(app.callback_of(&browser, name).await);
        }
        let before = browser.jar();
        for callback in callbacks {
            let tab = app.browser();
            tab.set_jar(before.clone());
            let answer = app.ask(&tab, Method::GET, &callback).await;
            browser.take_cookies(ORIGIN, answer.headers()).unwrap();
        }
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&told);
        let signal = app.signals.of(&OAUTH_REJECTED);
        signal.connect(move |_: &Dance, rejected: &Rejected| tell.lock().push(rejected.reason()));
        let path = format!("/login/dance-0?next=/{}", "n".repeat(330));
        // Tabs that are restored at once.
        let signed_in = browser.jar();
        for _ in 0..40 {
            let tab = app.browser();
            tab.set_jar(signed_in.clone());
            let begun = app.ask(&tab, Method::GET, &path).await;
            browser.take_cookies(ORIGIN, begun.headers()).unwrap();
            assert!(bytes(&browser) <= ALL, "{} bytes", bytes(&browser));
        }
        browser.set_jar(signed_in);
        let mut begun = Vec::new();
        for _ in 0..DANCES {
            begun.push(begin(&app, &browser, &path).await);
            assert!(bytes(&browser) <= ALL, "{} bytes", bytes(&browser));
            // So that the earlier one is the older one.
            app.clock.advance(Duration::from_secs(1));
        }
        app.ask(&browser, Method::GET, &begun[0]).await;
        assert_eq!(*told.lock(), [RejectReason::GivenUp], "{length}");
        for callback in begun.iter().rev().take(2) {
            let page = app.ask(&browser, Method::GET, callback).await;
            assert_eq!(page.status(), 303, "{length}");
        }
        assert!(standing(&browser) <= STANDING, "{}", standing(&browser));
    }
}

/// It has the slots that it needs, and no other login does.
#[tokio::test]
async fn g10_a_login_finishes_also_in_a_browser_that_has_no_room_for_any() {
    let app = app();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let signal = app.signals.of(&OAUTH_REJECTED);
    signal.connect(move |_: &Dance, rejected: &Rejected| tell.lock().push(rejected.reason()));
    let browser = app.browser();
    let rubbish = "x".repeat(ALL);
    browser.change_jar(|jar| jar.plant("app.test", "__Host-od-session-x", &rubbish));
    let of_another = app.callback(&app.browser()).await;
    app.ask(&browser, Method::GET, &of_another).await;
    assert_eq!(*told.lock(), [RejectReason::NoPendingLogin]);
    let first = begin(&app, &browser, "/login/op").await;
    let second = begin(&app, &browser, "/login/op").await;
    app.ask(&browser, Method::GET, &first).await;
    assert_eq!(told.lock()[1..], [RejectReason::GivenUp]);
    let large = begin(&app, &browser, &format!("/login/op?next={}", longest())).await;
    app.ask(&browser, Method::GET, &second).await;
    assert_eq!(told.lock()[2..], [RejectReason::GivenUp]);
    let done = app.ask(&browser, Method::GET, &large).await;
    assert_eq!(done.location().unwrap().path(), longest());
}

/// The `Cookie` header of a browser, with `before` in front of it.
fn with_cookies(browser: &Browser, before: &str, path: &str) -> Request<Bytes> {
    let jar = browser.jar();
    let ours = jar
        .iter()
        .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
        .collect::<Vec<_>>()
        .join("; ");
    Request::get(format!("{ORIGIN}{path}"))
        .header(COOKIE, format!("{before}; {ours}"))
        .body(Bytes::new())
        .unwrap()
}

#[tokio::test]
async fn g13_cookies_of_others_hide_none_of_ours() {
    let app = app();
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    let foreign = format!("app={}", "x".repeat(200 * 1024));
    let request = with_cookies(&browser, &foreign, &callback);
    assert_eq!(app.dances.handle(request).await.status(), 303);
}

#[tokio::test]
async fn a13_repeated_cookies_cost_a_few_calls_of_the_store() {
    let store = FaultyStore::new(MemoryPendingStore::new());
    let kept = store.clone();
    let app = app_with(|dance| dance, move |dances| dances.pending_store(kept));
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    let jar = browser.jar();
    let ours = jar
        .iter()
        .find(|cookie| cookie.name().contains("login"))
        .unwrap();
    let (header, binding) = ours.value().rsplit_once('.').unwrap();
    for slots in [1, 4, 9] {
        let before = store.calls(Verb::Take);
        let planted: Vec<String> = (0..1400)
            .map(|n| format!("__Host-od-login-{}={header}.{n}", n % slots))
            .collect();
        let request = with_cookies(&app.browser(), &planted.join("; "), &callback);
        assert_eq!(app.dances.handle(request).await.status(), 400);
        let calls = store.calls(Verb::Take) - before;
        assert!(calls <= 4, "{calls} calls for {slots} slots");
    }
    // The one whose content is right still finishes.
    assert_eq!(binding.len(), 43);
    let request = with_cookies(&browser, "a=b", &callback);
    assert_eq!(app.dances.handle(request).await.status(), 303);
}

/// What names and binds a pending login is its state and the content of its cookie, in both rooms.
#[tokio::test]
async fn a04_a_login_is_bound_by_the_content_of_its_cookie() {
    for app in rooms() {
        let (first, second) = (app.browser(), app.browser());
        let of_first = app.callback(&first).await;
        let of_second = app.callback(&second).await;
        let slot = |browser: &Browser| {
            let jar = browser.jar();
            let cookie = jar.iter().find(|cookie| cookie.name().contains("login"));
            let cookie = cookie.unwrap();
            (cookie.name().to_owned(), cookie.value().to_owned())
        };
        let ((name, value), (_, other)) = (slot(&first), slot(&second));
        let (clear, payload) = value.rsplit_once('.').unwrap();
        let (other_clear, other_payload) = other.rsplit_once('.').unwrap();
        // The content of another login under the clear text of this one, the reverse, and a change.
        let changed = payload.replacen(char::is_alphanumeric, "-", 1);
        for (forged, callback) in [
            (format!("{clear}.{other_payload}"), &of_first),
            (format!("{other_clear}.{payload}"), &of_second),
            (format!("{clear}.{changed}"), &of_first),
        ] {
            let request = with_cookies(&app.browser(), &format!("{name}={forged}"), callback);
            assert_eq!(app.dances.handle(request).await.status(), 400);
        }
        // Both logins are still there, each for its own browser.
        for (browser, callback) in [(&first, &of_first), (&second, &of_second)] {
            let page = app.ask(browser, Method::GET, callback).await;
            assert_eq!(page.status(), 303);
        }
    }
}

#[tokio::test]
async fn g10_a_token_that_has_no_room_beside_others_is_refused_and_they_stay() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 1200;
    let app = site(&tokens);
    let browser = app.browser();
    app.sign_in(&browser, "op").await;
    app.sign_in(&browser, "two").await;
    *tokens.chars.lock() = 2000;
    app.sign_in(&browser, "three").await;
    let visit = app.visit(&browser);
    assert!(visit.owner("three").await.unwrap().is_none());
    assert!(visit.api("op").unwrap().token().await.is_ok());
    assert!(bytes(&browser) < ALL);
}

/// One thing that a browser does.
#[derive(Debug, Clone)]
enum Action {
    Begin { dance: usize, next: usize },
    Finish { which: usize },
    Cancel { which: usize },
    SignIn { dance: usize, token: usize },
    SignOut { dance: usize },
    Flash { chars: usize },
    Read,
    Wait { seconds: u64 },
}

fn action() -> impl Strategy<Value = Action> {
    let next = prop_oneof![1..40_usize, Just(oauth_dance::Next::MAX_BYTES)];
    prop_oneof![
        (0..3_usize, next).prop_map(|(dance, next)| Action::Begin { dance, next }),
        (0..8_usize).prop_map(|which| Action::Finish { which }),
        (0..8_usize).prop_map(|which| Action::Cancel { which }),
        (0..3_usize, 10..3000_usize).prop_map(|(dance, token)| Action::SignIn { dance, token }),
        (0..3_usize).prop_map(|dance| Action::SignOut { dance }),
        (1..600_usize).prop_map(|chars| Action::Flash { chars }),
        Just(Action::Read),
        (1..700_u64).prop_map(|seconds| Action::Wait { seconds }),
    ]
}

const NAMES: [&str; 3] = ["op", "two", "three"];

async fn act(app: &App, tokens: &Tokens, browser: &Browser, begun: &mut Vec<String>, it: Action) {
    match it {
        Action::Begin { dance, next } => {
            let next = format!("/{}", "n".repeat(next - 1));
            begun.push(
                begin(
                    app,
                    browser,
                    &format!("/login/{}?next={next}", NAMES[dance]),
                )
                .await,
            );
        }
        Action::Finish { which } => {
            if let Some(callback) = begun.get(which) {
                app.ask(browser, Method::GET, callback).await;
            }
        }
        Action::Cancel { which } => {
            if let Some(callback) = begun.get(which) {
                let denied = callback.replace("code=code", "error=access_denied");
                app.ask(browser, Method::GET, &denied).await;
            }
        }
        Action::SignIn { dance, token } => {
            *tokens.chars.lock() = token;
            let callback = begin(app, browser, &format!("/login/{}", NAMES[dance])).await;
            app.ask(browser, Method::GET, &callback).await;
        }
        Action::SignOut { dance } => {
            let path = format!("/logout/{}", NAMES[dance]);
            app.ask(browser, Method::POST, &path).await;
        }
        Action::Flash { chars } => {
            let visit = app.visit(browser);
            visit.flash("f".repeat(chars));
            app.finish(&visit, browser);
        }
        Action::Read => {
            let visit = app.visit(browser);
            let _ = visit.take_flashes();
            app.finish(&visit, browser);
        }
        Action::Wait { seconds } => app.clock.advance(Duration::from_secs(seconds)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn g10_whatever_a_browser_does_its_cookies_stay_small(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let tokens = Tokens::default();
            let app = site(&tokens);
            let signal = app.signals.of(&OAUTH_AUTHORIZED);
            signal.connect(|_: &Dance, login: &Authorized| {
                login.sign_in("4f6c1c5e-3d8b-4a54-9d57-6b6b1c2d3e4f");
                login.flash("Signed in successfully!");
            });
            let browser = app.browser();
            let mut begun = Vec::new();
            for it in actions {
                act(&app, &tokens, &browser, &mut begun, it).await;
                assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
            }
        });
    }
}

/// A message has the room that the sessions leave, and a long one is cut rather than lost.
#[tokio::test]
async fn g10_a_long_message_is_cut_to_its_room() {
    let app = app();
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    visit.flash("\u{1f980}".repeat(oauth_dance::Flash::MAX_CHARS));
    let headers: HeaderMap = app.finish(&visit, &browser);
    assert_eq!(headers.get_all(SET_COOKIE).iter().count(), 1);
    let left = app.visit(&browser).take_flashes();
    assert!(left[0].text().chars().count() > 40);
}

/// The cookie that announces a session takes its room beside those of sessions that have ended.
#[tokio::test]
async fn g10_a_message_that_waits_makes_room_for_the_cookie_of_a_login() {
    const MARK: usize = 114;
    let sessions = MemorySessionStore::new();
    let app = app_with(|dance| dance, |dances| dances.session_store(sessions));
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| login.sign_in("7"));
    let browser = app.signed_in().await;
    app.dances.end_sessions(7).await.unwrap();
    let visit = app.visit(&browser);
    visit.flash("f".repeat(oauth_dance::Flash::MAX_CHARS));
    app.finish(&visit, &browser);
    begin(&app, &browser, "/login/op").await;
    let jar = browser.jar();
    let announces = jar.get("__Host-od-browser").unwrap();
    let announces = announces.name().len() + announces.value().len() + 3;
    let taken = standing(&browser) + announces + MARK;
    assert!(taken <= STANDING, "{taken} bytes");
    assert_eq!(app.visit(&browser).take_flashes().len(), 1);
}

/// The session that begins in the response that brings the message counts already.
#[tokio::test]
async fn g10_a_long_message_leaves_room_for_the_session_that_begins_with_it() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 40;
    let app = site(&tokens);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| {
        login.sign_in("4f6c1c5e-3d8b-4a54-9d57-6b6b1c2d3e4f");
        login.flash("f".repeat(600));
    });
    let browser = app.browser();
    for dance in NAMES {
        app.sign_in(&browser, dance).await;
        let standing = standing(&browser);
        assert!(standing <= STANDING, "{standing} bytes after {dance}");
    }
    assert_eq!(app.visit(&browser).take_flashes().len(), 1);
}

/// A message that waits makes room for a session that begins later, and else is left as it is.
#[tokio::test]
async fn g10_a_message_that_waits_is_written_anew_only_to_make_room() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 40;
    let app = site(&tokens);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, login: &Authorized| {
        login.sign_in("4f6c1c5e-3d8b-4a54-9d57-6b6b1c2d3e4f");
    });
    let browser = app.browser();
    let visit = app.visit(&browser);
    visit.flash("f".repeat(600));
    assert_eq!(
        app.finish(&visit, &browser)
            .get_all(SET_COOKIE)
            .iter()
            .count(),
        1
    );
    let visit = app.visit(&browser);
    assert_eq!(
        app.finish(&visit, &browser)
            .get_all(SET_COOKIE)
            .iter()
            .count(),
        0
    );

    for dance in NAMES {
        app.sign_in(&browser, dance).await;
        // The next page sees what the login has left.
        let visit = app.visit(&browser);
        app.finish(&visit, &browser);
        let standing = standing(&browser);
        assert!(standing <= STANDING, "{standing} bytes after {dance}");
    }
}

/// A browser drops a cookie of more than 4096 bytes, and a login without one would go round.
#[tokio::test]
async fn g10_a_session_that_has_no_room_in_a_cookie_is_refused() {
    let app = app_with(
        |dance| dance,
        |dances| dances.store(oauth_dance::MemoryStore::new()),
    );
    let users = Arc::new(Mutex::new((String::new(), String::new())));
    let next = Arc::clone(&users);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(move |_: &Dance, login: &Authorized| {
        let (user, owner) = next.lock().clone();
        login.sign_in(user);
        login.store_for(owner);
    });
    for (user, owner, fits) in [
        ("u".repeat(255), "u".repeat(255), true),
        ("u".repeat(100), "v".repeat(100), true),
        ("u".repeat(255), "v".repeat(255), false),
        // A control character takes six bytes.
        ("\u{1}".repeat(254) + "u", "u".repeat(255), false),
    ] {
        *users.lock() = (user, owner);
        let browser = app.browser();
        let callback = app.callback(&browser).await;
        let page = app.ask(&browser, Method::GET, &callback).await;
        assert_eq!(page.status(), 303);
        let user = app.visit(&browser).user().await.unwrap().is_some();
        assert_eq!(user, fits);
        assert!(
            standing(&browser) <= STANDING,
            "{} bytes",
            standing(&browser)
        );
    }
}

/// Of all users whose identifiers are a byte longer than that of the one before.
#[tokio::test]
async fn g10_the_longest_session_cookie_takes_its_room_to_the_byte() {
    let app = app_with(
        |dance| dance,
        |dances| dances.store(oauth_dance::MemoryStore::new()),
    );
    let length = Arc::new(AtomicUsize::new(0));
    let next = Arc::clone(&length);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(move |_: &Dance, login: &Authorized| {
        login.sign_in("u".repeat(next.load(Ordering::Relaxed)));
        login.store_for("v".repeat(255));
    });
    let mut longest = 0;
    for chars in 1..=255 {
        length.store(chars, Ordering::Relaxed);
        let browser = app.browser();
        app.sign_in(&browser, "op").await;
        longest = longest.max(standing(&browser));
    }
    // Beside it, a browser may have the mark of a login that came to nothing.
    assert_eq!(longest, STANDING - 114);
}

/// Tabs that were restored: the callbacks of three dances at once, each with a token that is half of the room.
#[tokio::test]
async fn g10_tokens_that_come_at_once_stay_in_their_room() {
    let tokens = Tokens::default();
    let app = site(&tokens);
    for (chars, all_fit) in [(40, true), (300, true), (1500, false)] {
        *tokens.chars.lock() = chars;
        let browser = app.browser();
        let mut callbacks = Vec::new();
        for dance in NAMES {
            callbacks.push(begin(&app, &browser, &format!("/login/{dance}")).await);
        }
        let before = browser.jar();
        let mut answers = Vec::new();
        for callback in callbacks {
            let tab = app.browser();
            tab.set_jar(before.clone());
            let answer = app.ask(&tab, Method::GET, &callback).await;
            assert_eq!(answer.status(), 303);
            answers.push(answer);
        }
        for answer in answers {
            browser.take_cookies(ORIGIN, answer.headers()).unwrap();
            assert!(bytes(&browser) < ALL, "{} bytes", bytes(&browser));
        }
        let visit = app.visit(&browser);
        for dance in NAMES {
            let token = visit.api(dance).unwrap().token().await;
            // What another one has overwritten is absent, and the last one is whole.
            let is_whole = all_fit || dance == "three";
            assert!(token.is_ok() || !is_whole, "{dance}, {chars} characters");
        }
    }
}

/// A token in cookies goes with its sign-in: when another user signs in, and not when another dance does.
#[tokio::test]
async fn i02_a_token_in_cookies_goes_with_its_sign_in() {
    for (first, second, stays) in [
        (Some("7"), Some("7"), true),
        (None, Some("7"), true),
        (Some("7"), None, true),
        (None, None, true),
        (Some("7"), Some("8"), false),
    ] {
        let tokens = Tokens::default();
        *tokens.chars.lock() = 40;
        let app = site(&tokens);
        let next_user = Arc::new(Mutex::new(first));
        let user = Arc::clone(&next_user);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| {
            if let Some(user) = *user.lock() {
                login.sign_in(user);
            }
        });
        let browser = app.browser();
        app.sign_in(&browser, "op").await;
        *next_user.lock() = second;
        app.sign_in(&browser, "two").await;
        let names = browser.jar();
        let held = names
            .iter()
            .filter(|it| it.name().contains("token"))
            .count();
        assert_eq!(held, 1 + usize::from(stays), "{first:?} {second:?}");
        let visit = app.visit(&browser);
        assert!(visit.api("two").unwrap().token().await.is_ok());
        let token = visit.api("op").unwrap().token().await;
        assert_eq!(token.is_ok(), stays, "{first:?} {second:?}");
    }
}

/// The token of the second one is put where that of the first was, whose sign-in ends in the same answer.
#[tokio::test]
async fn i02_the_token_of_the_next_user_stays_in_the_slots_of_the_one_before() {
    for chars in [900, 2600] {
        let tokens = Tokens::default();
        *tokens.chars.lock() = chars;
        let app = site(&tokens);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(|dance: &Dance, login: &Authorized| login.sign_in(dance.name()));
        let browser = app.browser();
        for dance in NAMES {
            app.sign_in(&browser, dance).await;
            let visit = app.visit(&browser);
            assert_eq!(visit.user().await.unwrap(), Some(dance));
            let token = visit.api(dance).unwrap().token().await;
            assert!(token.is_ok(), "{dance}, {chars} characters");
        }
    }
}

/// A page that needs more sign-ins than cookies have room for is no loop: the browser is asked for a click.
#[tokio::test]
async fn c07_a_page_that_needs_more_sign_ins_than_fit_does_not_go_round() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 40;
    for (user, all_fit) in [("7".to_owned(), true), ("u".repeat(80), false)] {
        let app = site(&tokens);
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, login: &Authorized| login.sign_in(&user));
        let browser = app.browser();
        let mut logins = 0;
        let status = loop {
            let visit = app.visit(&browser);
            let mut required = None;
            for dance in ["op", "two"] {
                let token = visit.api(dance).unwrap().token().await;
                required = required.or(token.err());
            }
            let Some(required) = required else { break 200 };
            let required = required.as_login_required().unwrap();
            let response = oauth_dance::leaf::login_required(&visit, required).await;
            app.finish(&visit, &browser);
            if response.status() != 303 {
                break response.status().as_u16();
            }
            logins += 1;
            assert!(logins < 5, "it goes round");
            app.sign_in(&browser, required.dance()).await;
            app.clock.advance(Duration::from_secs(11));
        };
        assert_eq!(status, if all_fit { 200 } else { 403 });
    }
}

/// A page that refreshes the tokens of two dances keeps both, though they have become longer.
#[tokio::test]
async fn f03_a_page_that_refreshes_two_tokens_keeps_both() {
    let tokens = Tokens::default();
    *tokens.chars.lock() = 20;
    let app = site(&tokens);
    let browser = app.browser();
    app.sign_in(&browser, "op").await;
    app.sign_in(&browser, "two").await;
    *tokens.chars.lock() = 900;
    let visit = app.visit(&browser);
    for dance in ["op", "two"] {
        visit.api(dance).unwrap().refresh().await.unwrap();
    }
    app.finish(&visit, &browser);
    let visit = app.visit(&browser);
    for dance in ["op", "two"] {
        let token = visit.api(dance).unwrap().token().await.unwrap();
        assert_eq!(token.access_token().secret().len(), 900, "{dance}");
    }
}

#[tokio::test]
async fn g10_a_dance_with_a_store_of_its_own_leaves_the_room_of_tokens_to_logins() {
    let app = app_with(|dance| dance.store(MemoryStore::new()), |dances| dances);
    assert_eq!(finished(&app, &app.browser(), 9, "/documents/7").await, 9);
}

#[tokio::test]
async fn a10_a_login_that_expires_now_takes_no_room() {
    let lifetime = Duration::from_secs(600);
    for (wait, text) in [
        (lifetime - Duration::from_secs(1), "given way"),
        (lifetime, "does not belong to this browser"),
    ] {
        let app = app_with(|dance| dance, |dances| dances.login_lifetime(lifetime));
        let browser = app.browser();
        for _ in 0..4 {
            begin(&app, &browser, "/login/op").await;
        }
        app.clock.advance(wait);
        let state = "s".repeat(43);
        let unknown = format!("/login/op/authorized?code=code&state={state}");
        let page = app.ask(&browser, Method::GET, &unknown).await;
        assert!(page.text().contains(text), "{}", page.text());
    }
}
