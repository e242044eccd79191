//! Whom a receiver hears, and how long it may take.

mod support;

use std::time::Duration;

use oauth_dance::{Authorized, Dance, Dances, Key, OAUTH_AUTHORIZED, Outcome, SignalSet};
use signals::{Ran, Recorder, Sender as _};

use self::support::{Op, app_with};

#[tokio::test]
async fn a_deadline_beyond_the_end_of_time_is_none() {
    let app = app_with(
        |dance| dance,
        |dances| dances.receiver_deadline(Duration::MAX),
    );
    let browser = app.signed_in().await;
    assert!(app.visit(&browser).owner("op").is_some());
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
