//! Applications on free ports of this machine, and requests to them, byte by byte.
// Each test file uses a part of it.
#![allow(dead_code)]

use std::net::SocketAddr;

use oauth_dance::{Credentials, Dance, Dances, DancesBuilder, Key, Provider};
use oauth_dance_rocket::{DanceName, fairing, routes};
use oauth_dance_testkit::SocketClient;
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::http::Accept;
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::{Build, Config, Rocket, Shutdown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A server that is stopped when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
}

impl Server {
    pub(crate) async fn start(app: Rocket<Build>) -> Self {
        let (launched, started) = oneshot::channel();
        let launched = parking_lot::Mutex::new(Some(launched));
        let tell = AdHoc::on_liftoff("tell the address", move |rocket| {
            let config = rocket.config();
            let address = SocketAddr::new(config.address, config.port);
            if let Some(launched) = launched.lock().take() {
                let _ = launched.send((address, rocket.shutdown()));
            }
            Box::pin(async {})
        });
        tokio::spawn(app.attach(tell).launch());
        let (address, shutdown) = started.await.expect("an application that launches");
        Self { address, shutdown }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
    }
}

/// An application without routes, for a free port.
pub(crate) fn rocket() -> Rocket<Build> {
    rocket::custom(Config {
        port: 0,
        workers: 1,
        log_level: LogLevel::Off,
        shutdown: rocket::config::Shutdown {
            ctrlc: false,
            signals: [].into(),
            ..Default::default()
        },
        ..Config::debug_default()
    })
}

pub(crate) struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

/// Dances whose one provider is never asked.
pub(crate) fn builder() -> DancesBuilder {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:8000", Key::generate().unwrap())
        .client(SocketClient::new())
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
}

pub(crate) fn dances() -> Dances {
    builder().build().unwrap()
}

/// Sends these bytes, and reads until the server closes.
pub(crate) async fn send(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// An application that has the routes and the fairing.
pub(crate) fn app() -> Rocket<Build> {
    with_dances(rocket(), &dances())
}

pub(crate) fn with_dances(app: Rocket<Build>, dances: &Dances) -> Rocket<Build> {
    app.mount("/", routes(dances)).attach(fairing(dances))
}

pub(crate) async fn client(app: Rocket<Build>) -> Client {
    Client::untracked(app).await.unwrap()
}

/// Asks the application for a page as a browser does.
pub(crate) async fn ask<'c>(client: &'c Client, path: &'c str) -> LocalResponse<'c> {
    client.get(path).header(Accept::HTML).dispatch().await
}

pub(crate) fn header<'r>(response: &'r LocalResponse<'_>, name: &str) -> Vec<&'r str> {
    response.headers().get(name).collect()
}
