//! Whom a receiver hears, and how long it may take.

mod support;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use oauth_dance::{
    Authorized, BeforeLogin, Dance, Dances, Key, LoginFailure, OAUTH_AUTHORIZED,
    OAUTH_BEFORE_LOGIN, OAUTH_ERROR, OAUTH_REPLY_IGNORED, Outcome, Payload, Reply, ReplyIgnored,
    SignalSet,
};
use parking_lot::Mutex;
use signals::{AsyncSignal, Ran, Recorder, Sender as _};

use self::support::{App, Op, app, app_with};

#[tokio::test]
async fn the_longest_deadline_that_a_timer_takes_works() {
    let longest = Duration::from_millis((1 << 36) - 1);
    let app = app_with(|dance| dance, |dances| dances.receiver_deadline(longest));
    let browser = app.signed_in().await;
    assert!(app.visit(&browser).owner("op").await.unwrap().is_some());
}

#[tokio::test]
async fn an_outcome_reads_the_same_in_a_set_of_signals() {
    let signals = SignalSet::new();
    signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, _: &Authorized| Some(Outcome::discard()));
    let recorder = Recorder::start(100);
    let app = app_with(|dance| dance, |dances| dances.signals(signals));
    app.signed_in().await;
    let said: Vec<Ran> = recorder
        .sends_of("oauth_authorized")
        .into_iter()
        .flat_map(|send| send.calls)
        .map(|call| call.ran)
        .collect();
    // Other tests of this process send, too; none of them answers.
    assert!(
        said.contains(&Ran::Outcome("discard the token".to_owned())),
        "{said:?}"
    );
}

#[test]
fn dances_of_one_name_on_two_sites_are_two_senders() {
    let dance = |origin: &str| {
        let dance = oauth_dance::Dance::builder(support::provider())
            .credentials(oauth_dance::Credentials::new("id", "secret"));
        let dances = Dances::builder(origin, Key::generate().unwrap())
            .client(Op::default())
            .with(dance);
        dances.build().unwrap().get("op").unwrap().clone()
    };
    assert_ne!(dance("https://a.test").key(), dance("https://b.test").key());
    assert_eq!(dance("https://a.test").key(), dance("https://a.test").key());
}

/// What is told of ignored replies, as (signal, receiver, who answered).
fn ignored(signals: &SignalSet) -> Arc<Mutex<Vec<[String; 3]>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&told);
    signals
        .of(&OAUTH_REPLY_IGNORED)
        .connect(move |_: &Dance, ignored: &ReplyIgnored| {
            let told = [ignored.signal(), ignored.receiver(), ignored.answered_by()];
            to.lock().push(told.map(str::to_owned));
        });
    told
}

/// Connects two receivers that answer, and asks for a login.
async fn two_replies<P: Payload<Outcome = Reply>>(
    app: &App,
    signal: &'static AsyncSignal<Dance, P, Reply>,
) -> Vec<[String; 3]> {
    for name in ["first", "second"] {
        let redirects = move |_: &Dance, _: &P| Some(Reply::redirect(format!("/{name}")));
        let signal = app.signals.of(signal);
        signal.receiver(redirects).named(name).connect();
    }
    let told = ignored(&app.signals);
    let browser = app.browser();
    let page = app.ask(&browser, Method::GET, "/login/op").await;
    assert_eq!(page.headers()["location"], "https://app.test/first#");
    std::mem::take(&mut *told.lock())
}

#[tokio::test]
async fn h05_of_two_replies_before_a_login_the_later_is_told_of() {
    let told = two_replies(&app(), &OAUTH_BEFORE_LOGIN).await;
    assert_eq!(told, [["oauth_before_login", "second", "first"]]);
}

#[tokio::test]
async fn h05_of_two_replies_to_a_failure_the_later_is_told_of() {
    let app = app();
    let fails = |_: &Dance, _: &BeforeLogin| -> Result<(), std::io::Error> {
        Err(std::io::Error::other("told to fail"))
    };
    app.signals.of(&OAUTH_BEFORE_LOGIN).connect(fails);
    let told = two_replies(&app, &OAUTH_ERROR).await;
    assert_eq!(told, [["oauth_error", "second", "first"]]);
}

#[tokio::test]
async fn h05_one_reply_alone_ignores_none() {
    let app = app();
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(|_: &Dance, _: &Authorized| Some(Outcome::redirect("/here")));
    signal.connect(|_: &Dance, _: &Authorized| Some(Outcome::discard()));
    let told = ignored(&app.signals);
    app.signed_in().await;
    assert!(told.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn h04_the_receivers_of_many_ignored_replies_have_one_deadline() {
    let deadline = Duration::from_secs(1);
    let app = app_with(|dance| dance, |dances| dances.receiver_deadline(deadline));
    for _ in 0..4 {
        let redirects = |_: &Dance, _: &Authorized| Some(Outcome::redirect("/here"));
        app.signals.of(&OAUTH_AUTHORIZED).connect(redirects);
    }
    let slow = async |_: &Dance, _: &ReplyIgnored| std::future::pending::<()>().await;
    app.signals.of(&OAUTH_REPLY_IGNORED).connect(slow);
    let begun = tokio::time::Instant::now();
    app.signed_in().await;
    assert!(begun.elapsed() < 2 * deadline, "{:?}", begun.elapsed());
}

/// What a recorder has read of the answers to this signal.
fn read_of(recorder: &Recorder, signal: &str) -> Vec<String> {
    let sends = recorder.sends_of(signal).into_iter();
    let calls = sends.flat_map(|send| send.calls);
    calls
        .filter_map(|call| match call.ran {
            Ran::Outcome(text) => Some(text),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn k01_a_reply_reads_as_what_it_does_without_its_query() {
    let recorder = Recorder::start(100);
    let app = app();
    let signal = app.signals.of(&OAUTH_BEFORE_LOGIN);
    signal.connect(|_: &Dance, _: &BeforeLogin| Some(Reply::redirect("/read-before?secret=1")));
    app.ask(&app.browser(), Method::GET, "/login/op").await;
    let read = read_of(&recorder, "oauth_before_login");
    assert!(
        read.contains(&"redirect to /read-before".to_owned()),
        "{read:?}"
    );
}

#[tokio::test]
async fn a_reply_to_a_failure_reads_as_what_it_does() {
    let recorder = Recorder::start(100);
    let app = app();
    let fails = |_: &Dance, _: &BeforeLogin| -> Result<(), std::io::Error> {
        Err(std::io::Error::other("told to fail"))
    };
    app.signals.of(&OAUTH_BEFORE_LOGIN).connect(fails);
    let signal = app.signals.of(&OAUTH_ERROR);
    signal.connect(|_: &Dance, _: &LoginFailure| Some(Reply::redirect("/read-after")));
    app.ask(&app.browser(), Method::GET, "/login/op").await;
    let read = read_of(&recorder, "oauth_error");
    assert!(
        read.contains(&"redirect to /read-after".to_owned()),
        "{read:?}"
    );
}

#[test]
fn an_outcome_and_a_reply_print_as_they_read() {
    let outcome = Outcome::discard().and_revoke();
    assert_eq!(format!("{outcome:?}"), "discard and revoke the token");
    let reply = Reply::redirect("/here?code=secret");
    assert_eq!(format!("{reply:?}"), "redirect to /here");
    let reply = Reply::respond(http::Response::new(Vec::new()));
    assert_eq!(reply.to_string(), "respond 200");
}
