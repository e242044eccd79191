//! The adapter suite: routes, fairing and request guards of Rocket over real sockets.
//!
//! Rocket waits for the first 14 bytes of every request body before any code of an application runs, and its header fields
//! are text, so three cases have to fail.

mod support;

use oauth_dance::Dances;
use oauth_dance_rocket::{
    Api, DanceName, Error, Flashes, SignedIn, Visit, VisitFairing, fairing as visits, routes,
};
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Serving, pages};
use rocket::fairing::{self, Fairing, Info};
use rocket::http::{Header, Status};
use rocket::{Build, Data, Request, Responder, Response, Rocket, get};

use crate::support::Server;

adapter_suite!(
    serve,
    except {
        a19_a_wrong_method_is_answered_before_its_body: "Rocket waits for 14 bytes of a body; `tests/bodies.rs` has bodies that begin with them",
        h01_a_receiver_reads_fields_byte_for_byte: "Rocket keeps the fields of a request as text, and drops those that are not UTF-8",
        h01_a_receivers_fields_go_out_byte_for_byte: "Rocket's fields of a response are text",
    }
);

async fn serve(dances: Dances) -> Serving {
    // Rocket writes whole requests to its log at the level `debug`.
    log::set_max_level(log::LevelFilter::Info);
    let app = support::rocket()
        .mount(
            "/",
            rocket::routes![home, cookies, me, profile, misspelt, number, without_visit],
        )
        .mount("/", routes(&dances))
        .attach(NotEverywhere(visits(&dances)));
    let server = Server::start(app).await;
    Serving::new(server.address(), server)
}

/// The fairing that opens a visit, except for one page.
struct NotEverywhere(VisitFairing);

#[rocket::async_trait]
impl Fairing for NotEverywhere {
    fn info(&self) -> Info {
        self.0.info()
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        self.0.on_ignite(rocket).await
    }

    async fn on_request(&self, request: &mut Request<'_>, data: &mut Data<'_>) {
        if request.uri().path() != pages::WITHOUT_VISIT {
            self.0.on_request(request, data).await;
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        self.0.on_response(request, response).await;
    }
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = pages::DANCE;
}

#[get("/")]
async fn home(visit: Visit, flashes: Flashes) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

#[derive(Responder)]
struct WithCookie(String, Header<'static>);

#[get("/cookies")]
async fn cookies(visit: Visit, flashes: Flashes) -> WithCookie {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    let cookie = Header::new("Set-Cookie", pages::OWN_COOKIE);
    WithCookie(pages::home(owner, &flashes), cookie)
}

#[get("/me")]
async fn me(visit: Visit, _signed_in: Api<Op>) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &[])
}

struct NoDance;

impl DanceName for NoDance {
    const NAME: &'static str = pages::NO_DANCE;
}

#[get("/misspelt")]
async fn misspelt(api: Api<NoDance>) -> String {
    format!("{api:?}")
}

#[get("/number")]
async fn number(number: SignedIn<i64>) -> String {
    number.to_string()
}

#[get("/profile")]
async fn profile(visit: Visit) -> Result<(Status, Vec<u8>), Error> {
    let answer = visit.api(pages::DANCE)?.get(pages::PROFILE_API).await?;
    let status = Status::new(answer.status().as_u16());
    Ok((status, answer.body().to_vec()))
}

#[get("/without-visit")]
async fn without_visit(visit: Visit) -> String {
    format!("{visit:?}")
}
