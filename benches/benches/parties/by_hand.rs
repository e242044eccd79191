//! The relying party as one writes it with axum, `oauth2` and reqwest alone: the login and the session in
//! maps, found by a random cookie.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse as _, TokenUrl,
};
use parking_lot::Mutex;
use serde::Deserialize;

use super::{CLIENT_ID, CLIENT_SECRET, callback};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

struct Party {
    client: Client,
    http: reqwest::Client,
    userinfo: String,
    pending: Mutex<HashMap<String, (CsrfToken, PkceCodeVerifier)>>,
    sessions: Mutex<HashMap<String, (BasicTokenResponse, serde_json::Value)>>,
}

pub(crate) fn app(issuer: &str, origin: &str) -> Router {
    let url = |path: &str| format!("{issuer}{path}");
    let party = Party {
        client: BasicClient::new(ClientId::new(CLIENT_ID.into()))
            .set_client_secret(ClientSecret::new(CLIENT_SECRET.into()))
            .set_auth_uri(AuthUrl::new(url("/authorize")).expect("a URL"))
            .set_token_uri(TokenUrl::new(url("/token")).expect("a URL"))
            .set_redirect_uri(RedirectUrl::new(callback(origin)).expect("a URL")),
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client"),
        userinfo: url("/userinfo"),
        pending: Mutex::default(),
        sessions: Mutex::default(),
    };
    Router::new()
        .route("/login/op", get(login))
        .route("/login/op/authorized", get(authorized))
        .route("/welcome", get(welcome))
        .with_state(Arc::new(party))
}

async fn login(State(party): State<Arc<Party>>) -> Response {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = party
        .client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("profile".into()))
        .add_scope(Scope::new("email".into()))
        .set_pkce_challenge(challenge)
        .url();
    let id = CsrfToken::new_random().into_secret();
    party.pending.lock().insert(id.clone(), (state, verifier));
    redirect(url.as_str(), &set_cookie("pending", id))
}

#[derive(Deserialize)]
struct Callback {
    code: String,
    state: String,
}

async fn authorized(
    State(party): State<Arc<Party>>,
    Query(callback): Query<Callback>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let id = cookie(&headers, "pending").ok_or(StatusCode::BAD_REQUEST)?;
    let (state, verifier) = party
        .pending
        .lock()
        .remove(&id)
        .filter(|(state, _)| *state.secret() == callback.state)
        .ok_or(StatusCode::BAD_REQUEST)?;
    drop(state);

    let client = party.http.clone();
    let http = move |request: HttpRequest| send(client.clone(), request);
    let token = party
        .client
        .exchange_code(AuthorizationCode::new(callback.code))
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .map_err(|_| StatusCode::BAD_GATEWAY)?;
    let answer = party
        .http
        .get(&party.userinfo)
        .bearer_auth(token.access_token().secret())
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|_| StatusCode::BAD_GATEWAY)?;
    let body = answer.bytes().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let user = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_GATEWAY)?;

    let id = CsrfToken::new_random().into_secret();
    party.sessions.lock().insert(id.clone(), (token, user));
    Ok(redirect("/welcome", &set_cookie("session", id)))
}

async fn welcome(
    State(party): State<Arc<Party>>,
    headers: HeaderMap,
) -> Result<String, StatusCode> {
    let id = cookie(&headers, "session").ok_or(StatusCode::UNAUTHORIZED)?;
    let sessions = party.sessions.lock();
    let (_token, user) = sessions.get(&id).ok_or(StatusCode::UNAUTHORIZED)?;
    let name = user["name"].as_str().ok_or(StatusCode::BAD_GATEWAY)?;
    Ok(format!("Hello, {name}!"))
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = http.execute(request.try_into()?).await?;
    let mut answer = HttpResponse::new(Vec::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    *answer.body_mut() = response.bytes().await?.to_vec();
    Ok(answer)
}

fn set_cookie(name: &'static str, value: String) -> String {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
        .to_string()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let header = headers.get(COOKIE)?.to_str().ok()?;
    Cookie::split_parse(header)
        .flatten()
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

fn redirect(location: &str, cookie: &str) -> Response {
    let headers = [(LOCATION, location), (SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers).into_response()
}
