//! The child: a relying party that says where it listens, and hears from its parent where the provider is.

use axum::Router;
use oauth_dance_sqlx::SqliteStore;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, stdin};
use tokio::net::TcpListener;

use crate::parties::{by_hand, ours};

/// Serves the party called `name` until the parent closes standard input.
pub(crate) async fn serve(name: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let origin = format!("http://{address}");
    println!("{origin}");
    let mut parent = BufReader::new(stdin());
    let mut issuer = String::new();
    parent.read_line(&mut issuer).await.expect("an issuer");
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(name, issuer.trim(), &origin, folder.path()).await;
    let mut rest = Vec::new();
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served.expect("it serves"),
        _ = parent.read_to_end(&mut rest) => {}
    }
}

async fn app(name: &str, issuer: &str, origin: &str, folder: &std::path::Path) -> Router {
    match name {
        "by-hand" => by_hand::app(issuer, origin),
        "memory" => ours::in_memory(issuer, origin),
        "cookies" => ours::in_cookies(issuer, origin),
        "sqlite" => {
            let store = SqliteStore::open(folder.join("tokens.db")).await;
            let store = store.expect("a database");
            ours::app(issuer, origin, |dances| {
                dances.store(store.clone()).session_store(store)
            })
        }
        other => panic!("no party is called {other:?}"),
    }
}
