//! What the log says of pages that fail by a mistake of the application, and what visitors see of it.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use oauth_dance::{Dances, Key, providers};
use oauth_dance_axum::{Api, Error, Flashes, SignedIn, Visit};
use oauth_dance_testkit::{Browser, DevProvider};
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The events of this thread, a line each.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("oauth_dance")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl tracing::field::Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

async fn sessions(State(dances): State<Dances>) -> Result<String, Error> {
    Ok(dances.sessions(7).await?.len().to_string())
}

/// Opens a page, which fails with 500 and says nothing. Returns the one event that it leaves.
async fn event_of(app: impl FnOnce(Router, &Dances) -> Router, path: &str) -> String {
    let github = DevProvider::standing_in_for(providers::github());
    let dances = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(github.client())
        .with(github.dance())
        .build()
        .unwrap();
    let routes = Router::new()
        .route("/api/{id}", get(async |_: Api<providers::GitHub>| ""))
        .route("/user/{id}", get(async |_: SignedIn<i64>| ""))
        .route("/maybe/{id}", get(async |_: Option<SignedIn<i64>>| ""))
        .route("/visit/{id}", get(async |_: Visit| ""))
        .route("/flashes/{id}", get(async |_: Flashes| ""))
        .route("/sessions/{id}", get(sessions))
        .with_state(dances.clone());
    let browser = Browser::of("https://app.test", app(routes, &dances));
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    {
        // A server sends the response and lets go of it.
        let page = browser.get(path).await.unwrap();
        assert_eq!((page.status().as_u16(), &*page.text()), (500, ""), "{path}");
    }
    drop(guard);
    let events = log.0.lock().unwrap().clone();
    assert_eq!(events.len(), 1, "{path}: {events:#?}");
    let event = events[0].clone();
    assert!(event.contains("message=a page failed"), "{event}");
    event
}

#[tokio::test]
async fn k07_every_extractor_without_the_layer_is_in_the_log_and_not_on_the_page() {
    for kind in ["api", "user", "maybe", "visit", "flashes"] {
        let event = event_of(|routes, _| routes, &format!("/{kind}/7?code=secret")).await;
        let route = format!("method=\"GET\" route=\"/{kind}/{{id}}\"");
        assert!(event.contains(&route), "{event}");
        assert!(event.contains("`oauth_dance_axum::mount`"), "{event}");
    }
}

#[tokio::test]
async fn an_error_that_a_handler_returns_names_the_route() {
    let mounted = |routes, dances: &Dances| oauth_dance_axum::mount(routes, dances);
    let event = event_of(mounted, "/sessions/7").await;
    assert!(event.contains("route=\"/sessions/{id}\""), "{event}");
}

#[tokio::test]
async fn an_error_is_in_the_log_also_where_there_is_no_layer() {
    let event = event_of(|routes, _| routes, "/sessions/7").await;
    assert!(event.contains("`DancesBuilder::session_store`"), "{event}");
}

/// Middleware that makes another response of an error, with nothing of the one before.
#[tokio::test]
async fn an_error_whose_response_is_thrown_away_is_in_the_log() {
    use axum::http::StatusCode;
    use axum::middleware::map_response;
    use axum::response::Response;

    let empty = async |response: Response| -> StatusCode { response.status() };
    let mounted = |routes: Router, dances: &Dances| {
        let routes = routes.layer(map_response(empty));
        oauth_dance_axum::mount(routes, dances)
    };
    let event = event_of(mounted, "/sessions/7").await;
    assert!(event.contains("`DancesBuilder::session_store`"), "{event}");
}
