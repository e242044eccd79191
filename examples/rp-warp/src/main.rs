//! A relying party on warp: `cargo run -p rp-warp -- --help`.

use std::process::ExitCode;

use bytes::Bytes;
use http::Response;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use oauth_dance_warp::{App, routes, service, visit};
use rp_common::{Args, RelyingParty, Started, Stop};
use tokio::net::TcpListener;
use warp::filters::BoxedFilter;
use warp::{Filter, path, query};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

async fn run() -> Result<(), Stop> {
    let Started { party, listener } = rp_common::start(Args::from_command_line()?).await?;
    let listener = TcpListener::from_std(listener)?;
    rp_common::announce(listener.local_addr()?)?;
    let app = app(party);
    loop {
        let (stream, _) = listener.accept().await?;
        let app = TowerToHyperService::new(app.clone());
        let server = auto::Builder::new(TokioExecutor::new());
        tokio::spawn(async move {
            let stream = TokioIo::new(stream);
            server.serve_connection_with_upgrades(stream, app).await
        });
    }
}

fn app(party: RelyingParty) -> App {
    let dances = party.dances().clone();
    let party = warp::any().map(move || party.clone());
    let home = path::end()
        .and(warp::get())
        .and(party.clone())
        .and(visit())
        .then(async |party: RelyingParty, visit| party.home(&visit).await);
    let me = path!("me")
        .and(warp::get())
        .and(party.clone())
        .and(visit())
        .then(async |party: RelyingParty, visit| party.me(&visit).await);
    let api = path!("api")
        .and(warp::get())
        .and(party.clone())
        .and(visit())
        .and(raw_query())
        .then(async |party: RelyingParty, visit, query: Option<String>| {
            party.api(&visit, query.as_deref()).await
        });
    let signals = path!("signals")
        .and(warp::get())
        .and(party)
        .map(|party: RelyingParty| -> Response<Bytes> { party.signals() });
    let pages = home.or(me).or(api).or(signals);
    service(routes(&dances).or(pages), &dances)
}

/// The query, where `warp::query::raw` would refuse a request without one.
fn raw_query() -> BoxedFilter<(Option<String>,)> {
    let none = warp::any().map(|| None);
    query::raw().map(Some).or(none).unify().boxed()
}
