//! What is wrong with a configuration is said when it is built, by the name of the setting.

mod support;

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use oauth_dance::{
    ClientAuth, ClientError, ClientErrorKind, Credentials, Dance, DanceBuilder, Dances,
    DancesBuilder, EntropyError, HttpClient, Key, KeyError, Limits, NewSession, Provider,
    SealedToken, StoreError, StoredSession, Timestamp,
};

/// A client that is never asked anything; without TLS, as it says.
struct Client {
    tls: bool,
}

#[async_trait]
impl HttpClient for Client {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
        Err(ClientError::new(ClientErrorKind::Connect))
    }

    fn check(&self, endpoint: &Uri) -> Result<(), ClientError> {
        if self.tls || endpoint.scheme_str() == Some("http") {
            return Ok(());
        }
        Err(ClientError::with_source(
            ClientErrorKind::Connect,
            "no TLS was compiled in",
        ))
    }
}

fn site(origin: &str) -> DancesBuilder {
    Dances::builder(origin, Key::generate().unwrap()).client(Client { tls: true })
}

fn provider() -> Provider {
    Provider::oauth2("acme", "https://id.test/authorize", "https://id.test/token")
}

fn dance() -> DanceBuilder {
    dance_with(provider())
}

fn dance_with(provider: Provider) -> DanceBuilder {
    Dance::builder(provider).credentials(Credentials::new("id", "secret"))
}

/// The build fails, and the error says each of `words`.
#[track_caller]
fn fails(builder: DancesBuilder, words: &[&str]) {
    let error = builder.build().expect_err("the build fails").to_string();
    for word in words {
        assert!(error.contains(word), "{error:?} does not say {word:?}");
    }
}

/// The build fails with exactly this message.
#[track_caller]
fn fails_with(builder: DancesBuilder, message: &str) {
    let error = builder.build().expect_err("the build fails");
    assert_eq!(error.to_string(), message);
}

#[track_caller]
fn dance_fails(dance: DanceBuilder, words: &[&str]) {
    fails(site("https://app.test").with(dance), words);
}

#[test]
fn a_good_configuration_builds() {
    let dances = site("https://app.test").with(dance()).build().unwrap();
    let paths: Vec<String> = oauth_dance::leaf::paths(&dances).collect();
    assert_eq!(
        paths,
        ["/login/acme", "/login/acme/authorized", "/logout/acme"]
    );
}

#[test]
fn missing_credentials_name_their_environment_variable() {
    let acme = Provider::oauth2(
        "no-such-dance",
        "https://id.test/authorize",
        "https://id.test/token",
    );
    dance_fails(
        Dance::builder(acme),
        &[
            "no-such-dance",
            "client id",
            "NO_SUCH_DANCE_OAUTH_CLIENT_ID",
        ],
    );
}

#[test]
fn empty_credentials_are_refused() {
    let with = |id, secret| Dance::builder(provider()).credentials(Credentials::new(id, secret));
    dance_fails(with("", "secret"), &["client id"]);
    dance_fails(with("id", " "), &["client secret"]);
    // As they come out of a file, or of a copied line.
    for (id, secret, setting) in [
        ("id\n", "secret", "the client id"),
        (" id", "secret", "the client id"),
        ("id", "secret\r\n", "the client secret"),
    ] {
        let dances = site("https://app.test").with(with(id, secret));
        let message = format!(
            "the dance \"acme\": {setting} has a space or a line break at its beginning or end: remove it"
        );
        fails_with(dances, &message);
    }
    let public = Dance::builder(provider()).credentials(Credentials::public("id"));
    dance_fails(public, &["client secret", "ClientAuth::None"]);
}

#[test]
fn a_public_client_needs_no_secret() {
    let dance = Dance::builder(provider().client_auth(ClientAuth::None))
        .credentials(Credentials::public("id"));
    assert!(site("https://app.test").with(dance).build().is_ok());
}

