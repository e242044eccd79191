//! salvo.

use std::net::TcpListener;

use oauth_dance::Dances;
use oauth_dance_salvo::{Error, Visit, routes, visits};
use salvo_core::conn::tcp::TcpAcceptor;
use salvo_core::prelude::*;

use super::block_on;
use crate::dances::{self, PLAIN};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let router = Router::new()
        .push(routes(dances))
        .push(Router::with_path("welcome").get(welcome))
        .push(Router::with_path("plain").get(plain));
    let service = Service::new(router).hoop(visits(dances));
    block_on(async {
        let acceptor = TcpAcceptor::try_from(super::listener(listener));
        let server = Server::new(acceptor.expect("a listener"));
        server.serve(service).await;
    });
}

#[handler]
async fn welcome(visit: Visit) -> Result<String, Error> {
    Ok(dances::welcome(&visit).await?)
}

#[handler]
async fn plain() -> &'static str {
    PLAIN
}
