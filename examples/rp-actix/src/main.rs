//! A relying party on actix-web: `cargo run -p rp-actix -- --help`.

use std::process::ExitCode;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use bytes::Bytes;
use oauth_dance_actix::Visit;
use rp_common::{Args, RelyingParty, Started, Stop};

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

async fn run() -> Result<(), Stop> {
    let Started { party, listener } = rp_common::start(Args::from_command_line()?).await?;
    let address = listener.local_addr()?;
    let app = move || {
        App::new()
            .app_data(Data::new(party.clone()))
            .configure(pages)
            .configure(oauth_dance_actix::routes(party.dances()))
            .wrap(oauth_dance_actix::visits(party.dances()))
    };
    let server = HttpServer::new(app).listen(listener)?.run();
    rp_common::announce(address)?;
    server.await?;
    Ok(())
}

fn pages(config: &mut ServiceConfig) {
    // `route` of the `App` would answer 404 to another method. A resource answers 405.
    config
        .service(web::resource("/").route(web::get().to(home)))
        .service(web::resource("/me").route(web::get().to(me)))
        .service(web::resource("/api").route(web::get().to(api)))
        .service(web::resource("/signals").route(web::get().to(signals)));
}

async fn home(party: Data<RelyingParty>, Visit(visit): Visit) -> HttpResponse {
    respond(party.home(&visit).await)
}

async fn me(party: Data<RelyingParty>, Visit(visit): Visit) -> HttpResponse {
    respond(party.me(&visit).await)
}

async fn api(party: Data<RelyingParty>, Visit(visit): Visit, request: HttpRequest) -> HttpResponse {
    respond(party.api(&visit, request.uri().query()).await)
}

async fn signals(party: Data<RelyingParty>) -> HttpResponse {
    respond(party.signals())
}

/// The pages have the types of `http` 1, and actix-web those of `http` 0.2.
fn respond(response: http::Response<Bytes>) -> HttpResponse {
    let status = StatusCode::from_u16(response.status().as_u16());
    let mut page = HttpResponse::build(status.expect("both crates have the same statuses"));
    for (name, value) in response.headers() {
        page.append_header((name.as_str(), value.as_bytes()));
    }
    page.body(response.into_body())
}
