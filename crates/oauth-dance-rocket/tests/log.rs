//! What the log says of pages that fail by a mistake of the application, and what visitors see of it.

mod support;

use oauth_dance::Dances;
use oauth_dance_rocket::{Api, Error, Flashes, Maybe, SignedIn, Visit, fairing, routes};
use oauth_dance_suites::{Event, events_of};
use rocket::http::{ContentType, Method, Status};
use rocket::local::asynchronous::Client;
use rocket::request::FromRequest;
use rocket::route::{Handler, Outcome};
use rocket::{Build, Data, Request, Rocket, Route, State, catch, catchers, get};

use crate::support::{Op, dances, rocket};

#[catch(default)]
fn empty(_: Status, _: &Request<'_>) {}

/// Opens a page, which fails with 500 and says nothing. Returns the one event that it leaves.
async fn event_of(app: Rocket<Build>, path: &str) -> Event {
    event_of_form(app, Method::Get, path, "").await
}

async fn event_of_form(app: Rocket<Build>, method: Method, path: &str, form: &str) -> Event {
    let app = app.register("/", catchers![empty]);
    let client = Client::untracked(app).await.unwrap();
    let events = events_of(async {
        let request = client.req(method, path).header(ContentType::Form);
        let response = request.body(form).dispatch().await;
        assert_eq!(response.status(), Status::InternalServerError, "{path}");
        assert_eq!(response.into_string().await.unwrap_or_default(), "");
    })
    .await;
    assert_eq!(events.len(), 1, "{path}: {events:#?}");
    assert_eq!(&events[0]["message"], "a page failed");
    events[0].clone()
}

/// A handler that asks for a guard by itself, so that Rocket does not know of it at launch.
struct Asks<T>(fn() -> T);

impl<T> Clone for Asks<T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

#[rocket::async_trait]
impl<T> Handler for Asks<T>
where
    T: for<'a> FromRequest<'a> + 'static,
{
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        match T::from_request(request).await {
            rocket::outcome::Outcome::Error((status, _)) => Outcome::Error(status),
            _ => Outcome::Error(Status::ImATeapot),
        }
    }
}

fn asks<T: for<'a> FromRequest<'a> + 'static>(path: &str) -> Route {
    Route::new(Method::Get, path, Asks::<T>(|| unreachable!()))
}

#[rocket::async_test]
async fn k07_every_guard_without_the_fairing_is_in_the_log_and_not_on_the_page() {
    for route in [
        asks::<Api<Op>>("/<id>"),
        asks::<Maybe<Api<Op>>>("/<id>"),
        asks::<SignedIn<i64>>("/<id>"),
        asks::<Maybe<SignedIn<i64>>>("/<id>"),
        asks::<Visit>("/<id>"),
        asks::<Flashes>("/<id>"),
    ] {
        let event = event_of(rocket().mount("/a", vec![route]), "/a/7?code=secret").await;
        assert_eq!(&event["method"], "GET");
        assert_eq!(&event["route"], "/a/<id>");
        let call = "`.attach(oauth_dance_rocket::fairing(&dances))`";
        assert!(event["check"].contains(call), "{event:?}");
    }
}

#[get("/sessions/<_>")]
async fn sessions(dances: &State<Dances>) -> Result<String, Error> {
    Ok(dances.sessions(7).await?.len().to_string())
}

/// An application with a page that fails.
fn app() -> Rocket<Build> {
    let dances = dances();
    rocket()
        .mount("/", rocket::routes![sessions])
        .mount("/", routes(&dances))
        .attach(fairing(&dances))
        .manage(dances)
}

#[rocket::async_test]
async fn an_error_that_a_handler_returns_names_the_route() {
    let event = event_of(app(), "/sessions/7").await;
    assert_eq!(&event["route"], "/sessions/<_>");
}

/// Rocket gives the request the method that the form names.
#[rocket::async_test]
async fn an_error_names_the_method_that_was_sent() {
    let event = event_of_form(app(), Method::Post, "/sessions/7", "_method=get").await;
    assert_eq!(&event["method"], "POST");
    assert_eq!(&event["route"], "/sessions/<_>");
}

#[rocket::async_test]
async fn an_error_of_a_page_without_a_route_names_the_path() {
    #[catch(404)]
    async fn not_found(request: &Request<'_>) -> Error {
        let sessions = request.rocket().state::<Dances>().unwrap().sessions(7);
        sessions.await.expect_err("no store").into()
    }
    let app = app().register("/nowhere", catchers![not_found]);
    let event = event_of(app, "/nowhere/7").await;
    assert_eq!(&event["route"], "/nowhere/7");
}

#[rocket::async_test]
async fn an_error_is_in_the_log_also_where_there_is_no_fairing() {
    let app = rocket()
        .mount("/", rocket::routes![sessions])
        .manage(dances());
    let event = event_of(app, "/sessions/7").await;
    assert_eq!(&event["route"], "/sessions/<_>");
    assert!(
        event["source"].contains("`DancesBuilder::session_store`"),
        "{event:?}"
    );
}

/// Rocket's own log has the URI of every request.
#[rocket::async_test]
async fn k01_the_query_of_a_callback_is_not_in_the_uri_that_rocket_logs() {
    use rocket::fairing::AdHoc;
    let dances = dances();
    let see = AdHoc::on_response("see", |request, response| {
        Box::pin(async move {
            response.set_raw_header("Seen", request.uri().to_string());
        })
    });
    let app = rocket()
        .mount("/", routes(&dances))
        .attach(fairing(&dances))
        .attach(see);
    let client = Client::untracked(app).await.unwrap();
    for (uri, seen) in [
        (
            "/login/op/authorized?code=a&state=b",
            "/login/op/authorized",
        ),
        ("/another?code=a", "/another?code=a"),
    ] {
        let response = client.get(uri).dispatch().await;
        assert_eq!(response.headers().get_one("Seen"), Some(seen));
    }
}