#[tokio::test]
async fn a_public_client_sends_no_secret_also_if_it_has_one() {
    let public = Dance::builder(support::provider().client_auth(ClientAuth::None))
        .credentials(Credentials::new("id", "kept-to-itself"));
    let app = support::app_of(&Key::generate().unwrap(), public, |dances| dances);
    app.signed_in().await;
    let forms = app.op.forms();
    assert!(
        forms[0]
            .iter()
            .all(|(name, value)| name != "client_secret" && value != "kept-to-itself"),
        "{forms:?}"
    );
    assert!(!app.op.printed()[0].contains("authorization"));
}

#[test]
fn a_public_client_in_the_environment_needs_its_identifier_only() {
    let public = Provider::oauth2(
        "no-such-client",
        "https://id.test/authorize",
        "https://id.test/token",
    )
    .client_auth(ClientAuth::None);
    let error = site("https://app.test")
        .with(Dance::builder(public))
        .build()
        .unwrap_err()
        .to_string();
    assert!(error.contains("NO_SUCH_CLIENT_OAUTH_CLIENT_ID"), "{error}");
    let asked = oauth_dance::Credentials::public_from_env("no-such-client").unwrap_err();
    assert_eq!(error, asked.to_string());
}

/// A process cannot change its own environment safely, so the test runs once more in a process of its own.
#[test]
fn a_public_client_in_the_environment_builds_without_a_secret() {
    const THIS: &str = "a_public_client_in_the_environment_builds_without_a_secret";
    const VARIABLE: &str = "PUBLIC_CLIENT_OAUTH_CLIENT_ID";
    if std::env::var_os(VARIABLE).is_none() {
        let this = std::env::current_exe().unwrap();
        let again = Command::new(this).arg(THIS).env(VARIABLE, "id").output();
        let again = again.unwrap();
        assert!(again.status.success(), "{again:?}");
        return;
    }
    let dance = |auth| Dance::builder(provider().client_auth(auth)).name("public-client");
    let public = dance(ClientAuth::None);
    assert!(site("https://app.test").with(public).build().is_ok());
    let confidential = dance(ClientAuth::Post);
    dance_fails(confidential, &["PUBLIC_CLIENT_OAUTH_CLIENT_SECRET"]);
}

#[test]
fn g15_a_key_of_the_environment_is_read_and_an_error_names_the_variable() {
    const THIS: &str = "g15_a_key_of_the_environment_is_read_and_an_error_names_the_variable";
    const FULL: &str = "TEST_KEY_FULL";
    const BLANK: &str = "TEST_KEY_BLANK";
    const SHORT: &str = "TEST_KEY_SHORT";
    const OTHER: &str = "TEST_KEY_OTHER";
    if std::env::var_os(FULL).is_none() {
        let key = Key::generate().unwrap().to_base64();
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.arg(THIS).env(FULL, key).env(BLANK, " ");
        again.envs([(SHORT, "c2hvcnQ="), (OTHER, "not base64!")]);
        let again = again.output().unwrap();
        assert!(again.status.success(), "{again:?}");
        return;
    }
    let key = Key::from_env(FULL).unwrap();
    assert_eq!(key.to_base64(), std::env::var(FULL).unwrap());
    let missing = Key::from_env(BLANK).unwrap_err();
    assert!(matches!(missing, KeyError::Environment { .. }), "{missing}");
    for (variable, problem) in [(SHORT, "has 5 bytes"), (OTHER, "not base64")] {
        let error = Key::from_env(variable).unwrap_err().to_string();
        assert!(error.contains(variable), "{error}");
        assert!(error.contains(problem), "{error}");
    }
}

#[tokio::test]
async fn a_configured_page_keeps_its_fragment() {
    let dances = site("https://app.test")
        .with(dance().on_logout_redirect_to("/app?a=b#/bye"))
        .build()
        .unwrap();
    let request = Request::post("/logout/acme").body(Bytes::new()).unwrap();
    let response = dances.handle(request).await;
    assert_eq!(
        response.headers()["location"],
        "https://app.test/app?a=b#/bye"
    );
}

