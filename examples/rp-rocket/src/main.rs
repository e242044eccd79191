//! A relying party on Rocket: `cargo run -p rp-rocket -- --help`.

use std::io::Cursor;
use std::process::ExitCode;

use bytes::Bytes;
use oauth_dance_rocket::{Visit, fairing, routes as dance_routes};
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::uri::Origin;
use rocket::http::{Header, Status};
use rocket::response::{self, Responder};
use rocket::{Build, Config, Request, Response, Rocket, State, get, post, routes};
use rp_common::{Args, RelyingParty, Started, Stop};

#[rocket::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

async fn run() -> Result<(), Stop> {
    let Started { party, listener } = rp_common::start(Args::from_command_line()?).await?;
    let address = listener.local_addr()?;
    // Rocket takes no socket that listens. It takes the address that is free again.
    drop(listener);
    let config = Config {
        address: address.ip(),
        port: address.port(),
        log_level: LogLevel::Off,
        ..Config::default()
    };
    let launched = rocket(party, &config).launch().await;
    launched.map_err(|error| Stop::Failed(error.to_string()))?;
    Ok(())
}

fn rocket(party: RelyingParty, config: &Config) -> Rocket<Build> {
    let announce = AdHoc::on_liftoff("announce", |rocket| {
        let address = (rocket.config().address, rocket.config().port).into();
        Box::pin(async move {
            // A closed standard output is for the caller to notice.
            let _ = rp_common::announce(address);
        })
    });
    rocket::custom(config)
        .mount("/", routes![home, me, api, signals, wrong_method])
        .mount("/", dance_routes(party.dances()))
        .attach(announce)
        .attach(fairing(party.dances()))
        .manage(party)
}

#[get("/")]
async fn home(party: &State<RelyingParty>, visit: Visit) -> Page {
    Page(party.home(&visit).await)
}

#[get("/me")]
async fn me(party: &State<RelyingParty>, visit: Visit) -> Page {
    Page(party.me(&visit).await)
}

#[get("/api")]
async fn api(party: &State<RelyingParty>, visit: Visit, uri: &Origin<'_>) -> Page {
    let query = uri.query().map(|query| query.as_str());
    Page(party.api(&visit, query).await)
}

#[get("/signals")]
fn signals(party: &State<RelyingParty>) -> Page {
    Page(party.signals())
}

/// Rocket would answer 404.
#[post("/<_..>")]
fn wrong_method() -> Status {
    Status::MethodNotAllowed
}

/// A page with the types of `http`.
struct Page(http::Response<Bytes>);

impl<'r> Responder<'r, 'static> for Page {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let (parts, body) = self.0.into_parts();
        let mut page = Response::build();
        page.status(Status::new(parts.status.as_u16()));
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            page.header_adjoin(Header::new(name.to_string(), value));
        }
        page.sized_body(body.len(), Cursor::new(body)).ok()
    }
}
