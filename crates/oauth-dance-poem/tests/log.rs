//! What the log says of pages that fail by a mistake of the application, and what visitors see of it.

mod support;

use oauth_dance::Dances;
use oauth_dance_poem::{Api, Error, Flashes, Maybe, SignedIn, Visit, mount, visits};
use oauth_dance_suites::{Event, events_of};
use poem::error::InternalServerError;
use poem::web::Data;
use poem::{Endpoint, EndpointExt as _, Response, Route, get, handler};

use crate::support::{Op, dances, get as open};

#[handler]
async fn sessions(Data(dances): Data<&Dances>) -> Result<String, Error> {
    Ok(dances.sessions(7).await?.len().to_string())
}

/// Opens a page, which fails with 500 and says nothing. Returns the one event that it leaves.
async fn event_of(app: impl Endpoint, path: &'static str) -> Event {
    let events = events_of(async {
        let response = open(&app, path).await;
        assert_eq!(response.status(), 500, "{path}");
        let body = response.into_body().into_bytes().await.unwrap();
        assert!(body.is_empty(), "{path}");
    })
    .await;
    assert_eq!(events.len(), 1, "{path}: {events:#?}");
    assert_eq!(&events[0]["message"], "a page failed");
    events[0].clone()
}

fn pages() -> Route {
    #[handler]
    fn api(_: Api<Op>) {}
    #[handler]
    fn user(_: SignedIn<i64>) {}
    #[handler]
    fn maybe(_: Maybe<SignedIn<i64>>) {}
    #[handler]
    fn visit(_: Visit) {}
    #[handler]
    fn flashes(_: Flashes) {}
    Route::new()
        .at("/api/:id", get(api))
        .at("/user/:id", get(user))
        .at("/maybe/:id", get(maybe))
        .at("/visit/:id", get(visit))
        .at("/flashes/:id", get(flashes))
        .at("/sessions/:id", get(sessions))
}

#[tokio::test]
async fn k07_every_extractor_without_the_middleware_is_in_the_log_and_not_on_the_page() {
    for path in [
        "/api/7?code=secret",
        "/user/7?code=secret",
        "/maybe/7?code=secret",
        "/visit/7?code=secret",
        "/flashes/7?code=secret",
    ] {
        let event = event_of(pages(), path).await;
        assert_eq!(&event["method"], "GET");
        assert!(event["route"].ends_with("/:id"), "{event:?}");
        assert!(event["check"].contains("`oauth_dance_poem::mount`"));
    }
}

#[tokio::test]
async fn an_error_that_a_handler_returns_names_the_route() {
    let dances = dances("");
    let app = mount(pages(), &dances).data(dances);
    assert_eq!(
        &event_of(app, "/sessions/7").await["route"],
        "/sessions/:id"
    );
}

#[tokio::test]
async fn an_error_that_a_handler_wraps_names_the_route() {
    #[handler]
    async fn page(Visit(visit): Visit) -> poem::Result<String> {
        let api = visit.api("no-such").map_err(InternalServerError)?;
        Ok(format!("{api:?}"))
    }
    let app = mount(Route::new().at("/page/:id", get(page)), &dances(""));
    assert_eq!(&event_of(app, "/page/7").await["route"], "/page/:id");
}

#[tokio::test]
async fn an_error_in_a_nest_names_the_whole_route() {
    let dances = dances("");
    let app = Route::new().nest("/in", pages());
    let app = app.with(visits(&dances)).data(dances);
    let event = event_of(app, "/in/sessions/7").await;
    assert_eq!(&event["route"], "/in/sessions/:id");
}

#[tokio::test]
async fn an_error_is_in_the_log_also_where_there_is_no_middleware() {
    let event = event_of(pages().data(dances("")), "/sessions/7").await;
    assert!(event["source"].contains("`DancesBuilder::session_store`"));
}

/// Middleware that makes another response of an error, with nothing of the one before.
#[tokio::test]
async fn an_error_whose_response_is_thrown_away_is_in_the_log() {
    let dances = dances("");
    let app = pages().catch_all_error(async |error: poem::Error| {
        Response::builder().status(error.status()).finish()
    });
    let app = app.with(visits(&dances)).data(dances);
    let event = event_of(app, "/sessions/7").await;
    assert!(event["source"].contains("`DancesBuilder::session_store`"));
}

/// poem makes `None` of the error of an extractor.
#[tokio::test]
async fn an_error_that_a_handler_does_not_see_is_in_the_log() {
    #[allow(clippy::needless_pass_by_value, reason = "an extractor")]
    #[handler]
    fn page(visit: Option<Visit>) -> String {
        match visit {
            Some(Visit(_)) => "a visit".to_owned(),
            None => "no visit".to_owned(),
        }
    }
    let app = Route::new().at("/", get(page));
    let events = events_of(async {
        let body = open(&app, "/").await.into_body().into_string().await;
        assert_eq!(body.unwrap(), "no visit");
    })
    .await;
    assert_eq!(events.len(), 1, "{events:#?}");
}
