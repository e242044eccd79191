//! What a developer reads in the log of a login or a page that failed: one event, with what to check.

#![cfg(feature = "tracing")]

mod support;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use oauth_dance::leaf::Asked;
use oauth_dance::{
    Authorized, BeforeLogin, ClientError, ClientErrorKind, Dance, HttpClient, Limits, LoggedIn,
    LoggedOut, OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN, OAUTH_LOGGED_IN, OAUTH_LOGGED_OUT, Reply,
    leaf,
};
use oauth_dance_testkit::Browser;

use self::support::log::{Fields, Log, events_of, says};
use self::support::{App, LIFETIME, Op, app_of, app_with, provider};

/// A provider that always gives the same answer, or none.
struct Always(Option<(u16, &'static str)>);

#[async_trait]
impl HttpClient for Always {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
        let (status, body) = self
            .0
            .ok_or_else(|| ClientError::with_source(ClientErrorKind::Connect, "refused"))?;
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        Ok(response)
    }
}

/// The only event of a callback, at an application whose provider answers like this.
async fn only_event(answer: Option<(u16, &'static str)>) -> Fields {
    let app = app_with(|dance| dance, |dances| dances.client(Always(answer)));
    only_event_of(&app, "").await
}

/// The only event of a callback, whose query ends with `more`.
async fn only_event_of(app: &App, more: &str) -> Fields {
    let browser = app.browser();
    let callback = app.callback(&browser).await + more;
    let mut events = events_of(async {
        app.ask(&browser, Method::GET, &callback).await;
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    events.remove(0)
}

#[tokio::test]
async fn k01_a_configuration_error_says_what_to_check() {
    for (code, check) in [
        (
            "invalid_client",
            "the client id and secret, and whether the provider expects them in the header or in the body",
        ),
        (
            "bad_client_secret",
            "the client id and secret, and whether the provider expects them in the header or in the body",
        ),
        (
            "unauthorized_client",
            "whether the registration with the provider allows the authorization code grant",
        ),
        (
            "invalid_scope",
            "the scopes of the dance: the provider does not know or allow one of them",
        ),
        (
            "redirect_uri_mismatch",
            "the redirect URI in the registration with the provider: `Dance::redirect_uri`",
        ),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"words of the provider"}}"#);
        let event = only_event(Some((401, body.leak()))).await;
        says(
            &event,
            &[
                ("level", "WARN"),
                ("message", "a login failed"),
                ("dance", "op"),
                ("endpoint", "token"),
                ("status", "401"),
                ("reason", &format!("the provider reported {code}")),
                ("check", check),
            ],
        );
        assert!(!format!("{event:?}").contains("words of the provider"));
    }
}

#[tokio::test]
async fn k01_an_error_code_of_the_providers_own_is_not_repeated() {
    let event = only_event(Some((400, r#"{"error":"secret-4711"}"#))).await;
    says(
        &event,
        &[("reason", "the provider reported an error of its own")],
    );
    assert!(!format!("{event:?}").contains("4711"));
}

#[tokio::test]
async fn k01_an_endpoint_that_is_not_found_names_itself() {
    let event = only_event(Some((404, "no such page"))).await;
    says(
        &event,
        &[
            ("endpoint", "token"),
            ("status", "404"),
            (
                "check",
                "the URL of this endpoint in the description of the provider",
            ),
        ],
    );
    assert!(!format!("{event:?}").contains("no such page"));
}

#[tokio::test]
async fn k01_a_userinfo_endpoint_that_refuses_names_itself() {
    let token = r#"{"access_token":"at","token_type":"bearer"}"#;
    let dance = Dance::builder(provider().userinfo("https://op.test/me", "sub"))
        .credentials(oauth_dance::Credentials::new("id", "secret"));
    let key = oauth_dance::Key::generate().unwrap();
    // The answer is a token; as a userinfo answer it names no user.
    let app = app_of(&key, dance, |dances| {
        dances.client(Always(Some((200, token))))
    });
    says(
        &only_event_of(&app, "").await,
        &[
            ("endpoint", "userinfo"),
            ("status", "200"),
            (
                "check",
                "whether the scopes of the dance cover the userinfo endpoint",
            ),
        ],
    );
}

#[tokio::test]
async fn k01_a_provider_out_of_reach_says_so() {
    let event = only_event(None).await;
    says(
        &event,
        &[
            ("endpoint", "token"),
            ("reason", "no connection to the provider"),
            ("cause", "no connection to the provider"),
            ("source", "refused"),
            ("check", "whether this machine can reach the provider"),
        ],
    );
    assert!(!event.contains_key("status"));
}

/// An HTTP client that fails for a reason that the second source names.
struct Refused;

#[async_trait]
impl HttpClient for Refused {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
        let why = ClientError::with_source(ClientErrorKind::Connect, "certificate has expired");
        Err(ClientError::with_source(ClientErrorKind::Transport, why))
    }
}

#[tokio::test]
async fn k01_a_cause_is_logged_to_its_last_source() {
    let app = app_with(|dance| dance, |dances| dances.client(Refused));
    let source = "no connection to the provider: certificate has expired";
    says(
        &only_event_of(&app, "").await,
        &[
            ("cause", "the exchange with the provider failed"),
            ("source", source),
        ],
    );
}

#[tokio::test]
async fn k01_every_code_of_the_standards_is_named() {
    for code in [
        // RFC 6749 §4.1.2.1 and §5.2
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "invalid_client",
        "invalid_grant",
        "unsupported_grant_type",
        // OpenID Connect Core §3.1.2.6
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "invalid_request_uri",
        "invalid_request_object",
        "request_not_supported",
        "request_uri_not_supported",
        "registration_not_supported",
        // RFC 7009 §2.2.1
        "unsupported_token_type",
    ] {
        let body = format!(r#"{{"error":"{code}"}}"#);
        let event = only_event(Some((400, body.leak()))).await;
        says(
            &event,
            &[("reason", &format!("the provider reported {code}"))],
        );
    }
}

#[tokio::test]
async fn k01_a_rejected_callback_leaves_one_event_without_its_text() {
    let app = app_with(|dance| dance, |dances| dances);
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let state = "s".repeat(43);
    let path = format!("/login/op/authorized?code=attackers-code&state={state}");
    app.ask(&app.browser(), Method::GET, &path).await;
    let events = log.0.lock();
    assert_eq!(events.len(), 1, "{events:#?}");
    says(
        &events[0],
        &[
            ("level", "INFO"),
            ("message", "a callback was rejected"),
            ("dance", "op"),
            (
                "reason",
                "this browser has no pending login with that state",
            ),
            (
                "check",
                "whether the browser is at the origin of the dances (`localhost` and `127.0.0.1` are two hosts), and whether it keeps their cookies",
            ),
        ],
    );
    let printed = format!("{events:?}");
    assert!(!printed.contains("attackers-code") && !printed.contains(&state));
}

#[tokio::test]
async fn h11_k01_a_receiver_that_fails_leaves_its_name_and_not_its_text() {
    let app = support::app();
    let fails = |_: &Dance, _: &LoggedIn| -> Result<(), String> { Err("secret-4711".to_owned()) };
    let signal = app.signals.of(&OAUTH_LOGGED_IN);
    signal.receiver(fails).named("the session").connect();
    let event = only_event_of(&app, "").await;
    says(
        &event,
        &[
            ("message", "a receiver failed"),
            ("dance", "op"),
            ("signal", "oauth_logged_in"),
            ("receiver", "the session"),
        ],
    );
    assert!(!format!("{event:?}").contains("4711"));
}

#[tokio::test]
async fn k01_a_receiver_without_its_state_says_what_to_add() {
    let app = support::app();
    let misses = |_: &Dance, login: &LoggedIn| login.state::<u8>().map(drop);
    let signal = app.signals.of(&OAUTH_LOGGED_IN);
    signal.receiver(misses).named("the session").connect();
    says(
        &only_event_of(&app, "").await,
        &[
            ("message", "a receiver failed"),
            ("receiver", "the session"),
            (
                "missing",
                "the application has no state of type `u8`: add it with `DancesBuilder::state`",
            ),
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn k01_a_receiver_that_is_too_slow_leaves_its_name() {
    let app = support::app();
    let slow = async |_: &Dance, _: &LoggedIn| std::future::pending::<()>().await;
    let signal = app.signals.of(&OAUTH_LOGGED_IN);
    signal.receiver(slow).named("the session").connect();
    says(
        &only_event_of(&app, "").await,
        &[
            ("message", "a receiver was not done before the deadline"),
            ("receiver", "the session"),
        ],
    );
}

#[tokio::test]
async fn k01_an_ignored_reply_leaves_both_names() {
    let app = support::app();
    for name in ["first", "second"] {
        let redirects = |_: &Dance, _: &Authorized| Some(oauth_dance::Outcome::redirect("/here"));
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.receiver(redirects).named(name).connect();
    }
    says(
        &only_event_of(&app, "").await,
        &[
            ("message", "a reply was ignored"),
            ("signal", "oauth_authorized"),
            ("receiver", "second"),
            ("answered_by", "first"),
        ],
    );
}

#[tokio::test]
async fn a_login_that_succeeds_leaves_no_event() {
    let app = support::app();
    let begins = |_: &Dance, _: &BeforeLogin| None::<Reply>;
    app.signals.of(&OAUTH_BEFORE_LOGIN).connect(begins);
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    app.signed_in().await;
    assert!(log.0.lock().is_empty());
}

#[tokio::test]
async fn c01_a_dropped_next_leaves_an_event_without_its_text() {
    for (query, reason) in [
        (
            "next=//canary.test",
            "it is not plainly a page of the application's origin",
        ),
        ("next=/logout/op?canary", "it is a page of the dances"),
        ("next=/canary&next=/canary", "it is given twice"),
        ("next=/canary%ff", "it is not UTF-8, or not form-encoded"),
        (
            &format!("next=/canary{}", "x".repeat(1500)),
            "it is longer than 1,500 bytes",
        ),
        (
            &format!("next=/canary{}", "x".repeat(5000)),
            "it is longer than 1,500 bytes",
        ),
    ] {
        let app = app_with(|dance| dance, |dances| dances);
        let log = Log::default();
        let _guard = tracing::subscriber::set_default(log.clone());
        let page = format!("/login/op?{query}");
        app.ask(&app.browser(), Method::GET, &page).await;
        let events = log.0.lock();
        let [event] = events.as_slice() else {
            panic!("{events:#?}");
        };
        says(
            event,
            &[
                ("level", "INFO"),
                ("message", "the `next` of a login was dropped"),
                ("dance", "op"),
                ("reason", reason),
            ],
        );
        assert!(!format!("{event:?}").contains("canary"));
    }
}

#[tokio::test]
async fn c01_a_kept_next_leaves_no_event() {
    let app = app_with(|dance| dance, |dances| dances);
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    for query in ["?next=/a", "?nextpage=//x", ""] {
        app.ask(&app.browser(), Method::GET, &format!("/login/op{query}"))
            .await;
    }
    assert!(log.0.lock().is_empty());
}

/// A provider that grants a token once, and refuses to refresh it: it has seen the refresh token before.
struct SpentElsewhere(Op);

#[async_trait]
impl HttpClient for SpentElsewhere {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_refresh = request.body().starts_with(b"grant_type=refresh_token");
        let mut response = self.0.send(request, limits).await?;
        if is_refresh {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            *response.body_mut() = Bytes::from_static(br#"{"error":"invalid_grant"}"#);
        }
        Ok(response)
    }
}

#[tokio::test]
async fn f02_a_refresh_token_that_two_processes_spent_from_cookies_names_the_remedy() {
    let client = SpentElsewhere(Op::default());
    let app = app_with(|dance| dance, |dances| dances.client(client));
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME);
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let visit = app.visit(&browser);
    assert!(visit.api("op").unwrap().token().await.is_err());
    app.finish(&visit, &browser);
    let events = log.0.lock().clone();
    let [event] = events.as_slice() else {
        panic!("{events:#?}");
    };
    says(event, &[("level", "WARN"), ("dance", "op")]);
    assert!(event["check"].contains("several processes"), "{event:#?}");
    assert!(
        event["check"].contains("`DancesBuilder::store`"),
        "{event:#?}"
    );

    // The user signs in again by a click, and the provider is not asked once more.
    let visit = app.visit(&browser);
    let error = visit.api("op").unwrap().token().await.unwrap_err();
    assert!(error.as_login_required().is_some());
    assert_eq!(log.0.lock().len(), 1);
}

#[tokio::test]
async fn f05_a_refresh_token_that_a_store_kept_is_refused_without_that_advice() {
    let client = SpentElsewhere(Op::default());
    let app = app_with(
        |dance| dance,
        |dances| dances.client(client).store(oauth_dance::MemoryStore::new()),
    );
    let browser = app.signed_in().await;
    app.clock.advance(LIFETIME);
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let visit = app.visit(&browser);
    assert!(visit.api("op").unwrap().token().await.is_err());
    assert!(log.0.lock().is_empty(), "{:#?}", log.0.lock());
}

#[tokio::test]
async fn a_page_whose_call_of_the_api_failed_leaves_one_event() {
    let app = app_with(|dance| dance, |dances| dances);
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let error = visit.api("op").unwrap().get("//elsewhere.test/").await;
    let error = error.unwrap_err();
    let events = events_of(async {
        let response = leaf::failed(Asked::default(), &error);
        assert_eq!(response.status(), 500);
        assert!(response.body().is_empty());
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    says(
        &events[0],
        &[
            ("level", "WARN"),
            ("message", "a page failed"),
            ("status", "500"),
        ],
    );
    assert!(events[0]["reason"].contains("URL"), "{events:#?}");
}

/// A provider that grants a token once, and is down from then on.
struct DownSince(Op);

#[async_trait]
impl HttpClient for DownSince {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        match self.0.requests() {
            0 => self.0.send(request, limits).await,
            _ => Err(ClientError::new(ClientErrorKind::Connect)),
        }
    }
}

/// An application whose provider, which revokes tokens, is down when a browser has signed in.
async fn down_since() -> (App, Browser) {
    let dance = Dance::builder(provider().revoke("https://op.test/revoke"));
    let dance = dance.credentials(oauth_dance::Credentials::new("id", "secret"));
    let key = oauth_dance::Key::generate().unwrap();
    let client = DownSince(Op::default());
    let app = app_of(&key, dance, |dances| dances.client(client));
    let browser = app.signed_in().await;
    (app, browser)
}

#[tokio::test]
async fn a_page_whose_refresh_failed_leaves_one_event() {
    let (app, browser) = down_since().await;
    app.clock.advance(LIFETIME);
    let visit = app.visit(&browser);
    let events = events_of(async {
        let error = visit.api("op").unwrap().token().await.unwrap_err();
        assert_eq!(leaf::failed(Asked::default(), &error).status(), 502);
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    let expected = ("message", "a token could not be refreshed");
    says(&events[0], &[expected, ("dance", "op")]);
}

#[tokio::test]
async fn a_revocation_that_failed_leaves_one_event() {
    let (app, browser) = down_since().await;
    let events = events_of(async {
        app.ask(&browser, Method::POST, "/logout/op").await;
        // It is asked for in the background.
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    let expected = ("message", "a token could not be revoked");
    says(&events[0], &[expected, ("dance", "op")]);
}

#[tokio::test]
async fn c07_a_sign_in_that_makes_another_give_way_leaves_one_event() {
    let dance = |name: &str| {
        let provider = oauth_dance::Provider::oauth2(
            name,
            "https://two.test/authorize",
            "https://two.test/token",
        );
        Dance::builder(provider).credentials(oauth_dance::Credentials::new("id", "secret"))
    };
    let app = app_with(|dance| dance, |dances| dances.with(dance("two")));
    let user = "u".repeat(oauth_dance::Owner::MAX_BYTES);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(move |_: &Dance, login: &Authorized| login.sign_in(&user));
    let browser = app.signed_in().await;
    let events = events_of(app.sign_in(&browser, "two")).await;
    assert_eq!(events.len(), 1, "{events:#?}");
    says(&events[0], &[("level", "INFO"), ("dance", "two")]);
    assert!(events[0]["check"].contains("`DancesBuilder::session_store`"));
}

#[tokio::test]
async fn k01_a_page_that_asks_for_an_unknown_dance_leaves_an_event_without_that_name() {
    let app = app_with(|dance| dance, |dances| dances);
    let visit = app.visit(&app.browser());
    let error = visit.api("words-of-a-request").unwrap_err();
    let events = events_of(async {
        let response = leaf::failed(Asked::default(), &error);
        assert_eq!(response.status(), 500);
        assert!(response.body().is_empty());
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    assert!(events[0]["check"].ends_with("the dances are op"));
    assert!(!format!("{events:?}").contains("words-of-a-request"));
}

#[tokio::test]
async fn a_page_that_needs_a_login_leaves_no_event() {
    let app = app_with(|dance| dance, |dances| dances);
    let visit = app.visit(&app.browser());
    let error = visit.api("op").unwrap().token().await.unwrap_err();
    let events = events_of(async {
        assert_eq!(leaf::failed(Asked::default(), &error).status(), 303);
    })
    .await;
    assert!(events.is_empty(), "{events:#?}");
}

#[tokio::test]
async fn a_page_whose_store_refused_says_why() {
    let app = app_with(|dance| dance, |dances| dances);
    let error = app.dances.sessions(7).await.unwrap_err();
    let events = events_of(async {
        assert_eq!(leaf::failed(Asked::default(), &error.into()).status(), 500);
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    let source = &events[0]["source"];
    assert!(source.starts_with("the store refused"), "{source}");
    assert!(
        source.contains("`DancesBuilder::session_store`"),
        "{source}"
    );
}

#[tokio::test]
async fn a_sign_out_whose_receiver_failed_leaves_one_event_without_the_text_of_the_receiver() {
    let app = app_with(|dance| dance, |dances| dances);
    let fails = |_: &Dance, _: &LoggedOut| -> Result<(), &str> { Err("words of a receiver") };
    app.signals.of(&OAUTH_LOGGED_OUT).connect(fails);
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let request = app.posted(&browser);
    let events = events_of(async {
        let error = visit.sign_out(&request).await.unwrap_err();
        assert_eq!(leaf::not_signed_out(Asked::default(), &error).status(), 500);
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    says(&events[0], &[("message", "a receiver failed")]);
    assert!(!format!("{events:?}").contains("words of a receiver"));
}

#[tokio::test]
async fn a_page_that_needs_a_user_after_a_login_without_one_names_the_missing_call() {
    let app = app_with(|dance| dance, |dances| dances);
    let browser = app.signed_in().await;
    let visit = app.visit(&browser);
    let error = visit.require_user().await.unwrap_err();
    let required = error.as_login_required().unwrap();
    let events = events_of(async {
        let response = leaf::login_required(&visit, required).await;
        assert_eq!(response.status(), 403);
        let page = String::from_utf8_lossy(response.body()).into_owned();
        assert!(page.contains("no account here"), "{page}");
        assert!(!page.contains("cookies"), "{page}");
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
    says(&events[0], &[("level", "WARN"), ("dance", "op")]);
    assert!(events[0]["check"].contains("`Authorized::sign_in`"));
}

#[tokio::test]
async fn a_page_that_needs_a_user_begins_a_login_if_none_has_just_ended() {
    let app = app_with(|dance| dance, |dances| dances);
    let browser = app.signed_in().await;
    app.clock.advance(std::time::Duration::from_secs(60));
    let visit = app.visit(&browser);
    let error = visit.require_user().await.unwrap_err();
    let required = error.as_login_required().unwrap();
    let events = events_of(async {
        let response = leaf::login_required(&visit, required).await;
        assert_eq!(response.status(), 303);
    })
    .await;
    assert!(events.is_empty(), "{events:#?}");
}

#[tokio::test]
async fn a_page_that_failed_is_named_without_its_query() {
    let app = app_with(|dance| dance, |dances| dances);
    let error = app.visit(&app.browser()).api("oq").unwrap_err();
    let uri: http::Uri = "/users/ada?code=secret".parse().unwrap();
    let asked = Asked::new(&Method::PUT, &uri);
    let events = events_of(async {
        assert_eq!(leaf::failed(asked, &error).status(), 500);
        let asked = asked.route("/users/{name}");
        assert_eq!(leaf::failed(asked, &error).status(), 500);
    })
    .await;
    says(&events[0], &[("method", "PUT"), ("route", "/users/ada")]);
    says(&events[1], &[("method", "PUT"), ("route", "/users/{name}")]);
    assert!(!format!("{events:?}").contains("secret"));
}

#[tokio::test]
async fn a_page_whose_call_failed_names_the_dance() {
    let (app, browser) = down_since().await;
    let silent = app.visit(&browser).api("op").unwrap().get("/user").await;
    let app = app_with(|dance| dance, |dances| dances);
    let visit = app.visit(&app.signed_in().await);
    let answer = visit.api("op").unwrap().get("/user").await.unwrap();
    for error in [silent.unwrap_err(), answer.json::<u8>().unwrap_err()] {
        let events = events_of(async {
            assert_eq!(leaf::failed(Asked::default(), &error).status(), 502);
        })
        .await;
        says(&events[0], &[("message", "a page failed"), ("dance", "op")]);
    }
}
