//! The people: four at a time, each with a connection that stays and a cookie jar that does not.

use std::time::{Duration, Instant};

use http::header::{COOKIE, LOCATION, SET_COOKIE};
use oauth_dance_dev::DevProvider;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

const AT_A_TIME: usize = 4;

pub(crate) struct Clients {
    provider: DevProvider,
    connections: Vec<Client>,
}

impl Clients {
    pub(crate) fn new(provider: DevProvider) -> Self {
        let connection = || {
            let client = Client::builder().redirect(Policy::none()).no_proxy();
            client.build().expect("a client")
        };
        Self {
            provider,
            connections: (0..AT_A_TIME).map(|_| connection()).collect(),
        }
    }

    /// Asks for `count` plain pages.
    #[allow(dead_code, reason = "one of two benchmarks asks for them")]
    pub(crate) async fn plain(&self, origin: &str, count: usize) {
        let askers = self.connections.iter().map(|client| {
            let (client, url) = (client.clone(), format!("{origin}/plain"));
            tokio::spawn(async move {
                for _ in 0..count / AT_A_TIME {
                    let page = get(&client, &url, &mut Vec::new()).await;
                    assert_eq!(page.status(), 200);
                    page.bytes().await.expect("a body");
                }
            })
        });
        let askers: Vec<_> = askers.collect();
        for asker in askers {
            asker.await.expect("the pages");
        }
    }

    /// Walks through `count` dances, and returns how long each took without the provider's pages.
    pub(crate) async fn dance(&self, origin: &str, count: usize) -> Vec<Duration> {
        let dancers = self.connections.iter().map(|client| {
            let (client, provider) = (client.clone(), self.provider.clone());
            let origin = origin.to_owned();
            tokio::spawn(async move {
                let mut took = Vec::with_capacity(count / AT_A_TIME);
                for _ in 0..count / AT_A_TIME {
                    took.push(one(&client, &provider, &origin).await);
                }
                took
            })
        });
        // All of them dance before the first is waited for.
        let dancers: Vec<_> = dancers.collect();
        let mut all = Vec::with_capacity(count);
        for dancer in dancers {
            all.extend(dancer.await.expect("a dance"));
        }
        all
    }
}

async fn one(client: &Client, provider: &DevProvider, origin: &str) -> Duration {
    let mut jar = Vec::new();
    let start = Instant::now();
    let begun = get(client, &format!("{origin}/login/op"), &mut jar).await;
    let mut took = start.elapsed();
    let callback = provider
        .approve(location(&begun), "ada", &["profile", "email"])
        .expect("the provider approves");

    let start = Instant::now();
    let finished = get(client, callback.as_str(), &mut jar).await;
    let end = location(&finished);
    let end = if end.starts_with('/') {
        format!("{origin}{end}")
    } else {
        end.to_owned()
    };
    let page = get(client, &end, &mut jar).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.text().await.expect("a text"), "Hello, Ada Lovelace!");
    took += start.elapsed();
    took
}

/// Asks with the cookies of the jar, and keeps those that are set.
async fn get(client: &Client, url: &str, jar: &mut Vec<(String, String)>) -> Response {
    let mut request = client.get(url);
    if !jar.is_empty() {
        let pairs: Vec<String> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        request = request.header(COOKIE, pairs.join("; "));
    }
    let response = request.send().await.expect("an answer");
    for cookie in response.headers().get_all(SET_COOKIE) {
        let cookie = cookie.to_str().expect("ASCII");
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie");
        jar.retain(|(other, _)| other != name);
        if !value.is_empty() {
            jar.push((name.to_owned(), value.to_owned()));
        }
    }
    response
}

fn location(response: &Response) -> &str {
    assert_eq!(response.status(), 303);
    response.headers()[LOCATION].to_str().expect("ASCII")
}
