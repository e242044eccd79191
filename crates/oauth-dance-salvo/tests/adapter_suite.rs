//! The adapter suite: routes, middleware and extractors of salvo over real sockets.

mod support;

use oauth_dance::Dances;
use oauth_dance_salvo::{Api, DanceName, Error, Flashes, SignedIn, Visit, routes, visits};
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Serving, pages};
use salvo_core::http::StatusCode;
use salvo_core::http::header::{HeaderValue, SET_COOKIE};
use salvo_core::prelude::*;

adapter_suite!(serve);

async fn serve(dances: Dances) -> Serving {
    let at = |path: &str| Router::with_path(path.trim_start_matches('/'));
    let visited = Router::new()
        .hoop(visits(&dances))
        .push(routes(&dances))
        .push(Router::new().get(home).head(home))
        .push(at(pages::COOKIES).get(cookies).head(cookies))
        .push(at(pages::ME).get(me).head(me))
        .push(at(pages::PROFILE).get(profile).head(profile))
        .push(at(pages::MISSPELT).get(misspelt).head(misspelt))
        .push(at(pages::NUMBER).get(number).head(number));
    let router = Router::new()
        .push(at(pages::WITHOUT_VISIT).get(home))
        .push(visited);
    let service = Service::new(router);
    let (address, server) = support::serve(service).await;
    Serving::new(address, server)
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = pages::DANCE;
}

#[handler]
async fn home(visit: Visit, flashes: Flashes) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

#[handler]
async fn cookies(visit: Visit, flashes: Flashes, res: &mut Response) -> String {
    let own = HeaderValue::from_static(pages::OWN_COOKIE);
    res.headers_mut().append(SET_COOKIE, own);
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

#[handler]
async fn me(visit: Visit, _signed_in: Api<Op>) -> String {
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
async fn number(user: SignedIn<i64>) -> String {
    user.to_string()
}

#[handler]
async fn profile(visit: Visit, res: &mut Response) -> Result<(), Error> {
    let api = visit.api(pages::DANCE)?;
    let answer = api.get(pages::PROFILE_API).await?;
    let status = StatusCode::from_u16(answer.status().as_u16()).expect("a status");
    res.status_code(status);
    res.body(answer.body().clone());
    Ok(())
}
