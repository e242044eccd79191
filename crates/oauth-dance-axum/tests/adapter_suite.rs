//! The adapter suite: routes, layer and extractors of axum, and reqwest towards the provider.

use axum::Router;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::get;
use oauth_dance::Dances;
use oauth_dance_axum::{Api, DanceName, Error, Flashes, SignedIn, Visit};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Adapter, Serving, pages};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

adapter_suite!(in Adapter::new(serve).with_client(ReqwestClient::new().expect("a client")));

async fn serve(dances: Dances) -> Serving {
    let app = Router::new()
        .route(pages::HOME, get(home))
        .route(pages::COOKIES, get(cookies))
        .route(pages::ME, get(me))
        .route(pages::PROFILE, get(profile))
        .route(pages::MISSPELT, get(misspelt))
        .route(pages::NUMBER, get(number))
        .merge(oauth_dance_axum::router(&dances))
        .layer(oauth_dance_axum::layer(&dances))
        // A layer reaches the routes that are there.
        .route(pages::WITHOUT_VISIT, get(home));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, app).await });
    Serving::new(address, server)
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = pages::DANCE;
}

async fn home(Visit(visit): Visit, Flashes(flashes): Flashes) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

async fn cookies(visit: Visit, flashes: Flashes) -> impl IntoResponse {
    let cookie = AppendHeaders([(SET_COOKIE, pages::OWN_COOKIE)]);
    (cookie, home(visit, flashes).await)
}

async fn me(Visit(visit): Visit, _signed_in: Api<Op>) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &[])
}

struct NoDance;

impl DanceName for NoDance {
    const NAME: &'static str = pages::NO_DANCE;
}

async fn misspelt(api: Api<NoDance>) -> String {
    format!("{api:?}")
}

async fn number(SignedIn(number): SignedIn<i64>) -> String {
    number.to_string()
}

async fn profile(Visit(visit): Visit) -> Result<Response, Error> {
    let api = visit.api(pages::DANCE).expect("a dance of the suite");
    let answer = api.get(pages::PROFILE_API).await?;
    Ok(answer.into_response().map(axum::body::Body::from))
}
