//! Receivers that fail, dawdle, disagree, or try what they may not.

use http::{HeaderName, HeaderValue, Response};
use oauth_dance::{
    Authorized, BeforeLogin, Dance, LoginError, LoginFailure, OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN,
    OAUTH_ERROR, OAUTH_REJECTED, Outcome, ParameterRefused, RejectReason, Rejected, Reply,
};

use super::adapter::Adapter;
use super::heard::Heard;
use super::rig::{Rig, SOON, WELCOME, rig, setup};
use super::steps::{parameter, visit};

/// Finishes a login whose receivers were connected before; it fails like this, after the exchange.
async fn fails(rig: &Rig, failure: LoginError) {
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    let heard = [Heard::Authorized, Heard::Error(failure)];
    attack.harmless(&page, 500, &heard, 1).await;
}

fn failed(receiver: &str) -> LoginError {
    LoginError::ReceiverFailed {
        receiver: receiver.to_owned(),
    }
}

/// H02: a receiver panics.
pub async fn h02_l03_a_receivers_panic_fails_the_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let panics = |_: &Dance, _: &Authorized| -> Option<Outcome> { panic!("told to panic") };
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    authorized.receiver(panics).named("bomb").connect();
    fails(&rig, failed("bomb")).await;
    // Nothing is poisoned: the next one fails the same way.
    fails(&rig, failed("bomb")).await;
}

/// H02: a receiver panics after it has waited.
pub async fn h02_a_panic_after_an_await_fails_the_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    authorized
        .receiver(async |_: &Dance, _: &Authorized| -> Option<Outcome> {
            tokio::task::yield_now().await;
            panic!("told to panic");
        })
        .named("time bomb")
        .connect();
    fails(&rig, failed("time bomb")).await;
}

/// H02: a receiver returns an error, whose text stays its own.
pub async fn h02_a_receivers_error_fails_the_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    authorized
        .receiver(
            |_: &Dance, login: &Authorized| -> Result<(), std::io::Error> {
                Err(std::io::Error::other(
                    login.token().access_token().secret().to_owned(),
                ))
            },
        )
        .named("careless")
        .connect();
    fails(&rig, failed("careless")).await;
}

/// H03: a receiver is not done at the deadline.
pub async fn h03_a_receiver_that_never_ends_fails_the_login(adapter: &Adapter) {
    let rig = setup(adapter)
        .dances(|dances| dances.receiver_deadline(SOON))
        .start()
        .await;
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    authorized
        .receiver(async |_: &Dance, _: &Authorized| std::future::pending::<()>().await)
        .named("sloth")
        .connect();
    fails(
        &rig,
        LoginError::ReceiverTimeout {
            receiver: "sloth".to_owned(),
        },
    )
    .await;
}

/// H03: a receiver that can change nothing any more holds the answer up to the deadline, and no longer.
pub async fn h03_a_receiver_of_a_failure_does_not_hold_up_the_answer(adapter: &Adapter) {
    let rig = setup(adapter)
        .dances(|dances| dances.receiver_deadline(SOON))
        .start()
        .await;
    let error = rig.signals.of(&OAUTH_ERROR);
    error.connect(async |_: &Dance, _: &LoginFailure| std::future::pending::<()>().await);
    let rejected = rig.signals.of(&OAUTH_REJECTED);
    rejected.connect(async |_: &Dance, _: &Rejected| std::future::pending::<()>().await);
    let browser = rig.browser();
    let callback = super::steps::without(&rig.callback(&browser).await, "code");
    assert_eq!(visit(&browser, &callback).await.status(), 400);
    assert_eq!(visit(&browser, &callback).await.status(), 400);
    let expected = [
        Heard::BeforeLogin,
        Heard::Error(LoginError::MalformedCallback),
        Heard::Rejected(RejectReason::NoPendingLogin),
    ];
    assert_eq!(rig.heard(), expected);
}

/// H02: a receiver of the first signal fails: the browser does not go to the provider.
pub async fn h02_a_failure_before_the_login_ends_it(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let panics = |_: &Dance, _: &BeforeLogin| -> Option<Reply> { panic!("told to panic") };
    let before = rig.signals.of(&OAUTH_BEFORE_LOGIN);
    before.receiver(panics).named("bomb").connect();
    let browser = rig.browser();
    let attack = rig.attack(&browser).await;
    let page = super::steps::get(&browser, "/login/op").await;
    let heard = [Heard::BeforeLogin, Heard::Error(failed("bomb"))];
    attack.harmless(&page, 500, &heard, 0).await;
}

/// H04: a receiver connects and disconnects receivers and calls the API: nothing is locked.
pub async fn h04_a_receiver_may_use_the_signals_and_the_dance(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let signals = rig.signals.clone();
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |dance: &Dance, login: &Authorized| {
            let authorized = signals.of(&OAUTH_AUTHORIZED);
            authorized
                .connect(|_: &Dance, _: &Authorized| {})
                .disconnect();
            let (dance, api) = (dance.clone(), login.api());
            async move {
                api.get("/api/profile").await?;
                let nobody = dance.api(&oauth_dance::Owner::user("nobody")).token().await;
                assert!(nobody.is_err());
                Ok::<(), oauth_dance::ApiError>(())
            }
        });
    rig.signed_in().await;
}

