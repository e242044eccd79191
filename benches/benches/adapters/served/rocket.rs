//! Rocket.

use std::net::TcpListener;

use oauth_dance::Dances;
use oauth_dance_rocket::{Error, Visit, fairing, routes as pages};
use rocket::config::{Config, LogLevel};
use rocket::{get, routes};

use super::block_on;
use crate::dances::{self, PLAIN};

/// Rocket opens its listener itself.
pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let config = Config {
        address: address.ip(),
        port: address.port(),
        log_level: LogLevel::Off,
        ..Config::default()
    };
    let app = rocket::custom(config)
        .mount("/", routes![welcome, plain])
        .mount("/", pages(dances))
        .attach(fairing(dances));
    block_on(async {
        app.launch().await.expect("it serves");
    });
}

#[get("/welcome")]
async fn welcome(visit: Visit) -> Result<String, Error> {
    Ok(dances::welcome(&visit).await?)
}

#[get("/plain")]
fn plain() -> &'static str {
    PLAIN
}
