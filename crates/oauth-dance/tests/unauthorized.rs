//! A provider's API answers 401: the token has ended before its time.

mod support;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use oauth_dance::{
    ApiClient, ApiError, ClientError, Credentials, Dance, HttpClient, Key, Limits, LoginRequired,
    MemoryStore, Provider,
};
use oauth_dance_testkit::Browser;
use parking_lot::Mutex;

use self::support::{App, LIFETIME, Op, app_of, app_with, provider};

/// A provider whose API takes no access token but those of the list, and which refuses refreshes if told to.
#[derive(Clone, Default)]
struct Api {
    op: Op,
    good: Arc<Mutex<Vec<&'static str>>>,
    challenge: Option<&'static str>,
    refuses_refreshes: bool,
    /// A refresh brings no other refresh token.
    keeps_the_refresh_token: bool,
    /// The access tokens that it was shown.
    shown: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl HttpClient for Api {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let is_refresh = request.body().starts_with(b"grant_type=refresh_token");
        if is_refresh && self.refuses_refreshes {
            let mut response = Response::new(Bytes::from_static(br#"{"error":"invalid_grant"}"#));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert("content-type", json);
            return Ok(response);
        }
        if request.uri().path() == "/token" {
            let mut response = self.op.send(request, limits).await?;
            if is_refresh && self.keeps_the_refresh_token {
                let body = std::str::from_utf8(response.body()).unwrap();
                let body = body.replace("\"refresh_token\"", "\"not_a_refresh_token\"");
                *response.body_mut() = body.into();
            }
            return Ok(response);
        }
        if request.uri().path() == "/v1/slow" {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        let bearer = request.headers()[AUTHORIZATION].to_str().unwrap();
        let token = bearer.strip_prefix("Bearer ").unwrap().to_owned();
        let is_good = self.good.lock().contains(&token.as_str());
        self.shown.lock().push(token);
        let mut response = Response::new(Bytes::from_static(b"{}"));
        if !is_good {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            if let Some(challenge) = self.challenge {
                let challenge = HeaderValue::from_static(challenge);
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
        }
        Ok(response)
    }
}

async fn signed_in(api: &Api) -> (App, ApiClient) {
    let client = api.clone();
    let app = app_with(
        |dance| dance,
        |dances| dances.client(client).store(MemoryStore::new()),
    );
    let browser = app.signed_in().await;
    let client = app.visit(&browser).api("op").unwrap();
    (app, client)
}

fn request(method: Method) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(b"{}"));
    *request.method_mut() = method;
    *request.uri_mut() = "/thing".parse().unwrap();
    request
}

#[tokio::test]
async fn a_token_that_ended_early_is_refreshed_and_the_request_sent_again() {
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        let api = Api::default();
        api.good.lock().push("access-2");
        let (_app, client) = signed_in(&api).await;
        let response = client.send(request(method.clone())).await.unwrap();
        assert_eq!(response.status(), 200, "{method}");
        assert_eq!(*api.shown.lock(), ["access-1", "access-2"], "{method}");
        assert_eq!(api.op.refreshes(), ["refresh-1"], "{method}");
        // The next call begins with the fresh token.
        client.send(request(method)).await.unwrap();
        assert_eq!(api.shown.lock().len(), 3);
    }
}

#[tokio::test]
async fn a_request_that_might_be_done_twice_is_sent_once() {
    for (challenge, requests) in [
        (None, 1),
        (Some("Bearer error=\"insufficient_scope\""), 1),
        // The provider says that nothing was done.
        (Some("Bearer realm=\"api\", error=\"invalid_token\""), 2),
    ] {
        let api = Api {
            challenge,
            ..Api::default()
        };
        api.good.lock().push("access-2");
        let (_app, client) = signed_in(&api).await;
        client.send(request(Method::POST)).await.unwrap();
        assert_eq!(api.shown.lock().len(), requests, "{challenge:?}");
    }
}

#[tokio::test]
async fn a_token_that_no_refresh_mends_leads_to_the_login() {
    for refuses_refreshes in [false, true] {
        let api = Api {
            refuses_refreshes,
            ..Api::default()
        };
        let (_app, client) = signed_in(&api).await;
        let response = client.get("/thing").await;
        // Two requests at most: one more refresh would not help either.
        assert!(api.shown.lock().len() <= 2);
        assert!(api.op.refreshes().len() <= 1);
        let error = match response {
            Ok(response) => response.json::<serde_json::Value>().unwrap_err(),
            Err(error) => error,
        };
        let required = error.as_login_required().expect("a login");
        assert_eq!(required.login_url(None).path(), "/login/op");
    }
}

#[tokio::test]
async fn many_calls_with_a_token_that_ended_early_refresh_it_once() {
    let api = Api::default();
    api.good.lock().push("access-2");
    let (_app, client) = signed_in(&api).await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let client = client.clone();
        calls.spawn(async move { client.get("/thing").await.unwrap().status() });
    }
    assert!(calls.join_all().await.iter().all(|status| *status == 200));
    assert_eq!(api.op.refreshes(), ["refresh-1"]);
}

#[tokio::test]
async fn f03_f04_a_401_soon_after_a_refresh_is_mended_by_another_one() {
    for keeps_the_refresh_token in [false, true] {
        let api = Api {
            keeps_the_refresh_token,
            ..Api::default()
        };
        api.good.lock().push("access-2");
        let (app, client) = signed_in(&api).await;
        app.clock.advance(LIFETIME);
        assert_eq!(client.get("/thing").await.unwrap().status(), 200);
        // The API ends the new token at once.
        *api.good.lock() = vec!["access-3"];
        app.clock.advance(Duration::from_secs(5));
        assert_eq!(client.get("/thing").await.unwrap().status(), 200);
        assert_eq!(api.op.refreshes().len(), 2);
    }
}

