//! The routes, and the layers around them.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{Method, Uri};
use oauth_dance::Dances;
use oauth_dance_axum::Visit;
use oauth_dance_sqlx::sqlx::SqlitePool;

use crate::pages;
use crate::visitors::{self, VisitorCookie, Visitors};

/// What the pages share.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) pool: SqlitePool,
    /// Remembers the sends of every signal in this process, and which visitor each was for.
    pub(crate) visitors: Visitors,
}

pub(crate) fn router(dances: &Dances, pool: SqlitePool, visitors: Visitors) -> Router {
    let site = Site { pool, visitors };
    let port = dances.origin().port_or_known_default().unwrap_or_default();
    let visitor_cookie = VisitorCookie(format!("quickstart{port}-visitor"));
    let pages = Router::new()
        .route("/", get(pages::home::show))
        .route("/hello", get(pages::hello::show))
        .route("/notes", get(pages::notes::show))
        .route("/import", get(pages::import::show))
        .route("/api/{dance}", get(pages::api::show))
        .route("/signed-out", get(signed_out))
        .with_state(site);
    // GET /login/dev, GET /login/dev/authorized, POST /logout/dev, and so on for every dance; and what the
    // extractors of oauth-dance-axum need.
    oauth_dance_axum::mount(pages, dances)
        .layer(middleware::from_fn_with_state(
            dances.clone(),
            pages::problem::explain,
        ))
        .layer(middleware::from_fn_with_state(
            visitor_cookie,
            visitors::recognise,
        ))
        .route(
            "/style.css",
            asset("text/css", include_str!("pages/style.css")),
        )
        .route(
            "/import.js",
            asset("text/javascript", include_str!("pages/import.js")),
        )
        .route(
            "/mark.svg",
            asset("image/svg+xml", include_str!("pages/mark.svg")),
        )
        .layer(middleware::from_fn_with_state(
            dances.clone(),
            at_our_origin,
        ))
}

/// Where a logout ends: says so on the front page.
async fn signed_out(Visit(visit): Visit) -> Redirect {
    visit.flash("You are signed out.");
    Redirect::to("/")
}

fn asset(media_type: &'static str, text: &'static str) -> axum::routing::MethodRouter {
    let headers = [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-cache")];
    get(async move || (headers, text))
}

/// Sends whoever opened the site under another name of this machine (`localhost`) to the origin that
/// the dances know. A login that begins at one and ends at the other loses its cookies on the way.
async fn at_our_origin(State(dances): State<Dances>, request: Request, next: Next) -> Response {
    let origin = dances.origin();
    let here = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    if request.method() == Method::GET && here != origin.authority().into() {
        let path = request.uri().path_and_query();
        let path = path.map_or("/", http::uri::PathAndQuery::as_str);
        return match format!("{}{path}", origin.origin().ascii_serialization()).parse::<Uri>() {
            Ok(uri) => Redirect::temporary(&uri.to_string()).into_response(),
            Err(_) => http::StatusCode::BAD_REQUEST.into_response(),
        };
    }
    next.run(request).await
}
