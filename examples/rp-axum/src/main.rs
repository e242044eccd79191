//! A relying party on axum: `cargo run -p rp-axum -- --help`.

use std::process::ExitCode;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use oauth_dance_axum::Visit;
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
    axum::serve(listener, router(party)).await?;
    Ok(())
}

fn router(party: RelyingParty) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/me", get(me))
        .route("/api", get(api))
        .route("/signals", get(signals))
        .merge(oauth_dance_axum::router(party.dances()))
        .layer(oauth_dance_axum::layer(party.dances()))
        .with_state(party)
}

async fn home(State(party): State<RelyingParty>, Visit(visit): Visit) -> Response {
    respond(party.home(&visit).await)
}

async fn me(State(party): State<RelyingParty>, Visit(visit): Visit) -> Response {
    respond(party.me(&visit).await)
}

async fn api(
    State(party): State<RelyingParty>,
    Visit(visit): Visit,
    RawQuery(query): RawQuery,
) -> Response {
    respond(party.api(&visit, query.as_deref()).await)
}

async fn signals(State(party): State<RelyingParty>) -> Response {
    respond(party.signals())
}

fn respond(response: axum::http::Response<Bytes>) -> Response {
    response.map(Body::from)
}
