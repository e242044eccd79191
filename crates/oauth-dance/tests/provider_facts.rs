//! What a provider's description changes: whose identity it is, what its words mean, what it is asked.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use oauth_dance::providers::Catalog;
use oauth_dance::{
    Authorized, ClientAuth, ClientError, Clock as _, Credentials, Dance, DanceBuilder, HttpClient,
    Identity, Key, Limits, LoginFailure, MemoryStore, OAUTH_AUTHORIZED, OAUTH_ERROR, Provider,
    ProviderError, Quirks, Token,
};
use parking_lot::Mutex;

use self::support::{App, Op, app_of};

/// What a login brought.
type Seen = (Token, Option<Identity>);

/// A provider that answers with these texts, and what the application heard of them.
struct Site {
    app: App,
    requests: Op,
    seen: Arc<Mutex<Option<Seen>>>,
    failed: Arc<Mutex<Vec<LoginFailure>>>,
}

struct Says {
    requests: Op,
    token: String,
    userinfo: String,
}

#[async_trait]
impl HttpClient for Says {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_userinfo = request.uri().path() == "/userinfo";
        let mut response = self.requests.send(request, limits).await?;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        let text = if is_userinfo {
            &self.userinfo
        } else {
            &self.token
        };
        *response.body_mut() = Bytes::from(text.clone());
        Ok(response)
    }
}

const TOKEN: &str =
    r#"{"access_token":"at","token_type":"bearer","refresh_token":"rt","expires_in":60}"#;

fn op() -> Provider {
    Provider::oauth2("op", "https://op.test/authorize", "https://op.test/token")
}

fn known_by(path: &str) -> Provider {
    op().userinfo("https://op.test/userinfo", path)
}

fn site(dance: Provider, token: &str, userinfo: &str) -> Site {
    site_of(Dance::builder(dance), token, userinfo)
}

fn site_of(dance: DanceBuilder, token: &str, userinfo: &str) -> Site {
    let requests = Op::default();
    let says = Says {
        requests: requests.clone(),
        token: token.to_owned(),
        userinfo: userinfo.to_owned(),
    };
    let dance = dance.credentials(Credentials::new("id", "secret"));
    let app = app_of(&Key::generate().unwrap(), dance, |dances| {
        dances.client(says)
    });
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    let signal = app.signals.of(&OAUTH_AUTHORIZED);
    signal.connect(move |_: &Dance, login: &Authorized| {
        *note.lock() = Some((login.token().clone(), login.identity().cloned()));
    });
    let failed = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&failed);
    let signal = app.signals.of(&OAUTH_ERROR);
    signal.connect(move |_: &Dance, failure: &LoginFailure| note.lock().push(failure.clone()));
    Site {
        app,
        requests,
        seen,
        failed,
    }
}

impl Site {
    /// Walks a login whose callback has this text besides. Returns what the application saw of it.
    async fn login(&self, beside: &str) -> Option<Seen> {
        let browser = self.app.browser();
        let callback = self.app.callback(&browser).await;
        self.app
            .ask(&browser, Method::GET, &format!("{callback}{beside}"))
            .await;
        self.seen.lock().take()
    }

    async fn identity(&self) -> Option<Identity> {
        self.login("").await.and_then(|(_, identity)| identity)
    }
}

#[tokio::test]
async fn i11_people_of_two_tenants_of_one_product_are_two() {
    let person = r#"{"sub":"1"}"#;
    let mut issuers = Vec::new();
    for provider in [
        Provider::oauth2("sso", "https://a.test/authorize", "https://a.test/token")
            .userinfo("https://a.test/userinfo", "sub"),
        Provider::oauth2("sso", "https://b.test/authorize", "https://b.test/token")
            .userinfo("https://b.test/userinfo", "sub"),
    ] {
        let app = site(provider.clone(), TOKEN, person);
        let browser = app.app.browser();
        app.app.sign_in(&browser, "sso").await;
        let (_, identity) = app.seen.lock().take().unwrap();
        issuers.push(identity.unwrap().issuer().to_owned());

        // What stays the same whatever moves is what the application says.
        let app = site(provider.issuer("https://sso.test"), TOKEN, person);
        let browser = app.app.browser();
        app.app.sign_in(&browser, "sso").await;
        let (_, identity) = app.seen.lock().take().unwrap();
        assert_eq!(identity.unwrap().issuer(), "https://sso.test");
    }
    assert_eq!(issuers, ["sso https://a.test", "sso https://b.test"]);
}