#[tokio::test]
async fn a21_a_login_that_is_fetched_ahead_does_not_begin() {
    let dances = site("https://app.test").with(dance()).build().unwrap();
    let request = Request::get("/login/acme").header("sec-purpose", "prefetch");
    let response = dances.handle(request.body(Bytes::new()).unwrap()).await;
    assert_eq!(response.status(), 204);
    assert!(response.headers().get("set-cookie").is_none());
}

#[test]
fn g12_http_elsewhere_is_refused_for_an_origin() {
    for loopback in [
        "http://127.0.0.1:3000",
        "http://127.8.8.8",
        "http://localhost:3000",
        "http://app.localhost",
        "http://[::1]:3000",
    ] {
        assert!(site(loopback).with(dance()).build().is_ok(), "{loopback}");
    }
    for elsewhere in [
        "http://app.test",
        "http://localhost.app.test",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "ftp://localhost",
    ] {
        fails_with(
            site(elsewhere).with(dance()),
            "the origin must be https, because the cookies need it: plain http is for loopback, such as http://127.0.0.1:3000, and http elsewhere is refused",
        );
    }
}

#[test]
fn r21_http_elsewhere_is_refused_for_an_endpoint() {
    let on_loopback = || {
        let at = |path: &str| format!("http://127.0.0.1:4000/{path}");
        dance_with(Provider::oauth2("acme", at("authorize"), at("token")))
    };
    assert!(site("http://localhost").with(on_loopback()).build().is_ok());
    let refused = "must be https: plain http is for endpoints on loopback, of an application whose origin is on loopback too, and http elsewhere is refused";
    let token = format!("the dance \"acme\": the token endpoint {refused}");
    fails_with(site("https://app.test").with(on_loopback()), &token);
    let plain = Provider::oauth2("acme", "https://id.test/authorize", "http://id.test/token");
    fails_with(site("http://localhost").with(dance_with(plain)), &token);
    for setting in ["userinfo", "revocation"] {
        let url = "http://id.test/plain";
        let provider = match setting {
            "userinfo" => provider().userinfo(url, "sub"),
            _ => provider().revoke(url),
        };
        let refused = format!("the dance \"acme\": the {setting} endpoint {refused}");
        fails_with(
            site("http://localhost").with(dance_with(provider)),
            &refused,
        );
    }
}

#[test]
fn an_application_without_dances_is_refused() {
    fails_with(
        site("https://app.test"),
        "the dances are missing: add one with `.with(providers::github())`, for example",
    );
}

#[test]
fn two_dances_of_one_name_are_refused() {
    fails_with(
        site("https://app.test").with(dance()).with(dance()),
        "the dance \"acme\": the name is taken by another dance: give one of them another name, with `.named(…)` on the provider or `.name(…)` on its dance",
    );
}

#[test]
fn c07_a_login_does_not_end_at_a_page_of_the_dances() {
    for path in [
        "/login/acme",
        "/logout/acme",
        "/login/acme/authorized",
        "/x/../login/other",
    ] {
        let problem = ["is a page of the dances"];
        dance_fails(dance().redirect_to(path), &["redirect_to", problem[0]]);
        dance_fails(
            dance().on_error_redirect_to(path),
            &["on_error_redirect_to", problem[0]],
        );
    }
    let elsewhere = dance().callback_path("/back").redirect_to("/back");
    dance_fails(elsewhere, &["redirect_to", "is a page of the dances"]);
    for fine in ["/loginpage", "https://elsewhere.test/login/acme"] {
        let dance = dance()
            .redirect_to(fine)
            .on_logout_redirect_to("/login/acme");
        assert!(
            site("https://app.test").with(dance).build().is_ok(),
            "{fine}"
        );
    }
}

