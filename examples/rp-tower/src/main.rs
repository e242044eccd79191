//! A relying party on tower and plain hyper: `cargo run -p rp-tower -- --help`.

use std::process::ExitCode;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use oauth_dance_tower::{Error, mount, service_fn, visit};
use rp_common::{Args, RelyingParty, Started, Stop};
use tokio::net::TcpListener;

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
    let dances = party.dances().clone();
    let app = mount(
        service_fn(move |request| page(party.clone(), request)),
        &dances,
    );
    loop {
        let (stream, _) = listener.accept().await?;
        let app = TowerToHyperService::new(app.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), app));
    }
}

async fn page(
    party: RelyingParty,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Error> {
    let visit = visit(&request)?;
    let response = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => party.home(&visit).await,
        (&Method::GET, "/me") => party.me(&visit).await,
        (&Method::GET, "/api") => party.api(&visit, request.uri().query()).await,
        (&Method::GET, "/signals") => party.signals(),
        (_, "/" | "/me" | "/api" | "/signals") => bare(StatusCode::METHOD_NOT_ALLOWED),
        _ => bare(StatusCode::NOT_FOUND),
    };
    Ok(response.map(Full::new))
}

fn bare(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
