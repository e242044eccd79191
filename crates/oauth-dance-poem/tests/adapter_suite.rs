//! The adapter suite: routes, middleware and extractors of poem over real sockets.

use oauth_dance::Dances;
use oauth_dance_poem::{Api, DanceName, Error, Flashes, SignedIn, Visit};
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Serving, pages};
use poem::http::StatusCode;
use poem::http::header::SET_COOKIE;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{IntoResponse, Response, Route, Server, get, handler};
use tokio::task::JoinSet;

adapter_suite!(serve);

async fn serve(dances: Dances) -> Serving {
    let app = Route::new()
        .at(pages::HOME, get(home))
        .at(pages::COOKIES, get(cookies))
        .at(pages::ME, get(me))
        .at(pages::PROFILE, get(profile))
        .at(pages::MISSPELT, get(misspelt))
        .at(pages::NUMBER, get(number));
    let app = oauth_dance_poem::mount(app, &dances);
    let app = Route::new()
        .at(pages::WITHOUT_VISIT, get(home))
        .nest_no_strip("/", app);
    let listener = TcpListener::bind("127.0.0.1:0").into_acceptor().await;
    let listener = listener.expect("a free port");
    let address = *listener.local_addr()[0]
        .as_socket_addr()
        .expect("an address");
    let mut server = JoinSet::new();
    server.spawn(async move { Server::new_with_acceptor(listener).run(app).await });
    Serving::new(address, server)
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = pages::DANCE;
}

#[handler]
async fn home(Visit(visit): Visit, Flashes(flashes): Flashes) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

#[handler]
async fn cookies(Visit(visit): Visit, Flashes(flashes): Flashes) -> impl IntoResponse {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes).with_header(SET_COOKIE, pages::OWN_COOKIE)
}

#[handler]
async fn me(Visit(visit): Visit, _signed_in: Api<Op>) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &[])
}

struct NoDance;

impl DanceName for NoDance {
    const NAME: &'static str = pages::NO_DANCE;
}

#[handler]
async fn misspelt(api: Api<NoDance>) -> String {
    format!("{api:?}")
}

#[handler]
async fn number(SignedIn(number): SignedIn<i64>) -> String {
    number.to_string()
}

#[handler]
async fn profile(Visit(visit): Visit) -> Result<Response, Error> {
    let api = visit.api(pages::DANCE)?;
    let answer = api.get(pages::PROFILE_API).await?;
    let status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
    Ok((status, answer.body().clone()).into_response())
}