/// A login of which receivers in this order say: discard, and go on.
async fn vetoed(adapter: &Adapter, veto: i32, approval: i32) {
    let rig = rig(adapter).await;
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    let says_no = |_: &Dance, _: &Authorized| Some(Outcome::discard());
    authorized.receiver(says_no).order(veto).connect();
    let goes_on = |_: &Dance, _: &Authorized| Some(Outcome::redirect("/approved"));
    authorized.receiver(goes_on).order(approval).connect();
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert!(rig.store.stored().is_empty(), "stored against a veto");
    assert_eq!(rig.home(&browser).await.owner, None);
    // The response is another question, and was answered.
    assert_eq!(
        page.header("location"),
        Some("https://app.localhost/approved#")
    );
}

/// H05: one receiver says no before another goes on.
pub async fn h05_a_veto_wins_over_a_later_approval(adapter: &Adapter) {
    vetoed(adapter, 1, 2).await;
}

/// H05: one receiver says no after another went on.
pub async fn h05_a_veto_wins_over_an_earlier_approval(adapter: &Adapter) {
    vetoed(adapter, 2, 1).await;
}

/// H05: the first response in the order of receivers wins, not the first connected. The others are told
/// of, and a receiver that only discards is none of them.
pub async fn h05_the_first_response_wins_and_the_others_are_told_of(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    for (order, place) in [(3, "/third"), (1, "/first"), (2, "/second")] {
        let redirects = move |_: &Dance, _: &Authorized| Some(Outcome::redirect(place));
        let receiver = authorized.receiver(redirects).named(place);
        receiver.order(order).connect();
    }
    let discards = |_: &Dance, _: &Authorized| Some(Outcome::discard());
    authorized.receiver(discards).order(4).connect();

    let page = rig.sign_in(&rig.browser()).await;
    assert_eq!(
        page.header("location"),
        Some("https://app.localhost/first#")
    );
    let ignored = ["/second", "/third"].map(|it| Heard::ReplyIgnored(it.to_owned()));
    assert_eq!(rig.heard()[2..], ignored);
}

/// H06: a receiver answers a failed login: the answer is sent, and signs no browser in.
pub async fn h06_an_answer_to_a_failure_stores_nothing(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_ERROR)
        .connect(|_: &Dance, _: &LoginFailure| Some(Reply::respond(Response::new("All is well."))));
    let browser = rig.browser();
    let callback = super::steps::without(&rig.callback(&browser).await, "code");
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    assert_eq!(page.text(), "All is well.");
    attack
        .failed(&page, 200, LoginError::MalformedCallback)
        .await;
}

/// H08, R20: a receiver tries to set a parameter that belongs to the dance.
pub async fn h08_a_receiver_cannot_set_the_dances_own_parameters(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let own = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
        "",
    ];
    rig.signals
        .of(&OAUTH_BEFORE_LOGIN)
        .connect(move |_: &Dance, login: &BeforeLogin| {
            for name in own {
                assert!(
                    login.add_parameter(name, "evil").is_err(),
                    "{name} was taken"
                );
            }
            login.add_parameter("prompt", "consent")?;
            assert!(
                login.add_parameter("prompt", "none").is_err(),
                "prompt was taken twice"
            );
            Ok::<(), ParameterRefused>(())
        });
    let to = rig
        .begin(&rig.browser())
        .await
        .location()
        .expect("a redirect");
    assert!(!to.as_str().contains("evil"), "{to}");
    assert_eq!(parameter(&to, "prompt").as_deref(), Some("consent"));
}

/// H08: what a receiver remembers at the beginning is there at the end.
pub async fn h08_what_a_receiver_remembers_comes_back(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_BEFORE_LOGIN)
        .connect(|_: &Dance, login: &BeforeLogin| {
            assert!(login.remember("campaign", "spring & é"));
        });
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, login: &Authorized| {
            let same = login.remembered("campaign") == Some("spring & é");
            same.then(|| Outcome::redirect("/same"))
        });
    let page = rig.sign_in(&rig.browser()).await;
    assert_eq!(page.header("location"), Some("https://app.localhost/same#"));
}

/// G14, H05: the headers and cookies that a receiver adds go out beside the dance's own.
pub async fn g14_a_receivers_cookies_go_out_beside_the_dances(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, login: &Authorized| {
            login.set_cookie(HeaderValue::from_static("theirs=1; Path=/; Secure"));
            login.header(
                HeaderName::from_static("x-deck"),
                HeaderValue::from_static("upper"),
            );
            login.flash("Ahoy!");
        });
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(page.header("location"), Some(WELCOME));
    assert_eq!(page.header("x-deck"), Some("upper"));
    assert_eq!(browser.cookie("theirs").as_deref(), Some("1"));
    let home = rig.home(&browser).await;
    assert!(home.owner.is_some());
    assert_eq!(home.flashes, ["Ahoy!"]);
}
