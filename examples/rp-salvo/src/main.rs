//! A relying party on salvo: `cargo run -p rp-salvo -- --help`.

use std::process::ExitCode;

use bytes::Bytes;
use oauth_dance_salvo::{Visit, routes, visits};
use rp_common::{Args, RelyingParty, Started, Stop};
use salvo_core::conn::tcp::TcpAcceptor;
use salvo_core::prelude::*;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

async fn run() -> Result<(), Stop> {
    let Started { party, listener } = rp_common::start(Args::from_command_line()?).await?;
    rp_common::announce(listener.local_addr()?)?;
    let router = Router::new()
        .push(routes(party.dances()))
        .push(Router::new().get(home))
        .push(Router::with_path("me").get(me))
        .push(Router::with_path("api").get(api))
        .push(Router::with_path("signals").get(signals));
    let service = Service::new(router)
        .hoop(visits(party.dances()))
        .hoop(State(party));
    let listener = tokio::net::TcpListener::from_std(listener)?;
    Server::new(TcpAcceptor::try_from(listener)?)
        .serve(service)
        .await;
    Ok(())
}

/// Puts the state of the application into the depot, as `affix_state` of the crate `salvo` does.
struct State(RelyingParty);

#[handler]
impl State {
    async fn handle(&self, depot: &mut Depot) {
        depot.insert_typed(self.0.clone());
    }
}

fn party(depot: &Depot) -> &RelyingParty {
    depot.get_typed().expect("the state of the service")
}

#[handler]
async fn home(visit: Visit, depot: &mut Depot, res: &mut Response) {
    respond(res, party(depot).home(&visit).await);
}

#[handler]
async fn me(visit: Visit, depot: &mut Depot, res: &mut Response) {
    respond(res, party(depot).me(&visit).await);
}

#[handler]
async fn api(visit: Visit, req: &mut Request, depot: &mut Depot, res: &mut Response) {
    respond(res, party(depot).api(&visit, req.uri().query()).await);
}

#[handler]
async fn signals(depot: &mut Depot, res: &mut Response) {
    respond(res, party(depot).signals());
}

fn respond(page: &mut Response, response: http::Response<Bytes>) {
    let (parts, body) = response.into_parts();
    page.status_code(parts.status);
    page.headers_mut().extend(parts.headers);
    page.body(body);
}
