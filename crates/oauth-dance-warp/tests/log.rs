//! What the log says of pages that fail by a mistake of the application, and what visitors see of it.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use oauth_dance::{Dances, Key, Visit, providers};
use oauth_dance_suites::{Event, events_of};
use oauth_dance_testkit::DevProvider;
use oauth_dance_warp::{
    Api, Error, api, flashes, maybe_api, maybe_signed_in, parts, routes, service, signed_in, visit,
};
use tower_service::Service;
use warp::filters::BoxedFilter;
use warp::reply::Response;
use warp::{Filter as _, Rejection, path};

type GitHub = Api<providers::GitHub>;

fn dances() -> Dances {
    let github = DevProvider::standing_in_for(providers::github());
    Dances::builder("https://app.test", Key::generate().unwrap())
        .client(github.client())
        .with(github.dance())
        .build()
        .unwrap()
}

async fn sessions(dances: Dances) -> Result<String, Error> {
    Ok(dances.sessions(7).await?.len().to_string())
}

async fn replies(_: u32, visit: Visit) -> Result<String, Error> {
    sessions(visit.dances().clone()).await
}

async fn rejects(number: u32, visit: Visit) -> Result<String, Rejection> {
    Ok(replies(number, visit).await?)
}

/// A `recover` of an application that drops the error.
async fn sorry(rejection: Rejection) -> Result<StatusCode, Rejection> {
    match Error::of(&rejection) {
        Some(_) => Ok(StatusCode::BAD_GATEWAY),
        None => Err(rejection),
    }
}

fn pages(dances: &Dances) -> BoxedFilter<(impl warp::Reply + use<>,)> {
    let dropped = path!("dropped" / u32)
        .and(visit())
        .and_then(rejects)
        .recover(sorry);
    routes(dances)
        .or(path!("api" / u32).and(api()).map(|_, _: GitHub| ""))
        .or(path!("maybe-api" / u32)
            .and(maybe_api())
            .map(|_, _: Option<GitHub>| ""))
        .or(path!("user" / u32).and(signed_in()).map(|_, _: i64| ""))
        .or(path!("maybe-user" / u32)
            .and(maybe_signed_in())
            .map(|_, _: Option<i64>| ""))
        .or(path!("visit" / u32).and(visit()).map(|_, _| ""))
        .or(path!("flashes" / u32).and(flashes()).map(|_, _| ""))
        .or(path!("parts" / u32).and(parts()).map(|_, _| ""))
        .or(path!("replies" / u32).and(visit()).then(replies))
        .or(path!("rejects" / u32).and(visit()).and_then(rejects))
        .or(dropped)
        .boxed()
}

/// Asks `app` for a page, which fails. Returns its status, its body, and the one event that it leaves.
async fn event_of<S>(mut app: S, path: &str) -> (u16, Bytes, Event)
where
    S: Service<Request<Full<Bytes>>, Response = Response, Error = Infallible>,
{
    let (mut status, mut body) = (0, Bytes::new());
    let events = events_of(async {
        let request = Request::get(path).body(Full::default()).unwrap();
        let Ok(response) = app.call(request).await;
        status = response.status().as_u16();
        body = response.into_body().collect().await.unwrap().to_bytes();
    })
    .await;
    assert_eq!(events.len(), 1, "{path}: {events:#?}");
    assert_eq!(&events[0]["message"], "a page failed");
    assert_eq!(&events[0]["method"], "GET");
    (status, body, events[0].clone())
}

/// As with `warp::serve`.
#[tokio::test]
async fn k07_every_filter_without_the_service_is_in_the_log_and_not_on_the_page() {
    let dances = dances();
    for path in [
        "/api/7",
        "/maybe-api/7",
        "/user/7",
        "/maybe-user/7",
        "/visit/7",
        "/flashes/7",
        "/parts/7",
        "/login/github",
    ] {
        let app = warp::service(pages(&dances));
        let (status, body, event) = event_of(app, &format!("{path}?code=secret")).await;
        assert_eq!(status, 500, "{path}");
        assert_eq!(body, "Unhandled rejection: see the log of the server");
        assert_eq!(&event["route"], path);
        let call = "`oauth_dance_warp::service(filter, &dances)`";
        assert!(event["check"].contains(call), "{event:?}");
    }
}

#[tokio::test]
async fn an_error_that_a_handler_replies_or_rejects_with_names_the_page() {
    let dances = dances();
    for path in ["/replies/7", "/rejects/7"] {
        let app = service(pages(&dances), &dances);
        let (status, body, event) = event_of(app, path).await;
        assert_eq!(status, 500, "{path}");
        assert!(body.is_empty(), "{path}: {body:?}");
        assert_eq!(&event["route"], path);
        assert!(event["source"].contains("`DancesBuilder::session_store`"));
    }
}

#[tokio::test]
async fn an_error_that_the_application_drops_is_in_the_log() {
    let dances = dances();
    let app = service(pages(&dances), &dances);
    let (status, _, event) = event_of(app, "/dropped/7").await;
    assert_eq!(status, 502);
    assert_eq!(&event["route"], "/dropped/7");
}

/// Without the service no part of this crate knows the request, and the event is left as well.
#[tokio::test]
async fn an_error_is_in_the_log_also_where_there_is_no_service() {
    let replying = dances();
    let rejecting = replying.clone();
    let pages = path!("replies")
        .then(move || sessions(replying.clone()))
        .or(path!("rejects").and_then(move || {
            let sessions = sessions(rejecting.clone());
            async { Ok::<_, Rejection>(sessions.await?) }
        }));
    for path in ["/replies", "/rejects"] {
        let request = Request::get(path).body(Full::<Bytes>::default()).unwrap();
        let mut app = warp::service(pages.clone());
        let events = events_of(async {
            let Ok(response) = app.call(request).await;
            assert_eq!(response.status(), 500, "{path}");
        })
        .await;
        assert_eq!(events.len(), 1, "{path}: {events:#?}");
        assert!(events[0]["source"].contains("`DancesBuilder::session_store`"));
    }
}
