//! The behaviour that Flask-Dance promises of its signals, point by point.

use std::convert::Infallible;
use std::sync::Arc;

use http::Response;
use oauth_dance::{
    Authorized, Dance, LoginFailure, OAUTH_AUTHORIZED, OAUTH_ERROR, Outcome, Owner, Reply, StoreKey,
};
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::Page;
use parking_lot::Mutex;
use signals::AsyncSignal;
use tokio::sync::Notify;

use super::adapter::Adapter;
use super::heard::Heard;
use super::pages;
use super::rig::{Rig, WELCOME, rig, setup};
use super::steps::step;

fn location(page: &Page) -> Option<String> {
    page.location().map(String::from)
}

/// S1: there is a bus for signals of one's own, and a receiver of the dance's may send on it.
pub async fn s01_a_receiver_sends_a_signal_of_the_applications_own(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let welcomed = Arc::new(AsyncSignal::<str, String, Infallible>::new("welcomed"));
    let names = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&names);
    welcomed.connect(move |_: &str, name: &String| heard.lock().push(name.clone()));

    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            let welcomed = Arc::clone(&welcomed);
            let name = login.identity().map(|who| who.display_name().to_owned());
            async move {
                welcomed.send("shop", &name.unwrap_or_default()).await;
            }
        });
    rig.signed_in().await;
    assert_eq!(*names.lock(), ["Ada Lovelace"]);
}

/// S2: a receiver updates the user's profile, with the new token and before the login ends.
pub async fn s02_a_receiver_updates_the_users_profile(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let profile = Arc::new(Mutex::new(serde_json::Value::Null));
    let updated = Arc::clone(&profile);
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            let (api, updated) = (login.api(), Arc::clone(&updated));
            async move {
                let answer = api.get(pages::PROFILE_API).await?;
                *updated.lock() = answer.json()?;
                Ok::<(), oauth_dance::ApiError>(())
            }
        });
    rig.signed_in().await;
    assert_eq!(profile.lock()["claims"]["email"], "ada@example.com");
}

/// S2: a receiver kicks off a long-running task, which does not hold up the answer.
pub async fn s02_a_long_task_does_not_hold_up_the_answer(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let (go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (start, end) = (Arc::clone(&go), Arc::clone(&done));
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, _: &Authorized| {
            let (start, end) = (Arc::clone(&start), Arc::clone(&end));
            tokio::spawn(async move {
                start.notified().await;
                end.notify_one();
            });
        });
    // The task ends only when the answer is here.
    rig.signed_in().await;
    go.notify_one();
    done.notified().await;
}

/// S3: import the signal, connect the function: the static signals are sent unless an application has
/// a set of its own.
pub async fn s03_a_function_connects_to_the_static_signal(adapter: &Adapter) {
    let rig = setup(adapter).static_signals().start().await;
    let dance = rig.dance().clone();
    let names = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&names);
    let connection = OAUTH_AUTHORIZED
        .receiver(move |dance: &Dance, _: &Authorized| heard.lock().push(dance.name().to_owned()))
        .from(&dance)
        .connect();
    let _disconnected_at_the_end = connection.scoped();
    rig.signed_in().await;
    assert_eq!(*names.lock(), [pages::DANCE]);
}

/// S4: the signal is sent when a person completes the dance, with the dance as sender, and with the
/// token, the provider's own answer and the request as payload.
pub async fn s04_authorized_carries_the_token_the_answer_and_the_request(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.provider
        .inject(Endpoint::Token, Fault::with("tenant", "acme"));
    let facts = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&facts);
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |dance: &Dance, login: &Authorized| {
            heard.lock().extend([
                dance.name().to_owned(),
                login.token().raw()["tenant"].to_string(),
                login.token().raw().contains_key("access_token").to_string(),
                login.request().uri.path().to_owned(),
                login.request().method.to_string(),
            ]);
        });
    rig.signed_in().await;
    let expected = ["op", "\"acme\"", "false", "/login/op/authorized", "GET"];
    assert_eq!(*facts.lock(), expected);
    assert_eq!(rig.heard(), [Heard::BeforeLogin, Heard::Authorized]);
}

/// S5: "Signed in successfully with …!" is flashed, and the next page shows it, once.
pub async fn s05_a_flash_message_shows_on_the_next_page_once(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|dance: &Dance, login: &Authorized| {
            login.flash(format!(
                "Signed in successfully with {}!",
                dance.display_name()
            ));
        });
    let browser = rig.browser();
    rig.sign_in(&browser).await;
    let expected = ["Signed in successfully with The provider!"];
    assert_eq!(rig.home(&browser).await.flashes, expected);
    assert!(rig.home(&browser).await.flashes.is_empty(), "shown twice");
}

