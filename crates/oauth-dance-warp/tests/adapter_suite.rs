//! The adapter suite: routes, service and filters of warp over real sockets.

mod support;

use http::header::SET_COOKIE;
use oauth_dance::{Dances, Flash, Visit};
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Serving, pages};
use oauth_dance_warp::{Api, DanceName, Error, api, flashes, routes, service, signed_in, visit};
use warp::Filter as _;
use warp::reply::{Reply, Response, with_header};

use crate::support::Server;

adapter_suite!(
    serve,
    except {
        k07_a_page_without_a_visit_says_so_in_the_log_alone: "`service` opens the visit around every filter; `tests/log.rs` has filters that are served without it",
    }
);

async fn serve(dances: Dances) -> Serving {
    let pages = warp::path::end()
        .and(visit())
        .and(flashes())
        .then(home)
        .or(path(pages::COOKIES)
            .and(visit())
            .and(flashes())
            .then(cookies))
        .or(path(pages::ME).and(visit()).and(api()).then(me))
        .or(path(pages::PROFILE).and(visit()).then(profile))
        .or(path(pages::MISSPELT).and(api()).then(misspelt))
        .or(path(pages::NUMBER)
            .and(signed_in())
            .map(|number: i64| number.to_string()));
    let app = service(routes(&dances).or(pages), &dances);
    let server = Server::start(app).await;
    Serving::new(server.address(), server)
}

/// A path of one segment.
fn path(path: &'static str) -> warp::filters::BoxedFilter<()> {
    let segment = path.trim_start_matches('/');
    warp::path(segment).and(warp::path::end()).boxed()
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = pages::DANCE;
}

async fn home(visit: Visit, flashes: Vec<Flash>) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

async fn cookies(visit: Visit, flashes: Vec<Flash>) -> impl Reply {
    let page = home(visit, flashes).await;
    with_header(page, SET_COOKIE, pages::OWN_COOKIE)
}

async fn me(visit: Visit, _signed_in: Api<Op>) -> String {
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

async fn profile(visit: Visit) -> Result<Response, Error> {
    let api = visit.api(pages::DANCE)?;
    let answer = api.get(pages::PROFILE_API).await?;
    Ok(answer.into_response().into_response())
}
