//! The adapter suite: routes, middleware and extractors of actix-web over real sockets.
//!
//! Every case is met as it is; none is left out or changed for actix-web.

mod support;

use actix_web::http::header::SET_COOKIE;
use actix_web::{App, FromRequest, Handler, HttpResponse, Resource, Responder, web};
use oauth_dance::Dances;
use oauth_dance_actix::{Api, DanceName, Error, Flashes, SignedIn, Visit};
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Serving, pages};

use crate::support::serve;

adapter_suite!(serve);

async fn serve(dances: Dances) -> Serving {
    let server = serve!(move || {
        let visited = web::scope("")
            .configure(oauth_dance_actix::routes(&dances))
            .wrap(oauth_dance_actix::visits(&dances))
            .service(page(pages::HOME, home))
            .service(page(pages::COOKIES, cookies))
            .service(page(pages::ME, me))
            .service(page(pages::PROFILE, profile))
            .service(page(pages::MISSPELT, misspelt))
            .service(page(pages::NUMBER, number));
        App::new()
            .route(pages::WITHOUT_VISIT, web::get().to(profile))
            .service(visited)
    });
    Serving::new(server.address(), server)
}

/// A page for GET and for HEAD, which actix-web does not add.
fn page<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args> + Clone,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
}

struct Op;

impl DanceName for Op {
    const NAME: &'static str = pages::DANCE;
}

async fn home(Visit(visit): Visit, Flashes(flashes): Flashes) -> String {
    let owner = visit.owner(pages::DANCE).await.expect("the session");
    pages::home(owner, &flashes)
}

async fn cookies(visit: Visit, flashes: Flashes) -> HttpResponse {
    HttpResponse::Ok()
        .append_header((SET_COOKIE, pages::OWN_COOKIE))
        .body(home(visit, flashes).await)
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

async fn profile(Visit(visit): Visit) -> Result<HttpResponse, Error> {
    let api = visit.api(pages::DANCE).expect("a dance of the suite");
    let answer = api.get(pages::PROFILE_API).await?;
    let status = actix_web::http::StatusCode::from_u16(answer.status().as_u16());
    Ok(HttpResponse::build(status.expect("a status")).body(answer.body().clone()))
}
