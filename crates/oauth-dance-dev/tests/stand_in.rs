//! A provider that stands in for another one: its URLs, and its habits.

mod common;

use bytes::Bytes;
use common::{CALLBACK, CHALLENGE, VERIFIER, basic, encode, json, param};
use http::{Request, Response};
use oauth_dance::{ClientErrorKind, HttpClient as _, Limits, Provider, Quirks, providers};
use oauth_dance_dev::{ClientRegistration, DevProvider};
use serde_json::json;
use url::Url;

fn standing_in_for(provider: Provider) -> DevProvider {
    DevProvider::builder()
        .demo_people()
        .client(ClientRegistration::new("app", "secret").redirect_uri(CALLBACK))
        .stand_in_for(provider)
        .answer("/user/repos", json!(["engine"]))
        .build()
}

fn authorize_url(provider: &Provider, scope: &str) -> String {
    let query = encode(&[
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    format!("{}?{query}", provider.authorize_url())
}

async fn send(stand_in: &DevProvider, request: Request<Bytes>) -> Response<Bytes> {
    let answer = stand_in.client().send(request, Limits::DEFAULT).await;
    answer.expect("an answer")
}

/// What the token endpoint answers to this code.
async fn exchange(
    stand_in: &DevProvider,
    provider: &Provider,
    accept: &str,
    code: &str,
) -> Response<Bytes> {
    let form = encode(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]);
    let request = Request::post(provider.token_url())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", basic("app", "secret"))
        .header("accept", accept)
        .body(form.into())
        .expect("a request");
    send(stand_in, request).await
}

/// The code of a login with these scopes.
fn code(stand_in: &DevProvider, provider: &Provider, scopes: &[&str], delimiter: &str) -> String {
    let url = authorize_url(provider, &scopes.join(delimiter));
    let callback = stand_in.approve(url, "ada", scopes).expect("a callback");
    assert_eq!(param(&callback, "state").as_deref(), Some("xyz"));
    assert_eq!(param(&callback, "iss").as_deref(), provider.issuer_id());
    param(&callback, "code").expect("a code")
}

async fn get(stand_in: &DevProvider, url: &str, token: &str) -> Response<Bytes> {
    let request = Request::get(url).header("authorization", format!("Bearer {token}"));
    send(stand_in, request.body(Bytes::new()).expect("a request")).await
}

#[tokio::test]
async fn it_answers_at_the_urls_of_the_other_one() {
    let github = providers::github();
    let stand_in = standing_in_for(github.clone());
    let code = code(&stand_in, &github, &["read:user", "repo"], " ");
    let token = json(&exchange(&stand_in, &github, "application/json", &code).await);
    assert_eq!(token["scope"], "read:user,repo");
    let access = token["access_token"].as_str().expect("a token");

    let user = json(&get(&stand_in, "https://api.github.com/user", access).await);
    assert_eq!(
        (&user["id"], &user["login"], &user["name"], &user["email"]),
        (
            &json!(1),
            &json!("ada"),
            &json!("Ada Lovelace"),
            &json!("ada@example.com")
        )
    );
    let repos = "https://api.github.com/user/repos";
    assert_eq!(
        json(&get(&stand_in, repos, access).await),
        json!(["engine"])
    );
    assert_eq!(get(&stand_in, repos, "another").await.status(), 401);
    let nothing = "https://api.github.com/user/gists";
    assert_eq!(get(&stand_in, nothing, access).await.status(), 404);

    let log = stand_in.log();
    assert_eq!(
        (
            log.authorize_requests(),
            log.exchanges(),
            log.userinfo_requests()
        ),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn it_reaches_no_other_host() {
    let stand_in = standing_in_for(providers::github());
    for url in [
        "https://dev-provider.test/token",
        "http://api.github.com/user",
        "https://github.com.evil.test/login/oauth/access_token",
    ] {
        let request = Request::get(url).body(Bytes::new()).expect("a request");
        let error = stand_in.client().send(request, Limits::DEFAULT).await;
        assert_eq!(
            error.expect_err("no host").kind(),
            ClientErrorKind::Connect,
            "{url}"
        );
    }
}

#[tokio::test]
async fn it_fails_as_the_other_one_does() {
    let github = providers::github();
    let stand_in = standing_in_for(github.clone());
    let answer = exchange(&stand_in, &github, "application/json", "unknown").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(json(&answer)["error"], "invalid_grant");
    let strict = Provider::oauth2("acme", "https://acme.test/a", "https://acme.test/t");
    let stand_in = standing_in_for(strict.clone());
    let answer = exchange(&stand_in, &strict, "application/json", "unknown").await;
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn it_speaks_json_where_the_other_one_has_to_be_asked_for_it() {
    let github = providers::github();
    let stand_in = standing_in_for(github.clone());
    let code = code(&stand_in, &github, &["read:user"], " ");
    let answer = exchange(&stand_in, &github, "*/*", &code).await;
    assert_eq!(
        answer.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    let form: Vec<_> = form_urlencoded::parse(answer.body()).collect();
    assert!(
        form.contains(&("scope".into(), "read:user".into())),
        "{form:?}"
    );
}

#[tokio::test]
async fn it_departs_from_the_rfc_wherever_the_other_one_may() {
    let odd = Provider::oauth2("odd", "https://odd.test/a", "https://odd.test/t")
        .scope_separator(",")
        .quirks(
            Quirks::none()
                .created_is_ok()
                .token_type_may_be_missing()
                .scope_array()
                .any_content_type(),
        );
    let stand_in = standing_in_for(odd.clone());
    let code = code(&stand_in, &odd, &["one", "two"], ",");
    let answer = exchange(&stand_in, &odd, "application/json", &code).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let token = json(&answer);
    assert_eq!(token["scope"], json!(["one", "two"]));
    assert_eq!(token["token_type"], json!(null));
}

#[test]
fn it_is_found_by_what_an_application_sends_a_browser_to() {
    let github = providers::github();
    let stand_in = standing_in_for(github.clone());
    let url = Url::parse(&authorize_url(&github, "repo")).expect("a URL");
    assert!(DevProvider::stand_in_at(&url).is_some());
    let of_nobody = url.as_str().replace("client_id=app", "client_id=nobody");
    let of_nobody = Url::parse(&of_nobody).expect("a URL");
    assert!(DevProvider::stand_in_at(&of_nobody).is_none());
    drop(stand_in);
}

#[test]
#[should_panic(expected = "is not an absolute URL")]
fn a_provider_without_urls_cannot_be_stood_in_for() {
    let _ = DevProvider::standing_in_for(Provider::oauth2("broken", "/authorize", "/token"));
}

#[tokio::test]
async fn a_stand_in_does_not_listen_on_a_socket() {
    let github = DevProvider::standing_in_for(providers::github());
    let error = github.serve("127.0.0.1:0").await.expect_err("an error");
    assert_eq!(
        error.to_string(),
        "a stand-in answers at the addresses of its provider, in process: to listen on a socket, build a provider without `stand_in_for`"
    );
}
