//! Each setting of the client, seen from a dance: it reaches every request to the provider.

use http::Method;
use oauth_dance::{Dances, Key, MemoryStore};
use oauth_dance_dev::{ClientRegistration, DevProvider, RunningProvider};
use oauth_dance_reqwest::reqwest::ClientBuilder;
use oauth_dance_reqwest::reqwest::header::{HeaderMap, HeaderValue};
use oauth_dance_reqwest::{ReqwestClient, ReqwestClientBuilder};
use oauth_dance_testkit::Browser;

/// Plain http at the provider needs an application on loopback.
const ORIGIN: &str = "http://localhost:3000";

async fn provider() -> (DevProvider, RunningProvider) {
    let callback = format!("{ORIGIN}/login/dev/authorized");
    let provider = DevProvider::builder()
        .demo_people()
        .client(ClientRegistration::new("app", "secret").redirect_uri(callback))
        .build();
    let server = provider.serve("127.0.0.1:0").await.unwrap();
    (provider, server)
}

/// Walks through everything that asks the provider: a login, a call of the API, a refresh, a logout.
async fn walk(provider: &DevProvider, client: ReqwestClientBuilder) {
    let client = client.configure(ClientBuilder::no_proxy).build().unwrap();
    let dances = Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(client)
        .store(MemoryStore::new())
        .with(provider.dance())
        .build()
        .unwrap();
    let handled = dances.clone();
    let browser = Browser::new().mount(ORIGIN, move |request| {
        let dances = handled.clone();
        async move { dances.handle(request).await }
    });
    let begun = browser.get(format!("{ORIGIN}/login/dev")).await.unwrap();
    let callback = provider.approve(begun.location().unwrap(), "ada", &["profile"]);
    let done = browser.get(callback.unwrap()).await.unwrap();
    assert_eq!(done.status(), 303);

    let visit = dances.visit(&browser.head(ORIGIN).unwrap());
    let api = visit.api("dev").unwrap();
    api.get("notes").await.unwrap();
    api.refresh().await.unwrap();
    let logout = browser
        .request(Method::POST, format!("{ORIGIN}/logout/dev"))
        .header("sec-fetch-site", "same-origin");
    assert_eq!(logout.send().await.unwrap().status(), 303);
    // The provider is asked in the background.
    while provider.log().revocations() == 0 {
        tokio::task::yield_now().await;
    }
}

/// What every request to the provider says in this header.
fn said(provider: &DevProvider, header: &str) -> Vec<String> {
    let log = provider.log();
    let pages = ["/authorize", "/login", "/consent"];
    let back_channel = log.entries().filter(|entry| !pages.contains(&entry.path()));
    let mut said: Vec<String> = back_channel
        .map(|entry| {
            let value = entry.headers().get(header);
            let value = value.and_then(|value| value.to_str().ok());
            value.unwrap_or("nothing").to_owned()
        })
        .collect();
    // Two requests for a token, and one each to the other endpoints.
    assert_eq!(said.len(), 5, "{said:?}");
    said.dedup();
    said
}

#[tokio::test]
async fn the_user_agent_is_in_every_request_to_the_provider() {
    let (provider, _server) = provider().await;
    walk(&provider, ReqwestClient::builder().user_agent("shop/1")).await;
    assert_eq!(said(&provider, "user-agent"), ["shop/1"]);
}

#[tokio::test]
async fn without_the_setting_every_request_has_a_user_agent() {
    let (provider, _server) = provider().await;
    walk(&provider, ReqwestClient::builder()).await;
    let said = said(&provider, "user-agent");
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("oauth-dance/"), "{said:?}");
}

#[tokio::test]
async fn what_is_configured_with_reqwest_is_in_every_request_to_the_provider() {
    let (provider, _server) = provider().await;
    let client = ReqwestClient::builder().configure(|reqwest| {
        let mut headers = HeaderMap::new();
        headers.insert("x-tenant", HeaderValue::from_static("blue"));
        reqwest.default_headers(headers)
    });
    walk(&provider, client).await;
    assert_eq!(said(&provider, "x-tenant"), ["blue"]);
}
