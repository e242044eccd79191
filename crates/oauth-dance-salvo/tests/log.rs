//! What the log says of pages that fail by a mistake of the application.

mod support;

use oauth_dance::Dances;
use oauth_dance_salvo::{Api, DanceName, Error, Flashes, Maybe, SignedIn, Visit, visits};
use oauth_dance_suites::{Event, events_of};
use salvo_core::Extractible as _;
use salvo_core::http::StatusCode;
use salvo_core::prelude::*;
use salvo_core::test::{ResponseExt as _, TestClient};

use crate::support::{Op, dances};

struct Sessions(Dances);

#[handler]
impl Sessions {
    async fn handle(&self) -> Result<String, Error> {
        Ok(self.0.sessions(7).await?.len().to_string())
    }
}

/// Opens a page, which fails with 500. Returns the one event that it leaves.
async fn event_of(service: &Service, path: &str) -> Event {
    let events = events_of(async {
        let url = format!("http://127.0.0.1:3000{path}");
        let mut response = TestClient::get(url).send(service).await;
        let status = response.status_code;
        assert_eq!(status, Some(StatusCode::INTERNAL_SERVER_ERROR), "{path}");
        let text = response.take_string().await.unwrap_or_default();
        assert!(!text.contains("dance") && !text.contains("store"), "{text}");
    })
    .await;
    assert_eq!(events.len(), 1, "{path}: {events:#?}");
    assert_eq!(&events[0]["message"], "a page failed");
    events[0].clone()
}

fn pages(dances: &Dances) -> Router {
    #[handler]
    async fn api(_api: Api<Op>) {}
    #[handler]
    async fn user(_user: SignedIn<i64>) {}
    #[handler]
    async fn maybe(_user: Maybe<SignedIn<i64>>) {}
    #[handler]
    async fn visit(_visit: Visit) {}
    #[handler]
    async fn flashes(_flashes: Flashes) {}
    Router::new()
        .push(Router::with_path("api/{id}").get(api))
        .push(Router::with_path("user/{id}").get(user))
        .push(Router::with_path("maybe/{id}").get(maybe))
        .push(Router::with_path("visit/{id}").get(visit))
        .push(Router::with_path("flashes/{id}").get(flashes))
        .push(Router::with_path("sessions/{id}").get(Sessions(dances.clone())))
}

#[tokio::test]
async fn k07_every_extractor_without_the_hoop_is_in_the_log_and_not_on_the_page() {
    let service = Service::new(pages(&dances("")));
    for kind in ["api", "user", "maybe", "visit", "flashes"] {
        let event = event_of(&service, &format!("/{kind}/7?code=secret")).await;
        assert_eq!(&event["method"], "GET");
        assert_eq!(event["route"], format!("/{kind}/{{id}}"), "{event:?}");
        assert!(event["check"].contains("`.hoop(oauth_dance_salvo::visits(&dances))`"));
    }
}

#[tokio::test]
async fn an_error_that_a_handler_returns_names_the_route() {
    let dances = dances("");
    let service = Service::new(pages(&dances)).hoop(visits(&dances));
    let event = event_of(&service, "/sessions/7").await;
    assert_eq!(&event["route"], "/sessions/{id}");
}

#[tokio::test]
async fn an_error_is_in_the_log_also_where_there_is_no_hoop() {
    let service = Service::new(pages(&dances("")));
    let event = event_of(&service, "/sessions/7").await;
    assert!(event["source"].contains("`DancesBuilder::session_store`"));
}

/// A hoop that makes another response of an error, with nothing of the one before.
#[tokio::test]
async fn an_error_whose_response_is_thrown_away_is_in_the_log() {
    #[handler]
    async fn anew(req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        ctrl.call_next(req, depot, res).await;
        let status = res.status_code;
        *res = Response::new();
        res.status_code = status;
    }
    let dances = dances("");
    let service = Service::new(pages(&dances))
        .hoop(visits(&dances))
        .hoop(anew);
    let event = event_of(&service, "/sessions/7").await;
    assert!(event["source"].contains("`DancesBuilder::session_store`"));
}

/// A handler that asks an extractor by itself, and goes on without it.
#[tokio::test]
async fn an_error_that_a_handler_drops_is_in_the_log() {
    struct NoDance;
    impl DanceName for NoDance {
        const NAME: &'static str = "no-such";
    }
    #[handler]
    async fn page(req: &mut Request, depot: &mut Depot, res: &mut Response) {
        let api = Api::<NoDance>::extract(req, depot).await.ok();
        assert!(api.is_none());
        res.status_code(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let service = Service::new(Router::with_path("page").get(page)).hoop(visits(&dances("")));
    assert_eq!(&event_of(&service, "/page").await["route"], "/page");
}
