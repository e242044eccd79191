//! The relying party with `oauth-dance`.

use axum::Router;
use axum::routing::get;
use oauth_dance::{
    Credentials, Dance, Dances, DancesBuilder, Key, MemoryPendingStore, MemorySessionStore,
    MemoryStore, Provider,
};
use oauth_dance_axum::{Error, Visit};
use oauth_dance_reqwest::ReqwestClient;

use super::{CLIENT_ID, CLIENT_SECRET};

/// Pending logins, sessions and tokens are in sealed cookies.
pub(crate) fn in_cookies(issuer: &str, origin: &str) -> Router {
    app(issuer, origin, |dances| dances)
}

/// Pending logins, sessions and tokens are in memory, as those of the party that is written by hand.
pub(crate) fn in_memory(issuer: &str, origin: &str) -> Router {
    app(issuer, origin, |dances| {
        dances
            .store(MemoryStore::new())
            .session_store(MemorySessionStore::new())
            .pending_store(MemoryPendingStore::new())
    })
}

pub(crate) fn app(
    issuer: &str,
    origin: &str,
    keep: impl FnOnce(DancesBuilder) -> DancesBuilder,
) -> Router {
    let op = Provider::oauth2(
        "op",
        format!("{issuer}/authorize"),
        format!("{issuer}/token"),
    )
    .userinfo(format!("{issuer}/userinfo"), "sub")
    .scopes(["profile", "email"]);
    let dances = Dances::builder(origin, Key::generate().expect("entropy"))
        .client(ReqwestClient::new().expect("a client"))
        .with(
            Dance::builder(op)
                .credentials(Credentials::new(CLIENT_ID, CLIENT_SECRET))
                .redirect_to("/welcome"),
        );
    let dances = keep(dances).build().expect("the settings above");
    let app = Router::new().route("/welcome", get(welcome));
    oauth_dance_axum::mount(app, &dances)
}

async fn welcome(Visit(visit): Visit) -> Result<String, Error> {
    let identity = visit.api("op")?.identity().await?;
    let identity = identity.expect("the provider says who it is");
    Ok(format!("Hello, {}!", identity.display_name()))
}
