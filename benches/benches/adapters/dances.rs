//! The dances that every party has, and what its pages say.

use oauth_dance::{ApiError, Credentials, Dance, Dances, Key, Provider, Visit};
use oauth_dance_reqwest::ReqwestClient;

pub(crate) const CLIENT_ID: &str = "bench";
pub(crate) const CLIENT_SECRET: &str = "bench-secret";

/// Everything is kept in cookies, so that no store is measured.
pub(crate) fn dances(issuer: &str, origin: &str) -> Dances {
    let op = Provider::oauth2(
        "op",
        format!("{issuer}/authorize"),
        format!("{issuer}/token"),
    )
    .userinfo(format!("{issuer}/userinfo"), "sub")
    .scopes(["profile", "email"]);
    let dance = Dance::builder(op)
        .credentials(Credentials::new(CLIENT_ID, CLIENT_SECRET))
        .redirect_to("/welcome");
    Dances::builder(origin, Key::generate().expect("entropy"))
        .client(ReqwestClient::new().expect("a client"))
        .with(dance)
        .build()
        .expect("the settings above")
}

/// The page that a dance ends at.
pub(crate) async fn welcome(visit: &Visit) -> Result<String, ApiError> {
    let identity = visit.api("op")?.identity().await?;
    let identity = identity.expect("the provider says who it is");
    Ok(format!("Hello, {}!", identity.display_name()))
}

/// The page of which a dance has none.
pub(crate) const PLAIN: &str = "Hello, everybody!";