#[test]
fn r10_a_callback_path_is_one_address_of_one_dance() {
    for path in [
        "", "/", "callback", "//evil", "/a/../b", "/a b", "/a?b", "/a#b", "/a/",
    ] {
        dance_fails(
            dance().callback_path(path),
            &["callback_path", "must be a path"],
        );
    }
    for path in ["/login/acme", "/logout/acme", "/login/other/authorized"] {
        dance_fails(
            dance().callback_path(path),
            &["callback_path", "another page of the dances"],
        );
    }
    fails(
        site("https://app.test")
            .with(dance().callback_path("/back"))
            .with(dance().name("two").callback_path("/back")),
        &["the dance \"two\"", "another page of the dances"],
    );
    let dances = site("https://app.test").with(dance().callback_path("/back"));
    let dances = dances.mount_at("/auth").build().unwrap();
    let paths: Vec<String> = oauth_dance::leaf::paths(&dances).collect();
    assert_eq!(paths, ["/auth/login/acme", "/back", "/auth/logout/acme"]);

    let dances = site("https://app.test").with(dance().callback_path("/b"));
    let dances = dances.with(dance().name("two")).build().unwrap();
    for (path, is_there) in [
        ("/b", true),
        ("/login/acme/authorized", false),
        ("/login/two/authorized", true),
    ] {
        let refused = oauth_dance::leaf::wrong_method(&dances, &http::Method::POST, path);
        assert_eq!(refused.is_some(), is_there, "{path}");
    }
}

#[test]
fn a_public_prefix_is_a_path() {
    for prefix in ["shop", "//shop", "/a/../b", "/a b", "/a?b"] {
        fails(
            site("https://app.test").public_prefix(prefix).with(dance()),
            &["public_prefix must be a path"],
        );
    }
}

#[test]
fn b01_one_provider_may_be_asked_in_two_ways() {
    let at = |query: &str, name: &str| {
        let authorize = format!("https://id.test/authorize{query}");
        let provider = Provider::oauth2("acme", authorize, "https://id.test/token");
        dance_with(provider.issuer("https://id.test")).name(name)
    };
    let hinted = site("https://app.test")
        .with(at("", "acme"))
        .with(at("?kc_idp_hint=google", "google"));
    assert!(hinted.build().is_ok());
}

#[test]
fn b01_two_tenants_of_one_host_need_an_issuer_each() {
    let realm = |realm: &str| {
        let at = |page: &str| format!("https://id.test/realms/{realm}/{page}");
        Provider::oauth2("acme", at("authorize"), at("token"))
    };
    fails(
        site("https://app.test")
            .with(dance_with(realm("one")))
            .with(dance_with(realm("two")).name("two")),
        &["the dance \"two\": the issuer", "`.issuer(…)`"],
    );
    let named = |name: &str| dance_with(realm(name).issuer(format!("https://id.test/{name}")));
    let both = site("https://app.test")
        .with(named("one"))
        .with(named("two").name("two"));
    assert!(both.build().is_ok());
}

#[test]
fn b03_an_issuer_that_is_required_must_be_known() {
    dance_fails(
        dance_with(provider().require_issuer()),
        &["`require_issuer` must name an issuer", "`.issuer(…)`"],
    );
}

#[test]
fn i10_an_identifier_that_people_can_change_is_refused_unless_it_is_named() {
    let known_by = |path: &str| provider().userinfo("https://id.test/userinfo", path);
    for path in [
        "email",
        "login",
        "preferred_username",
        "username",
        "data.user.Email",
        "userPrincipalName",
        "data.0.screen-name",
    ] {
        let name = path.rsplit('.').next().unwrap();
        dance_fails(
            dance_with(known_by(path)),
            &[
                "the user identifier",
                &format!("`.user_id_never_changes({name:?})`"),
            ],
        );
        let named = dance_with(known_by(path).user_id_never_changes(name));
        assert!(
            site("https://app.test").with(named).build().is_ok(),
            "{path}"
        );
        // Of another member nothing was said.
        dance_fails(
            dance_with(known_by(path).user_id_never_changes("other")),
            &["the user identifier"],
        );
        // Whose identity is not asked for is linked with nothing.
        let unasked = dance_with(known_by(path)).without_identity();
        assert!(
            site("https://app.test").with(unasked).build().is_ok(),
            "{path}"
        );
    }
    for path in ["sub", "id", "email.id", "data.0.id", "login.login_id"] {
        let dance = dance_with(known_by(path));
        assert!(
            site("https://app.test").with(dance).build().is_ok(),
            "{path}"
        );
    }
}