/// S6: a receiver creates the user and links the token to it by the user's identifier.
pub async fn s06_a_receiver_links_the_token_to_a_user(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, login: &Authorized| {
            login.store_for(7);
        });
    let browser = rig.signed_in().await;
    let keys: Vec<StoreKey> = rig.store.stored().into_keys().collect();
    let [key] = &*keys else {
        panic!("one record: {keys:?}");
    };
    assert_eq!((key.dance(), key.owner()), (pages::DANCE, &Owner::user(7)));
    assert_eq!(rig.home(&browser).await.owner.as_deref(), Some("user:7"));
    // The link is in the store: the server reaches the token without any browser.
    let api = rig.dance().api(&Owner::user(7));
    assert_eq!(
        api.get(pages::PROFILE_API)
            .await
            .expect("an answer")
            .status(),
        200
    );
}

/// S7: people may grant less than was asked for, and a receiver sees what.
pub async fn s07_a_receiver_sees_what_was_granted(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&seen);
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            let token = login.token();
            let missing = token
                .missing()
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>();
            heard
                .lock()
                .push((token.granted("profile"), token.granted("email"), missing));
        });
    let browser = rig.browser();
    let begun = rig.begin(&browser).await;
    let back = rig.grant(&browser, begun, &["profile"]).await;
    step(&browser, back).await;
    assert_eq!(*seen.lock(), [(true, false, vec!["email".to_owned()])]);
}

/// S8: a receiver refuses the token: it is not stored, the browser is not signed in, and redirected as usual.
pub async fn s08_a_discarded_token_is_not_stored(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, login: &Authorized| {
            login.flash("We need more than that.");
            Some(Outcome::discard())
        });
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(location(&page).as_deref(), Some(WELCOME));
    let home = rig.home(&browser).await;
    assert_eq!((home.owner, home.flashes.len()), (None, 1));
    assert!(rig.store.stored().is_empty(), "stored all the same");
}

/// S9: a receiver's response is what the browser gets, and the token is stored too.
pub async fn s09_a_receivers_response_replaces_the_redirect(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, _: &Authorized| {
            let mut response = Response::new("Welcome aboard!");
            *response.status_mut() = http::StatusCode::CREATED;
            response
                .headers_mut()
                .insert("x-deck", http::HeaderValue::from_static("upper"));
            Some(Outcome::respond(response))
        });
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(page.status(), 201);
    assert_eq!(page.text(), "Welcome aboard!");
    assert_eq!(page.header("x-deck"), Some("upper"));
    assert!(rig.home(&browser).await.owner.is_some());
}

/// S9: a receiver redirects to another page.
pub async fn s09_a_receivers_redirect_replaces_the_usual_one(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, _: &Authorized| Some(Outcome::redirect("/after-oauth")));
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(page.status(), 303);
    assert_eq!(
        location(&page).as_deref(),
        Some("https://app.localhost/after-oauth#")
    );
    assert!(rig.home(&browser).await.owner.is_some());
}

async fn refused(adapter: &Adapter) -> Rig {
    let rig = rig(adapter).await;
    rig.provider.inject(
        Endpoint::Authorization,
        Fault::refuses(
            "invalid_client",
            Some("the application is misconfigured"),
            Some("https://help.test/why"),
        ),
    );
    rig
}

/// S10: the provider indicates an error: the signal tells it, and the person is redirected anyway.
pub async fn s10_a_providers_error_is_told_and_the_browser_redirected(adapter: &Adapter) {
    let rig = refused(adapter).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    rig.signals
        .of(&OAUTH_ERROR)
        .connect(move |dance: &Dance, error: &LoginFailure| {
            let Some(provider) = error.provider_error() else {
                return;
            };
            heard.lock().extend([
                dance.name().to_owned(),
                provider.code().to_owned(),
                provider.description().unwrap_or_default().to_owned(),
                provider.uri().map(ToString::to_string).unwrap_or_default(),
            ]);
            error.flash("The provider is not ready for us.");
        });
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(
        (page.status().as_u16(), location(&page).as_deref()),
        (303, Some(WELCOME))
    );
    let description = "the application is misconfigured";
    assert_eq!(
        *told.lock(),
        ["op", "invalid_client", description, "https://help.test/why"]
    );
    let home = rig.home(&browser).await;
    assert_eq!(home.flashes, ["The provider is not ready for us."]);
    assert_eq!(home.owner, None);
}

/// S10: a receiver may answer the error itself.
pub async fn s10_a_receiver_answers_a_providers_error(adapter: &Adapter) {
    let rig = refused(adapter).await;
    rig.signals
        .of(&OAUTH_ERROR)
        .connect(|_: &Dance, _: &LoginFailure| {
            Some(Reply::respond(Response::new("Come back later.")))
        });
    let browser = rig.browser();
    let page = rig.sign_in(&browser).await;
    assert_eq!(
        (page.status().as_u16(), &*page.text()),
        (200, "Come back later.")
    );
}
