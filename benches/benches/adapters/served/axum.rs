//! axum.

use std::net::TcpListener;

use axum::Router;
use axum::routing::get;
use oauth_dance::Dances;
use oauth_dance_axum::{Error, Visit};

use super::block_on;
use crate::dances::{self, PLAIN};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let app = Router::new()
        .route("/welcome", get(welcome))
        .route("/plain", get(async || PLAIN));
    let app = oauth_dance_axum::mount(app, dances);
    block_on(async {
        let served = axum::serve(super::listener(listener), app).await;
        served.expect("it serves");
    });
}

async fn welcome(Visit(visit): Visit) -> Result<String, Error> {
    Ok(dances::welcome(&visit).await?)
}
