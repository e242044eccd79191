//! The one place where the `oauth2` crate is called: it writes requests and reads normalised answers.
//!
//! `oauth2` wants to send its requests itself. It is handed a "client" that only records the request, so
//! that the steps stay free of IO.

use std::cell::RefCell;
use std::fmt;

use bytes::Bytes;
use http::{Request, header};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, RedirectUrl, TokenUrl,
};
use serde::Deserialize as _;
use serde_json::{Map, Value};
use url::Url;

use crate::providers::provider::ClientAuth;
use crate::values::credentials::Credentials;

/// A registration with a provider in the form of `oauth2`. Made once per dance.
pub(crate) type Client =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Where a [`Client`] sends browsers and requests.
pub(crate) struct Endpoints<'a> {
    pub(crate) authorize: &'a Url,
    pub(crate) token: &'a Url,
    pub(crate) redirect_uri: &'a Url,
}

/// Makes the client of one dance.
pub(crate) fn client(
    credentials: &Credentials,
    client_auth: ClientAuth,
    endpoints: &Endpoints<'_>,
) -> Client {
    let client = BasicClient::new(ClientId::new(credentials.client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(endpoints.authorize.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_redirect_uri(RedirectUrl::from_url(endpoints.redirect_uri.clone()))
        // RFC 6749 §2.3: exactly one method of client authentication.
        .set_auth_type(match client_auth {
            ClientAuth::Basic => AuthType::BasicAuth,
            ClientAuth::Post | ClientAuth::None => AuthType::RequestBody,
        });
    match &credentials.client_secret {
        Some(secret) if client_auth != ClientAuth::None => {
            client.set_client_secret(ClientSecret::new(secret.secret().to_owned()))
        }
        _ => client,
    }
}

/// Returns the request that `send` would have sent.
pub(crate) fn written<T, E>(
    send: impl FnOnce(&dyn Fn(HttpRequest) -> Result<HttpResponse, TakenDown>) -> Result<T, E>,
) -> Request<Bytes> {
    let taken = RefCell::new(None);
    let taker = |request: HttpRequest| {
        *taken.borrow_mut() = Some(request);
        Err(TakenDown)
    };
    // The error says that the request was not sent, as intended.
    let _ = send(&taker);
    let request = taken
        .into_inner()
        .expect("oauth2 asks its client exactly once, with endpoints that parsed");
    let mut request = request.map(Bytes::from);
    if let Some(credentials) = request.headers_mut().get_mut(header::AUTHORIZATION) {
        credentials.set_sensitive(true);
    }
    request
}

/// Reads a normalised answer. The error of `oauth2` would show token bytes, so it is dropped.
pub(crate) fn read(members: &Map<String, Value>) -> Option<BasicTokenResponse> {
    BasicTokenResponse::deserialize(members).ok()
}

/// A request was recorded instead of sent.
#[derive(Debug)]
pub(crate) struct TakenDown;

impl fmt::Display for TakenDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was recorded and not sent")
    }
}

impl std::error::Error for TakenDown {}
