//! Applications on free ports of this machine, each for as long as its test wants it.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::SocketAddr;

use oauth_dance::{Credentials, Dance, DanceName, Dances, Key, Provider};
use oauth_dance_testkit::SocketClient;
use salvo_core::conn::Acceptor as _;
use salvo_core::prelude::*;
use tokio::task::JoinSet;

pub(crate) struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

pub(crate) fn dances(prefix: &str) -> Dances {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(SocketClient::new())
        .mount_at(prefix)
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap()
}

/// Serves an application until the answer is dropped.
pub(crate) async fn serve(service: Service) -> (SocketAddr, JoinSet<()>) {
    let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
    let address = acceptor.holdings()[0].local_addr.clone().into_std();
    let mut server = JoinSet::new();
    server.spawn(Server::new(acceptor).serve(service));
    (address.expect("an address"), server)
}
