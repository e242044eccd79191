//! What the tests of the provider share: one application, two people, and the requests of a client.
#![allow(dead_code, reason = "each test file uses its part")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response};
use oauth_dance_dev::{
    ClientRegistration, DevProvider, DevProviderBuilder, Person, RunningProvider,
};
use oauth_dance_testkit::ManualClock;
use serde_json::Value;
use url::Url;

pub(crate) const CALLBACK: &str = "https://app.test/callback";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const STATE: &str = "state with spaces & signs=+/%";

/// The provider of most tests, before it is built.
pub(crate) fn described() -> DevProviderBuilder {
    DevProvider::builder()
        .demo_people()
        .person(Person::new("locked").password("open sesame"))
        .client(
            ClientRegistration::new("app", "secret")
                .name("The app")
                .redirect_uri(CALLBACK),
        )
        .client(ClientRegistration::new("other", "other-secret").redirect_uri(CALLBACK))
        .client(
            ClientRegistration::new("two", "two-secret")
                .redirect_uri("https://two.test/a?keep=me")
                .redirect_uri("https://two.test/b"),
        )
        .client(ClientRegistration::new("a:b c", "p+é/%").redirect_uri(CALLBACK))
        .client(ClientRegistration::public("phone").redirect_uri("app.phone:/callback"))
}

pub(crate) fn provider() -> DevProvider {
    described().build()
}

/// The provider on a socket of its own.
pub(crate) async fn served(provider: DevProvider) -> (DevProvider, RunningProvider) {
    let server = provider.serve("127.0.0.1:0").await.expect("a free port");
    (provider, server)
}

/// A provider whose time the test moves.
pub(crate) fn provider_with_clock() -> (DevProvider, ManualClock) {
    let clock = ManualClock::new();
    let provider = described().clock(clock.clone()).build();
    (provider, clock)
}

/// The parameters of a good authorization request.
pub(crate) fn good_request() -> Vec<(&'static str, &'static str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "profile email"),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// A good request with one parameter changed, added, or (by an empty value) left out.
pub(crate) fn request_with(
    name: &'static str,
    value: &'static str,
) -> Vec<(&'static str, &'static str)> {
    let mut request = good_request();
    request.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        request.push((name, value));
    }
    request
}

pub(crate) fn authorize_url(provider: &DevProvider, params: &[(&str, &str)]) -> String {
    format!("{}/authorize?{}", provider.issuer(), encode(params))
}

pub(crate) fn encode(params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish()
}

/// The value of a parameter of a callback.
pub(crate) fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

pub(crate) fn get(provider: &DevProvider, path: &str) -> Response<Bytes> {
    let request = Request::get(path).body(Bytes::new()).expect("a request");
    provider.handle(request)
}

/// Posts a form, authenticated as `app` by `client_secret_basic`.
pub(crate) fn post(provider: &DevProvider, path: &str, form: &[(&str, &str)]) -> Response<Bytes> {
    post_as(provider, path, Some(&basic("app", "secret")), form)
}

pub(crate) fn post_as(
    provider: &DevProvider,
    path: &str,
    authorization: Option<&str>,
    form: &[(&str, &str)],
) -> Response<Bytes> {
    let mut request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(value) = authorization {
        request = request.header(AUTHORIZATION, value);
    }
    provider.handle(request.body(Bytes::from(encode(form))).expect("a request"))
}

/// RFC 6749 §2.3.1: each part form-encoded, then base64.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
    )
}

pub(crate) fn with_token(provider: &DevProvider, path: &str, token: &str) -> Response<Bytes> {
    let request = Request::get(path)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .body(Bytes::new())
        .expect("a request");
    provider.handle(request)
}

pub(crate) fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).expect("a JSON answer")
}

/// The member of a JSON answer, as text.
pub(crate) fn text(response: &Response<Bytes>, member: &str) -> String {
    json(response)[member]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// A fresh code for `app`, with the scopes `profile email`.
pub(crate) fn code(provider: &DevProvider) -> String {
    let url = authorize_url(provider, &good_request());
    let callback = provider
        .approve(&url, "ada", &["profile", "email"])
        .expect("a callback");
    param(&callback, "code").expect("a code")
}

pub(crate) fn exchange(provider: &DevProvider, code: &str) -> Response<Bytes> {
    post(provider, "/token", &code_grant(code))
}

pub(crate) fn code_grant(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) fn refresh(provider: &DevProvider, refresh_token: &str) -> Response<Bytes> {
    post(
        provider,
        "/token",
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ],
    )
}

/// The access token and the refresh token of a fresh login.
pub(crate) fn tokens(provider: &DevProvider) -> (String, String) {
    let answer = exchange(provider, &code(provider));
    assert_eq!(answer.status(), 200);
    (
        text(&answer, "access_token"),
        text(&answer, "refresh_token"),
    )
}
