//! The provider's description of itself (RFC 8414).

use http::StatusCode;
use serde_json::json;

use crate::answer::{Answer, json_answer};
use crate::provider::{Inner, ScopeDescription};

/// `GET /.well-known/oauth-authorization-server`.
pub(crate) fn metadata(provider: &Inner) -> Answer {
    let issuer = provider.issuer();
    let scopes: Vec<&str> = provider.scopes.iter().map(ScopeDescription::name).collect();
    let grants: &[&str] = if provider.refreshes {
        &["authorization_code", "refresh_token"]
    } else {
        &["authorization_code"]
    };
    let auth = ["client_secret_basic", "client_secret_post", "none"];
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "token_endpoint_auth_methods_supported": auth,
        "revocation_endpoint": format!("{issuer}/revoke"),
        "revocation_endpoint_auth_methods_supported": auth,
        "introspection_endpoint": format!("{issuer}/introspect"),
        "introspection_endpoint_auth_methods_supported": auth,
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": grants,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": provider.names_issuer,
    });
    json_answer(StatusCode::OK, &body)
}
