//! What the log says of pages that fail by a mistake of the application, and what visitors see of it.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use oauth_dance::{Dances, Key, providers};
use oauth_dance_actix::{Api, Error, Flashes, Maybe, SignedIn, Visit};
use oauth_dance_testkit::DevProvider;
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

type GitHub = Api<providers::GitHub>;

async fn sessions(dances: web::Data<Dances>) -> Result<String, Error> {
    Ok(dances.sessions(7).await?.len().to_string())
}

/// Opens a page of an application with or without the middleware. Returns its status and the one event that it leaves.
async fn event_of(has_visits: bool, path: &str) -> (u16, String) {
    let github = DevProvider::standing_in_for(providers::github());
    let dances = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(github.client())
        .with(github.dance())
        .build()
        .unwrap();
    let pages = move |config: &mut web::ServiceConfig| {
        config
            .route("/api/{id}", web::get().to(async |_: GitHub| ""))
            .route(
                "/maybe-api/{id}",
                web::get().to(async |_: Maybe<GitHub>| ""),
            )
            .route(
                "/optional-api/{id}",
                web::get().to(async |_: Option<GitHub>| ""),
            )
            .route("/user/{id}", web::get().to(async |_: SignedIn<i64>| ""))
            .route(
                "/maybe-user/{id}",
                web::get().to(async |_: Maybe<SignedIn<i64>>| ""),
            )
            .route("/visit/{id}", web::get().to(async |_: Visit| ""))
            .route("/flashes/{id}", web::get().to(async |_: Flashes| ""))
            .route("/sessions/{id}", web::get().to(sessions));
    };
    let app = App::new()
        .app_data(web::Data::new(dances.clone()))
        .configure(pages);
    let log = Log::default();
    let request = TestRequest::with_uri(path).to_request();
    let guard = tracing::subscriber::set_default(log.clone());
    let (status, body) = if has_visits {
        let app = init_service(app.wrap(oauth_dance_actix::visits(&dances))).await;
        let response = call_service(&app, request).await;
        (response.status().as_u16(), read_body(response).await)
    } else {
        let app = init_service(app).await;
        let response = call_service(&app, request).await;
        (response.status().as_u16(), read_body(response).await)
    };
    drop(guard);
    assert!(body.is_empty(), "{path}: {body:?}");
    let events = log.0.lock().unwrap().clone();
    assert_eq!(events.len(), 1, "{path}: {events:#?}");
    let event = events[0].clone();
    assert!(event.contains("message=a page failed"), "{event}");
    (status, event)
}

#[tokio::test]
async fn k07_every_extractor_without_the_middleware_is_in_the_log_and_not_on_the_page() {
    // actix-web makes `None` of every error, so the page behind `Option` runs. The log says what is missing.
    for (kind, status) in [
        ("api", 500),
        ("maybe-api", 500),
        ("optional-api", 200),
        ("user", 500),
        ("maybe-user", 500),
        ("visit", 500),
        ("flashes", 500),
    ] {
        let (answered, event) = event_of(false, &format!("/{kind}/7?code=secret")).await;
        assert_eq!(answered, status, "{kind}");
        let route = format!("method=\"GET\" route=\"/{kind}/{{id}}\"");
        assert!(event.contains(&route), "{event}");
        let call = "`.wrap(oauth_dance_actix::visits(&dances))`";
        assert!(event.contains(call), "{event}");
    }
}

#[tokio::test]
async fn an_error_that_a_handler_returns_names_the_route() {
    let (status, event) = event_of(true, "/sessions/7").await;
    assert_eq!(status, 500);
    assert!(event.contains("route=\"/sessions/{id}\""), "{event}");
}

#[tokio::test]
async fn an_error_is_in_the_log_also_where_there_is_no_middleware() {
    let (status, event) = event_of(false, "/sessions/7").await;
    assert_eq!(status, 500);
    assert!(event.contains("`DancesBuilder::session_store`"), "{event}");
}
