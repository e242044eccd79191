//! The relying party with `oauth-dance`: sealed cookies for the login, a store for the token.

use axum::Router;
use oauth_dance::{Credentials, Dance, Dances, Key, MemoryStore, Provider};
use oauth_dance_reqwest::ReqwestClient;

use crate::{CLIENT_ID, CLIENT_SECRET, ORIGIN};

pub(crate) fn app(issuer: &str) -> Router {
    let op = Provider::oauth2(
        "op",
        format!("{issuer}/authorize"),
        format!("{issuer}/token"),
    )
    .userinfo(format!("{issuer}/userinfo"), "sub")
    .scopes(["profile", "email"]);
    let dances = Dances::builder(ORIGIN, Key::generate().expect("entropy"))
        .client(ReqwestClient::new().expect("a client"))
        .store(MemoryStore::new())
        .with(
            Dance::builder(op)
                .credentials(Credentials::new(CLIENT_ID, CLIENT_SECRET))
                .redirect_to("/welcome"),
        )
        .build()
        .expect("the settings above");
    oauth_dance_axum::router(&dances)
}