#[test]
fn a_token_parameter_is_not_one_of_the_dances_own() {
    for name in ["", "grant_type", "code_verifier", "client_secret", "scope"] {
        dance_fails(
            dance().token_parameter(name, "x"),
            &["token_parameter", "reserved for the dance"],
        );
    }
}

#[test]
fn b01_b07_two_providers_of_one_issuer_are_refused() {
    let at = |host: &str| {
        let at = |path: &str| format!("https://{host}.test/{path}");
        let provider = Provider::oauth2("acme", at("authorize"), at("token"));
        dance_with(provider.issuer("https://id.test"))
    };
    fails_with(
        site("https://app.test")
            .with(at("one"))
            .with(at("two").name("two")),
        "the dance \"two\": the issuer is that of the dance \"acme\", which has other endpoints: dances of one issuer need the same endpoints, and two providers need an `.issuer(…)` each",
    );
    let twice = site("https://app.test")
        .with(at("one"))
        .with(at("one").name("two"));
    assert!(twice.build().is_ok());
}

#[test]
fn b01_b07_two_providers_of_one_issuer_are_refused_also_if_one_endpoint_is_the_same() {
    let at = |authorize: &str, token: &str| {
        let provider = Provider::oauth2("acme", authorize, token);
        dance_with(provider.issuer("https://id.test"))
    };
    for (authorize, token) in [
        ("https://id.test/authorize", "https://evil.test/token"),
        ("https://evil.test/authorize", "https://id.test/token"),
    ] {
        let ours = at("https://id.test/authorize", "https://id.test/token");
        let two = site("https://app.test").with(ours);
        fails(two.with(at(authorize, token).name("two")), &["the issuer"]);
    }
}

#[test]
fn lifetimes_and_deadlines_that_cannot_be_kept_are_refused() {
    let site = || site("https://app.test").with(dance());
    let (short, long) = (Duration::from_millis(999), Duration::MAX);
    fails_with(
        site().login_lifetime(short),
        "login_lifetime must be at least a second",
    );
    fails_with(
        site().session_lifetime(short),
        "session_lifetime must be at least a second",
    );
    fails_with(
        site().login_lifetime(Duration::from_secs(3601)),
        "login_lifetime must be at most 3600 seconds",
    );
    fails_with(
        site().session_lifetime(long),
        "session_lifetime must be at most 34560000 seconds",
    );
    fails_with(
        site().receiver_deadline(Duration::ZERO),
        "receiver_deadline must be longer than zero",
    );
    fails_with(
        site().receiver_deadline(long),
        "receiver_deadline must be at most 68719476 seconds, which is what a timer takes",
    );
    fails_with(
        site().store_deadline(Duration::ZERO),
        "store_deadline must be longer than zero",
    );
    fails_with(
        site().store_deadline(long),
        "store_deadline must be at most 68719476 seconds, which is what a timer takes",
    );
    let provider = || provider().userinfo("https://id.test/userinfo", "sub");
    for lifetime in [Duration::ZERO, short] {
        dance_fails(
            dance_with(provider().token_lifetime(lifetime)),
            &["token_lifetime must be at least a second"],
        );
    }
    let longest = dance_with(provider().token_lifetime(long));
    assert!(self::site("https://app.test").with(longest).build().is_ok());
    fails_with(
        site().limits(Limits::DEFAULT.with_deadline(long)),
        "limits.deadline must be at most 68719476 seconds, which is what a timer takes",
    );
    fails_with(
        site().limits(Limits::DEFAULT.with_max_body_bytes(0)),
        "limits.max_body_bytes must be at least one, since every provider answers with a body",
    );
}

/// `?` in `main` prints `Debug`.
#[test]
fn errors_of_the_set_up_debug_as_they_display() {
    let config = site("https://app.test").build().unwrap_err();
    assert_eq!(format!("{config:?}"), config.to_string());
    let key = Key::from_base64("short").unwrap_err();
    assert_eq!(format!("{key:?}"), key.to_string());
    let store = StoreError::refused("no such user");
    assert_eq!(format!("{store:?}"), store.to_string());
}