/// Signs a browser in whose tokens are in its cookies.
async fn signed_in_by_cookies(api: &Api) -> (App, Browser) {
    let client = api.clone();
    let app = app_with(|dance| dance, |dances| dances.client(client));
    let browser = app.signed_in().await;
    (app, browser)
}

#[tokio::test(start_paused = true)]
async fn f03_two_401_of_one_page_are_one_refresh() {
    let api = Api::default();
    api.good.lock().push("access-2");
    let (app, browser) = signed_in_by_cookies(&api).await;
    let visit = app.visit(&browser);
    let client = visit.api("op").unwrap();
    let (quick, slow) = tokio::join!(client.get("/thing"), client.get("/slow"));
    assert_eq!(quick.unwrap().status(), 200);
    assert_eq!(slow.unwrap().status(), 200);
    assert_eq!(api.op.refreshes(), ["refresh-1"]);
}

#[tokio::test(start_paused = true)]
async fn f03_a_401_after_the_response_is_mended_by_the_token_that_the_page_has() {
    let api = Api::default();
    api.good.lock().push("access-2");
    let (app, browser) = signed_in_by_cookies(&api).await;
    let visit = app.visit(&browser);
    let client = visit.api("op").unwrap();
    let page = async {
        client.get("/thing").await.unwrap();
        app.finish(&visit, &browser);
    };
    let (slow, ()) = tokio::join!(client.get("/slow"), page);
    assert_eq!(slow.unwrap().status(), 200);
    assert_eq!(api.op.refreshes(), ["refresh-1"]);
}

#[tokio::test]
async fn a_page_may_ask_for_a_login_by_itself() {
    let (app, _) = signed_in(&Api::default()).await;
    let dance = app.dances.get("op").unwrap();
    let error = ApiError::from(LoginRequired::new(dance));
    assert_eq!(error.status(), 401);
}

/// R30: the member of a token answer chooses the API base among the allowed hosts only.
#[tokio::test]
async fn r30_a_token_answer_names_the_api_base() {
    /// What the provider says, and where the request goes.
    const CASES: [(&str, Option<&str>); 14] = [
        (
            "https://eu1.crm.example",
            Some("https://eu1.crm.example/thing"),
        ),
        (
            "https://crm.example/base",
            Some("https://crm.example/base/thing"),
        ),
        (
            "https://eu1.crm.example:8443/",
            Some("https://eu1.crm.example:8443/thing"),
        ),
        (
            "https://eu1.crm.example/?a#b",
            Some("https://eu1.crm.example/thing"),
        ),
        ("http://eu1.crm.example", None),
        ("https://crm.example.evil.test", None),
        ("https://evilcrm.example", None),
        ("https://evil.test/crm.example", None),
        ("https://crm.example@evil.test", None),
        ("https://user:pass@eu1.crm.example", None),
        ("https://user@eu1.crm.example", None),
        ("https://:pass@eu1.crm.example", None),
        ("//eu1.crm.example", None),
        ("", None),
    ];
    /// Says where the API is, and notes what it is asked.
    #[derive(Clone)]
    struct Crm(&'static str, Arc<Mutex<Vec<String>>>);

    #[async_trait]
    impl HttpClient for Crm {
        async fn send(
            &self,
            request: Request<Bytes>,
            _: Limits,
        ) -> Result<Response<Bytes>, ClientError> {
            let is_token = request.uri().path() == "/token";
            if !is_token {
                self.1.lock().push(request.uri().to_string());
            }
            let body = serde_json::json!({
                "access_token": "a", "token_type": "bearer", "instance_url": self.0,
            });
            let mut response = Response::new(Bytes::from(body.to_string()));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert("content-type", json);
            Ok(response)
        }
    }

    for (said, expected) in CASES {
        let crm = Crm(said, Arc::default());
        let provider: Provider = provider().api_base_from("instance_url", ["crm.example"]);
        let dance = Dance::builder(provider).credentials(Credentials::new("id", "secret"));
        let key = Key::generate().unwrap();
        let app = app_of(&key, dance, |dances| dances.client(crm.clone()));
        let browser = app.signed_in().await;
        let api = app.visit(&browser).api("op").unwrap();
        let result = api.get("/thing").await;
        assert_eq!(result.is_ok(), expected.is_some(), "{said}");
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(*crm.1.lock(), expected, "{said}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_say_how_long_a_token_lives_is_described() {
    #[derive(Clone)]
    struct Silent;

    #[async_trait]
    impl HttpClient for Silent {
        async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
            let body = br#"{"access_token":"a","token_type":"bearer"}"#;
            let mut response = Response::new(Bytes::from_static(body));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert("content-type", json);
            Ok(response)
        }
    }

    let lifetime = Duration::from_secs(600);
    let provider = provider().token_lifetime(lifetime);
    let dance = Dance::builder(provider).credentials(Credentials::new("id", "secret"));
    let app = app_of(&Key::generate().unwrap(), dance, |dances| {
        dances.client(Silent)
    });
    let browser = app.signed_in().await;
    let token = app
        .visit(&browser)
        .api("op")
        .unwrap()
        .token()
        .await
        .unwrap();
    let now = oauth_dance::Clock::now(&app.clock);
    assert_eq!(token.expires_in(now), Some(lifetime));
}
