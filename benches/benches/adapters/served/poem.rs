//! poem.

use std::net::TcpListener;

use oauth_dance::Dances;
use oauth_dance_poem::{Error, Visit, mount};
use poem::listener::TcpAcceptor;
use poem::{Route, Server, get, handler};

use super::block_on;
use crate::dances::{self, PLAIN};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let app = Route::new()
        .at("/welcome", get(welcome))
        .at("/plain", get(plain));
    let app = mount(app, dances);
    block_on(async {
        let listener = TcpAcceptor::from_std(listener).expect("a listener");
        let served = Server::new_with_acceptor(listener).run(app).await;
        served.expect("it serves");
    });
}

#[handler]
async fn welcome(Visit(visit): Visit) -> Result<String, Error> {
    Ok(dances::welcome(&visit).await?)
}

#[handler]
fn plain() -> &'static str {
    PLAIN
}