#[tokio::test]
async fn the_path_of_the_identifier_may_lead_through_lists_and_dotted_names() {
    for (path, answer, subject) in [
        ("id", r#"{"id":7}"#, Some("7")),
        (
            "data.0.id",
            r#"{"data":[{"id":"x"},{"id":"y"}]}"#,
            Some("x"),
        ),
        (
            "data.1.id",
            r#"{"data":[{"id":"x"},{"id":"y"}]}"#,
            Some("y"),
        ),
        ("data.2.id", r#"{"data":[{"id":"x"}]}"#, None),
        ("data.-1.id", r#"{"data":[{"id":"x"}]}"#, None),
        ("data.id", r#"{"data":[{"id":"x"}]}"#, None),
        (
            "https://op.test/user_id",
            r#"{"https://op.test/user_id":"U1"}"#,
            Some("U1"),
        ),
        ("a.b.c", r#"{"a":{"b.c":"deep"}}"#, Some("deep")),
        ("id", r#"{"id":1.5}"#, None),
        ("id", r#"{"id":""}"#, None),
        ("id", r#"{"id":" "}"#, None),
        ("id", r#"{"id":"\t\u0000\u2003"}"#, None),
        ("id", r#"{"id":true}"#, None),
        ("id", r#"{"id":{"id":"x"}}"#, None),
    ] {
        let identity = site(known_by(path), TOKEN, answer).identity().await;
        let found = identity.as_ref().map(Identity::subject);
        assert_eq!(found, subject, "{path} in {answer}");
    }
}

#[tokio::test]
async fn e22_an_identifier_has_a_bounded_length() {
    for (length, taken) in [(1, true), (255, true), (256, false)] {
        let answer = format!(r#"{{"sub":"{}"}}"#, "x".repeat(length));
        let identity = site(known_by("sub"), TOKEN, &answer).identity().await;
        assert_eq!(identity.is_some(), taken, "{length}");
    }
}

#[tokio::test]
async fn names_and_addresses_are_looked_for_beside_the_identifier() {
    let answer = r#"{"name":"The workspace","email":"all@op.test","locale":"en",
        "data":[{"id":"x","name":"Ada","email":"ada@op.test","email_verified":true}]}"#;
    let identity = site(known_by("data.0.id"), TOKEN, answer).identity().await;
    let identity = identity.unwrap();
    assert_eq!(identity.display_name(), "Ada");
    assert_eq!(identity.email(), Some("ada@op.test"));
    assert!(identity.email_is_verified());
    assert_eq!(identity.claim("locale"), Some("en"));
}

#[tokio::test]
async fn the_identity_of_a_signed_in_browser_is_the_one_that_signed_in() {
    let answer = r#"{"data":{"id":"x","name":"Ada","email_verified":"true"}}"#;
    let provider = known_by("data.id").quirks(Quirks::none().email_verified_as_text());
    let site = site(provider, TOKEN, answer);
    let browser = site.app.signed_in().await;
    let api = site.app.visit(&browser).api("op").unwrap();
    let kept = api.identity().await.unwrap();
    let kept = kept.unwrap();
    let (_, first) = site.seen.lock().take().unwrap();
    assert_eq!(Some(&kept), first.as_ref());
    assert_eq!(kept.display_name(), "Ada");
    assert!(kept.email_is_verified());
}

#[tokio::test]
async fn e38_an_address_is_verified_by_a_boolean_or_by_a_quirk() {
    let lenient = Quirks::none().email_verified_as_text();
    for (value, strictly, leniently) in [
        ("true", true, true),
        ("\"true\"", false, true),
        ("\"false\"", false, false),
        ("\"TRUE\"", false, false),
        ("1", false, false),
        ("null", false, false),
    ] {
        let answer = format!(r#"{{"sub":"1","email_verified":{value}}}"#);
        for (quirks, expected) in [(Quirks::none(), strictly), (lenient.clone(), leniently)] {
            let provider = known_by("sub").quirks(quirks);
            let identity = site(provider, TOKEN, &answer).identity().await.unwrap();
            assert_eq!(identity.email_is_verified(), expected, "{value}");
        }
    }
}

#[tokio::test]
async fn a15_the_words_for_no_are_known() {
    let strict = op();
    let told = op().denied_errors(["user_said_no"]);
    for (provider, word, denied) in [
        (&strict, "access_denied", true),
        (&strict, "user_cancelled_login", true),
        (&strict, "user_cancelled_authorize", true),
        (&strict, "user_denied", true),
        (&strict, "user_said_no", false),
        (&told, "user_said_no", true),
        (&told, "access_denied", true),
        (&told, "server_error", false),
    ] {
        let site = site(provider.clone(), TOKEN, "{}");
        let browser = site.app.browser();
        let callback = site.app.callback(&browser).await;
        let callback = callback.replace("code=code", &format!("error={word}"));
        site.app.ask(&browser, Method::GET, &callback).await;
        let failure = site.failed.lock().pop().unwrap();
        assert_eq!(failure.error().is_denied(), denied, "{word}");
    }
}

#[tokio::test]
async fn d21_scopes_told_in_the_callback_take_away_and_never_add() {
    let asked = || op().scopes(["read", "activity:write"]);
    let told = || {
        asked().quirks(
            Quirks::none()
                .scope_in_callback()
                .scope_answer_separator(','),
        )
    };
    for (provider, beside, granted) in [
        (told(), "&scope=read", vec!["read"]),
        (
            told(),
            "&scope=read,activity:write",
            vec!["read", "activity:write"],
        ),
        (told(), "&scope=read%2Cadmin", vec!["read"]),
        (told(), "&scope=", vec![]),
        // RFC 6749 §5.1, for a provider that says nothing.
        (told(), "", vec!["read", "activity:write"]),
        (asked(), "&scope=read", vec!["read", "activity:write"]),
    ] {
        let (token, _) = site(provider, TOKEN, "{}").login(beside).await.unwrap();
        let scopes: Vec<&str> = token.scopes().iter().collect();
        assert_eq!(scopes, granted, "{beside:?}");
    }
    let many = "x ".repeat(300).replace(' ', "+");
    let site = site(told(), TOKEN, "{}");
    assert!(site.login(&format!("&scope={many}")).await.is_none());
}

#[tokio::test]
async fn further_parameters_are_sent_with_every_token_request() {
    let dance = Dance::builder(op().api_base("https://op.test/v1"))
        .token_parameter("audience", "https://api.test")
        .token_parameter("resource", "https://a.test")
        .token_parameter("resource", "https://b.test");
    let site = site_of(dance, TOKEN, "{}");
    let browser = site.app.signed_in().await;
    let api = site.app.visit(&browser).api("op").unwrap();
    api.refresh().await.unwrap();
    let forms = site.requests.forms();
    assert_eq!(forms.len(), 2);
    for form in forms {
        let sent: Vec<(&str, &str)> = form
            .iter()
            .filter(|(name, _)| matches!(name.as_str(), "audience" | "resource"))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let expected = [
            ("audience", "https://api.test"),
            ("resource", "https://a.test"),
            ("resource", "https://b.test"),
        ];
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn l05_the_longest_lifetimes_there_are_overflow_nothing() {
    let untold = r#"{"access_token":"at","token_type":"bearer"}"#;
    let provider = op().token_lifetime(std::time::Duration::MAX);
    let (token, _) = site(provider, untold, "{}").login("").await.unwrap();
    assert!(token.expires_at().is_some());
    let told = r#"{"access_token":"at","token_type":"bearer","expires_in":1e300}"#;
    assert!(site(op(), told, "{}").login("").await.is_some());
}

#[tokio::test]
async fn i08_i09_an_e_mail_address_is_never_a_part_of_the_key() {
    let mut accounts = Vec::new();
    for email in [
        "ada@op.test",
        "ADA@op.test",
        "a@x@y",
        "ada\u{ff20}op.test",
        ".a+b@op.test",
        "",
    ] {
        let answer = format!(r#"{{"sub":"1","email":"{email}"}}"#);
        let identity = site(known_by("sub"), TOKEN, &answer)
            .identity()
            .await
            .unwrap();
        assert_eq!(identity.email(), Some(email));
        accounts.push((identity.issuer().to_owned(), identity.subject().to_owned()));
    }
    accounts.dedup();
    assert_eq!(accounts.len(), 1);
}

#[tokio::test]
async fn b11_a_provider_that_refuses_the_challenge_is_not_asked_without_it() {
    let site = site(op(), TOKEN, "{}");
    let browser = site.app.browser();
    let callback = site.app.callback(&browser).await;
    let refused = callback.replace("code=code", "error=invalid_request");
    site.app.ask(&browser, Method::GET, &refused).await;
    assert_eq!(site.requests.requests(), 0);
    let failure = site.failed.lock().pop().unwrap();
    assert_eq!(failure.provider_error().unwrap().code(), "invalid_request");
}

#[tokio::test]
async fn k04_credentials_in_requests_are_marked_sensitive() {
    let site = site(
        known_by("sub").api_base("https://op.test/v1"),
        TOKEN,
        r#"{"sub":"1"}"#,
    );
    let browser = site.app.signed_in().await;
    let api = site.app.visit(&browser).api("op").unwrap();
    api.get("x").await.unwrap();
    api.refresh().await.unwrap();
    assert_eq!(site.requests.requests(), 4);
    for printed in site.requests.printed() {
        assert!(
            printed.contains("\"authorization\": Sensitive"),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn f01_a_token_that_is_born_expired_is_refreshed_once_a_call() {
    let born_expired =
        r#"{"access_token":"at","token_type":"bearer","refresh_token":"rt","expires_in":0}"#;
    let dance = Dance::builder(op().api_base("https://op.test/v1"));
    let site = site_of(dance, born_expired, "{}");
    let browser = site.app.signed_in().await;
    for refreshes in 1..=2 {
        let visit = site.app.visit(&browser);
        assert!(visit.api("op").unwrap().token().await.is_ok());
        site.app.finish(&visit, &browser);
        assert_eq!(site.requests.forms().len(), 1 + refreshes);
        site.app.clock.advance(std::time::Duration::from_secs(60));
    }
}

/// A provider that answers every request with this status, content type and body.
struct Answers(u16, &'static str, &'static str);

#[async_trait]
impl HttpClient for Answers {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
        let response = Response::builder().status(self.0);
        let response = response.header("content-type", self.1);
        Ok(response
            .body(Bytes::from_static(self.2.as_bytes()))
            .unwrap())
    }
}

/// Whether a login ends with a token, at a provider with these quirks and this answer.
async fn is_taken(quirks: Quirks, (status, kind, body): (u16, &'static str, &'static str)) -> bool {
    let dance = Dance::builder(op().quirks(quirks));
    let dance = dance.credentials(Credentials::new("id", "secret"));
    let client = Answers(status, kind, body);
    let app = app_of(&Key::generate().unwrap(), dance, |dances| {
        dances.client(client).store(MemoryStore::new())
    });
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    app.ask(&browser, Method::GET, &callback).await;
    app.visit(&browser).owner("op").await.unwrap().is_some()
}

#[tokio::test]
async fn an_answer_that_departs_from_the_standard_needs_its_quirk() {
    let none = Quirks::none;
    let form = "access_token=at&token_type=bearer";
    let untyped = r#"{"access_token":"at"}"#;
    let list = r#"{"access_token":"at","token_type":"bearer","scope":["a"]}"#;
    for (quirks, answer) in [
        (
            none().form_encoded_answer(),
            (200, "application/x-www-form-urlencoded", form),
        ),
        (none().any_content_type(), (200, "text/html", TOKEN)),
        (none().created_is_ok(), (201, "application/json", TOKEN)),
        (
            none().token_type_may_be_missing(),
            (200, "application/json", untyped),
        ),
        (none().scope_array(), (200, "application/json", list)),
    ] {
        assert!(!is_taken(none(), answer).await, "{answer:?}");
        assert!(is_taken(quirks, answer).await, "{answer:?}");
    }
}

#[tokio::test]
async fn d11_an_answer_of_16_000_values_is_read_and_one_of_17_000_is_not() {
    for (values, taken) in [(16_000, true), (17_000, false)] {
        let list = vec!["0"; values].join(",");
        let list = format!(r#"{{"list":[{list}],"#);
        let answer = (200, "application/json", &*TOKEN.replace('{', &list).leak());
        assert_eq!(is_taken(Quirks::none(), answer).await, taken, "{values}");
    }
}

#[tokio::test]
async fn an_error_in_an_ok_answer_is_the_providers_by_a_quirk() {
    let answer = r#"{"error":"bad_verification_code"}"#;
    let by_quirk = Quirks::none().error_in_ok_answer();
    for (quirks, code) in [
        (Quirks::none(), None),
        (by_quirk, Some("bad_verification_code")),
    ] {
        let site = site(op().quirks(quirks), answer, "{}");
        assert!(site.login("").await.is_none());
        let failure = site.failed.lock().pop().unwrap();
        assert_eq!(failure.provider_error().map(ProviderError::code), code);
    }
}

#[test]
fn a_description_is_read_back_as_it_was_written() {
    let plain = op();
    assert_eq!((plain.revoke_url(), plain.api_base_url()), (None, None));
    assert_eq!((plain.issuer_id(), plain.scope_delimiter()), (None, " "));
    assert_eq!(plain.client_auth_method(), ClientAuth::Basic);
    let quirks = Quirks::none().scope_array();
    let provider = known_by("id")
        .revoke("https://op.test/revoke")
        .api_base("https://op.test/v1")
        .issuer("https://op.test")
        .scopes(["read"])
        .scope_separator(",")
        .client_auth(ClientAuth::Post)
        .quirks(quirks.clone());
    assert_eq!(provider.revoke_url(), Some("https://op.test/revoke"));
    assert_eq!(provider.api_base_url(), Some("https://op.test/v1"));
    assert_eq!(provider.issuer_id(), Some("https://op.test"));
    assert_eq!(provider.default_scopes().join(" "), "read");
    assert_eq!(provider.scope_delimiter(), ",");
    assert_eq!(provider.client_auth_method(), ClientAuth::Post);
    assert_eq!(provider.token_quirks(), &quirks);
    assert_eq!(
        format!("{provider:?}"),
        r#"Provider { id: "op", authorize: "https://op.test/authorize", token: "https://op.test/token", .. }"#
    );
}

/// An entry of a catalog with what it needs at least, and a userinfo endpoint.
const ENTRY: &str = r#"
    [[provider]]
    id = "op"
    name = "OP"
    authorize = "https://op.test/authorize"
    token = "https://op.test/token"
    userinfo = "https://op.test/userinfo"
"#;

fn of_catalog() -> Provider {
    let catalog = Catalog::from_toml(ENTRY).unwrap();
    catalog.provider("op").unwrap()
}

#[test]
fn an_entry_of_a_catalog_that_says_no_more_has_the_words_of_the_standards() {
    let provider = of_catalog();
    assert_eq!(provider.user_id(), "sub");
    assert_eq!(provider.scope_delimiter(), " ");
}

#[test]
fn the_entries_of_a_catalog_are_ordered_by_identifier() {
    let other = ENTRY.replace(r#"id = "op""#, r#"id = "acme""#);
    let catalog = Catalog::from_toml(&format!("{ENTRY}{other}")).unwrap();
    let ids: Vec<&str> = catalog.iter().map(Provider::id).collect();
    assert_eq!(ids, ["acme", "op"]);
}

#[tokio::test]
async fn i11_an_entry_of_a_catalog_is_one_provider_wherever_its_endpoints_are() {
    let site = site(of_catalog(), TOKEN, r#"{"sub":"1"}"#);
    let identity = site.identity().await.unwrap();
    assert_eq!(identity.issuer(), "op");
}

#[tokio::test]
async fn k01_an_identity_and_a_token_print_no_value_of_the_provider() {
    let token = TOKEN.replace('{', r#"{"extra":"words-of-the-token","#);
    let person = r#"{"sub":"1","email":"ada@op.test"}"#;
    let (token, identity) = site(known_by("sub"), &token, person)
        .login("")
        .await
        .unwrap();
    let identity = identity.unwrap();
    assert_eq!(identity.claims().len(), 2);
    let printed = format!("{identity:?}");
    assert!(
        printed.starts_with("Identity") && printed.contains("email"),
        "{printed}"
    );
    assert!(!printed.contains("ada@"), "{printed}");
    let printed = format!("{token:?}");
    assert!(
        printed.starts_with("Token") && printed.contains("extra"),
        "{printed}"
    );
    assert!(!printed.contains("words-of-the-token"), "{printed}");
}

#[tokio::test]
async fn a_token_expires_when_the_provider_has_said() {
    let site = site(op(), TOKEN, "{}");
    let now = site.app.clock.now();
    let (token, _) = site.login("").await.unwrap();
    let lives = token.expires_at().unwrap().since(now);
    assert_eq!(lives, std::time::Duration::from_secs(60));
}
