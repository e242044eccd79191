//! `GET /me`: whose token it is, who signed in, what was granted, until when.

use bytes::Bytes;
use http::{Response, StatusCode};
use oauth_dance::{ApiError, Dance, Identity, Timestamp, Visit};
use serde_json::{Value, json};

use super::{client, respond};

pub(crate) async fn me(dance: &Dance, visit: &Visit) -> Response<Bytes> {
    match describe(dance, visit).await {
        Ok(body) => respond::json(StatusCode::OK, &body),
        Err(error) => respond::failed(&error),
    }
}

async fn describe(dance: &Dance, visit: &Visit) -> Result<Value, ApiError> {
    let client = client(dance, visit);
    let identity = client.identity().await?;
    let token = client.token().await?;
    let owner = visit.owner(dance.name()).await?;
    Ok(json!({
        "dance": dance.name(),
        "owner": owner.map(|owner| json!({ "kind": owner.kind(), "id": owner.id() })),
        "identity": identity.as_ref().map(describe_identity),
        "scopes": token.scopes().iter().collect::<Vec<_>>(),
        "missing_scopes": token.missing(),
        "expires_at": token.expires_at().map(Timestamp::unix_seconds),
    }))
}

fn describe_identity(identity: &Identity) -> Value {
    json!({
        "issuer": identity.issuer(),
        "subject": identity.subject(),
        "claims": identity.claims(),
    })
}
