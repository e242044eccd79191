//! warp's filters as a service, and plain hyper.

use std::net::TcpListener;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use oauth_dance::{Dances, Visit};
use oauth_dance_warp::{App, Error, routes, service, visit};
use warp::{Filter, path};

use super::block_on;
use crate::dances::{self, PLAIN};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let app = app(dances);
    block_on(async {
        let listener = super::listener(listener);
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let app = TowerToHyperService::new(app.clone());
            let server = http1::Builder::new();
            tokio::spawn(server.serve_connection(TokioIo::new(stream), app));
        }
    });
}

fn app(dances: &Dances) -> App {
    let greeting = path!("welcome").and(visit()).then(welcome);
    let plain = path!("plain").map(|| PLAIN);
    service(routes(dances).or(greeting).or(plain), dances)
}

async fn welcome(visit: Visit) -> Result<String, Error> {
    Ok(dances::welcome(&visit).await?)
}
