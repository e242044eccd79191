//! CPU of a relying party for one whole dance (login and callback), ours and written by hand: ours with
//! everything in memory, as the other one, and with everything in sealed cookies.
//!
//! The relying party runs on a thread of its own, called in process, and talks to the development
//! provider over loopback; only that thread's CPU time is counted. Both parties do the same job: begin
//! the login, keep it for this browser, exchange the code, ask who it is, keep the token, sign the
//! browser in. `cargo bench -p benches --bench dance`; with the name of a party behind it, that party
//! dances alone, for a profiler.

#[path = "../parties/mod.rs"]
mod parties;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use benches::median;
use cpu_time::ThreadTime;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use oauth_dance_dev::{ClientRegistration, DevProvider, Person};
use tower::ServiceExt as _;

const ORIGIN: &str = "http://127.0.0.1:3000";

const ROUNDS: usize = 31;
const DANCES_PER_ROUND: u32 = 40;

fn main() {
    let provider = DevProvider::builder()
        .client(
            ClientRegistration::new(parties::CLIENT_ID, parties::CLIENT_SECRET)
                .redirect_uri(parties::callback(ORIGIN)),
        )
        .person(
            Person::new("ada")
                .name("Ada Lovelace")
                .email("ada@example.com"),
        )
        .scope("profile", "See your name")
        .scope("email", "See your e-mail address")
        .build();
    let issuer = serve_elsewhere(&provider);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let parties = [
            ("by-hand", parties::by_hand::app(&issuer, ORIGIN)),
            ("memory", parties::ours::in_memory(&issuer, ORIGIN)),
            ("cookies", parties::ours::in_cookies(&issuer, ORIGIN)),
        ];
        if let Some(profiled) = profiled() {
            let (_, app) = parties
                .iter()
                .find(|(name, _)| *name == profiled)
                .expect("the name of a party, as printed");
            dances(app, &provider, 100 * DANCES_PER_ROUND).await;
            return;
        }
        let mut times = [const { Vec::new() }; 3];
        // One round of each in turn, so that a drift of the machine's speed hits both alike. The first
        // one warms up connections and caches and does not count.
        for round in 0..=ROUNDS {
            for (index, (_, app)) in parties.iter().enumerate() {
                let spent = dances(app, &provider, DANCES_PER_ROUND).await;
                if round > 0 {
                    times[index].push(spent.as_secs_f64() * 1e6 / f64::from(DANCES_PER_ROUND));
                }
            }
        }

        println!(
            "CPU of the relying party per dance, median of {ROUNDS} rounds of {DANCES_PER_ROUND}:"
        );
        let [by_hand, ..] = &times;
        for ((name, _), times) in parties.iter().zip(&times) {
            let ratios: Vec<f64> = times.iter().zip(by_hand).map(|(a, b)| a / b).collect();
            println!(
                "{name:>12}  {:8.1} us  {:6.2} x (median of the rounds' ratios)",
                median(times),
                median(&ratios)
            );
        }
    });
}

/// The party to run alone and without measuring, for a profiler: the argument that is not an option.
fn profiled() -> Option<String> {
    std::env::args().skip(1).find(|arg| !arg.starts_with('-'))
}

/// Serves the provider from another thread, whose CPU is not the relying party's.
fn serve_elsewhere(provider: &DevProvider) -> String {
    let provider = provider.clone();
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let running = provider
                .serve("127.0.0.1:0")
                .await
                .expect("a loopback port");
            send.send(running.issuer()).expect("the main thread waits");
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("the provider's thread serves")
}

/// The CPU time of this thread for `count` whole dances, without the provider's pages.
async fn dances(app: &Router, provider: &DevProvider, count: u32) -> Duration {
    let mut spent = Duration::ZERO;
    for _ in 0..count {
        let start = ThreadTime::now();
        let begun = get(app, "/login/op", None).await;
        spent += start.elapsed();

        let cookies = cookies(&begun);
        let callback = provider
            .approve(location(&begun), "ada", &["profile", "email"])
            .expect("the provider approves");
        let callback = callback
            .as_str()
            .strip_prefix(ORIGIN)
            .expect("our callback");

        let start = ThreadTime::now();
        let finished = get(app, callback, Some(&cookies)).await;
        spent += start.elapsed();
        assert!(location(&finished).contains("/welcome"), "signed in");
    }
    spent
}

async fn get(app: &Router, path: &str, cookies: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(cookies) = cookies {
        request = request.header(COOKIE, cookies);
    }
    let request = request.body(Body::empty()).expect("a request");
    app.clone().oneshot(request).await.expect("infallible")
}

fn location(response: &Response<Body>) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[LOCATION].to_str().expect("ASCII")
}

/// The `Cookie` header that a browser makes of a response's `Set-Cookie`.
fn cookies(response: &Response<Body>) -> String {
    let pairs: Vec<&str> = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .collect();
    pairs.join("; ")
}
