//! A relying party on poem: `cargo run -p rp-poem -- --help`.

use std::process::ExitCode;

use bytes::Bytes;
use oauth_dance_poem::Visit;
use poem::listener::TcpAcceptor;
use poem::web::Data;
use poem::{EndpointExt as _, Request, Response, Route, Server, get, handler};
use rp_common::{Args, RelyingParty, Started, Stop};

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
    let app = Route::new()
        .at("/", get(home))
        .at("/me", get(me))
        .at("/api", get(api))
        .at("/signals", get(signals));
    let app = oauth_dance_poem::mount(app, party.dances()).data(party);
    let listener = TcpAcceptor::from_std(listener)?;
    Server::new_with_acceptor(listener).run(app).await?;
    Ok(())
}

#[handler]
async fn home(Data(party): Data<&RelyingParty>, Visit(visit): Visit) -> Response {
    respond(party.home(&visit).await)
}

#[handler]
async fn me(Data(party): Data<&RelyingParty>, Visit(visit): Visit) -> Response {
    respond(party.me(&visit).await)
}

#[handler]
async fn api(Data(party): Data<&RelyingParty>, Visit(visit): Visit, request: &Request) -> Response {
    respond(party.api(&visit, request.uri().query()).await)
}

#[handler]
fn signals(Data(party): Data<&RelyingParty>) -> Response {
    respond(party.signals())
}

fn respond(response: http::Response<Bytes>) -> Response {
    let (parts, body) = response.into_parts();
    let mut page = Response::builder().status(parts.status).body(body);
    *page.headers_mut() = parts.headers;
    page
}
