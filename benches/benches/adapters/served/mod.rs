//! The parties. Each is a file, and a row of the table.

mod actix;
mod axum;
mod bare;
mod poem;
mod rocket;
mod salvo;
mod tower;
mod warp;

use std::io::{BufRead as _, Read as _, stdin};
use std::net::TcpListener;

use oauth_dance::Dances;

use crate::dances::dances;

/// Serves the dances and the two pages, for ever.
type Serve = fn(TcpListener, &Dances);

/// The first is what the others are compared with.
pub(crate) const PARTIES: [(&str, Serve); 8] = [
    ("bare", bare::serve),
    ("tower", tower::serve),
    ("axum", axum::serve),
    ("actix", actix::serve),
    ("poem", poem::serve),
    ("rocket", rocket::serve),
    ("salvo", salvo::serve),
    ("warp", warp::serve),
];

/// The child: says where it listens, hears from its parent where the provider is, and serves until the parent closes
/// standard input.
pub(crate) fn serve(name: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    println!("{origin}");
    let mut issuer = String::new();
    stdin().lock().read_line(&mut issuer).expect("an issuer");
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        let _ = stdin().lock().read_to_end(&mut rest);
        std::process::exit(0);
    });
    let dances = dances(issuer.trim(), &origin);
    let party = PARTIES.iter().find(|(party, _)| *party == name);
    let (_, serve) = party.unwrap_or_else(|| panic!("no party is called {name:?}"));
    serve(listener, &dances);
}

/// Runs a server in tokio's runtime as it comes.
fn block_on(server: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(server);
}

fn listener(listener: TcpListener) -> tokio::net::TcpListener {
    tokio::net::TcpListener::from_std(listener).expect("a listener")
}