#[test]
fn k01_a_builder_prints_its_names_and_no_secret() {
    let dance = Dance::builder(provider()).credentials(Credentials::new("id", "kept-to-itself"));
    let printed = format!("{:?}", site("https://app.test").with(dance));
    for word in ["DancesBuilder", "https://app.test", "acme"] {
        assert!(printed.contains(word), "{printed}");
    }
    assert!(!printed.contains("kept-to-itself"), "{printed}");
}

#[test]
fn errors_of_clients_and_of_randomness_say_what_happened() {
    let client = ClientError::new(ClientErrorKind::Timeout);
    assert_eq!(client.to_string(), ClientErrorKind::Timeout.to_string());
    assert_eq!(
        EntropyError.to_string(),
        "the random source of the operating system failed"
    );
}

#[test]
fn the_error_of_a_store_prints_its_causes() {
    let full = std::io::Error::other("the disk is full");
    let store = StoreError::unavailable("saving a token", full);
    assert_eq!(store.to_string(), "the store failed: saving a token");
    assert_eq!(
        format!("{store:?}"),
        "the store failed: saving a token: the disk is full"
    );
}

/// An error that prints its source, too.
#[derive(Debug, thiserror::Error)]
#[error("writing: {0}")]
struct Writing(#[source] std::io::Error);

#[test]
fn the_error_of_a_store_prints_no_cause_twice() {
    let full = Writing(std::io::Error::other("the disk is full"));
    let store = StoreError::unavailable("saving a token", full);
    let text = "the store failed: saving a token: writing: the disk is full";
    assert_eq!(format!("{store:?}"), text);
}

#[test]
fn k01_keys_and_sealed_tokens_print_nothing_of_themselves() {
    let key = Key::generate().unwrap();
    assert_eq!(format!("{key:?}"), "Key([redacted])");
    let sealed = SealedToken::from_bytes(vec![7; 3]);
    assert_eq!(format!("{sealed:?}"), "SealedToken(3 bytes)");
}

#[test]
fn k02_a_session_as_a_store_keeps_it_prints_its_size() {
    let at = Timestamp::from_unix_seconds(10);
    let new = NewSession {
        sealed: vec![7; 3],
        user: Some("7".to_owned()),
        made_at: at,
        seen_at: at,
        expires_at: at,
    };
    let stored = StoredSession {
        sealed: vec![7; 3],
        made_at: at,
        seen_at: at,
        expires_at: at,
    };
    for printed in [format!("{new:?}"), format!("{stored:?}")] {
        assert!(printed.contains("sealed_bytes: 3"), "{printed}");
        assert!(!printed.contains('['), "{printed}");
    }
}

#[test]
fn r21_a_providers_endpoint_is_https() {
    let plain = Provider::oauth2("acme", "https://id.test/authorize", "http://id.test/token");
    dance_fails(dance_with(plain), &["acme", "token endpoint", "https"]);
    let foreign = dance_with(provider().userinfo("ftp://id.test/me", "sub"));
    dance_fails(foreign, &["userinfo endpoint"]);
    for revoke in ["a:b", "a", ":b"].map(|it| format!("https://{it}@id.test/revoke")) {
        let credentials = dance_with(provider().revoke(revoke));
        dance_fails(credentials, &["revocation endpoint", "password"]);
    }
}

#[test]
fn a_client_without_tls_is_found_out_before_the_first_login() {
    let builder = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(Client { tls: false })
        .with(dance());
    fails(
        builder,
        &["acme", "token endpoint", "no TLS was compiled in"],
    );
}

#[test]
fn a_shared_client_is_asked_whether_it_reaches_an_endpoint() {
    let builder = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(Arc::new(Client { tls: false }))
        .with(dance());
    fails(builder, &["no TLS was compiled in"]);
}

#[test]
fn a_missing_client_says_how_to_bring_one() {
    let builder = Dances::builder("https://app.test", Key::generate().unwrap()).with(dance());
    fails(builder, &["HTTP client", ".client("]);
}

#[test]
fn an_origin_is_an_origin() {
    for text in [
        "",
        "app.test",
        "https://app.test/path",
        "https://u:p@app.test",
        "https://app.test?a",
    ] {
        fails(site(text), &["origin"]);
    }
}

#[test]
fn names_paths_and_lifetimes_are_checked() {
    dance_fails(dance().name("Not A Name"), &["name"]);
    dance_fails(dance().redirect_to("//evil.test"), &["redirect_to"]);
    dance_fails(
        dance().on_error_redirect_to("javascript:x"),
        &["on_error_redirect_to"],
    );
    dance_fails(
        dance().on_logout_redirect_to("no-slash"),
        &["on_logout_redirect_to"],
    );
    fails(site("https://app.test").mount_at("auth"), &["mount_at"]);
    fails(
        site("https://app.test").cookie_namespace("a b"),
        &["cookie_namespace"],
    );
    let zero = std::time::Duration::ZERO;
    fails(
        site("https://app.test").login_lifetime(zero),
        &["login_lifetime"],
    );
}

#[test]
fn the_shortest_and_the_longest_settings_are_taken() {
    let site = || site("https://app.test");
    for name in ["a".to_owned(), "a".repeat(64)] {
        assert!(site().with(dance().name(name)).build().is_ok());
    }
    for namespace in ["a".to_owned(), "a".repeat(32)] {
        let named = site().with(dance()).cookie_namespace(&namespace);
        assert!(named.build().is_ok());
    }
    let second = dance_with(provider().token_lifetime(Duration::from_secs(1)));
    assert!(site().with(second).build().is_ok());
    for seconds in [1, 3600] {
        let lives = Duration::from_secs(seconds);
        assert!(site().with(dance()).login_lifetime(lives).build().is_ok());
    }
}

#[test]
fn names_and_namespaces_that_are_empty_or_too_long_are_refused() {
    for name in [String::new(), "a".repeat(65), "a".repeat(66)] {
        dance_fails(dance().name(name), &["must be 1 to 64"]);
    }
    for namespace in [String::new(), "a".repeat(33), "a".repeat(34)] {
        let named = site("https://app.test").with(dance());
        fails(named.cookie_namespace(&namespace), &["must be 1 to 32"]);
    }
}

#[test]
fn g15_a_weak_key_is_no_key() {
    assert_eq!(Key::from_bytes(&[0; 32]).unwrap_err(), KeyError::Weak);
    assert_eq!(
        Key::from_bytes(&[1; 16]).unwrap_err(),
        KeyError::WrongLength { bytes: 16 }
    );
    assert_eq!(Key::from_base64("!").unwrap_err(), KeyError::NotBase64);
    let missing = Key::from_env("NO_SUCH_VARIABLE").unwrap_err().to_string();
    assert!(missing.contains("NO_SUCH_VARIABLE") && missing.contains("openssl rand"));
}

/// Two dances may have providers of one identifier.
#[test]
fn every_error_of_a_providers_description_names_the_dance() {
    let https = "https://id.test";
    for provider in [
        Provider::oauth2("acme", "http://id.test/authorize", https),
        Provider::oauth2("acme", https, "http://id.test/token"),
        provider().userinfo("http://id.test/me", "id"),
        provider().userinfo("https://id.test/me", "email"),
        provider().revoke("http://id.test/revoke"),
        provider().api_base("http://id.test/"),
        provider().require_issuer(),
        provider().token_lifetime(Duration::ZERO),
    ] {
        dance_fails(
            dance_with(provider).name("gitlab"),
            &["the dance \"gitlab\""],
        );
    }
}

#[test]
fn g15_a_key_in_hexadecimal_is_told_from_one_in_base64() {
    let hexadecimal = "0123456789abcdef".repeat(4);
    let error = Key::from_base64(&hexadecimal).unwrap_err();
    assert_eq!(error, KeyError::Hexadecimal);
    assert!(error.to_string().contains("base64"), "{error}");
}
