//! The dance's routes and the layer in the ways that axum composes routers.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, LOCATION, SET_COOKIE, VARY};
use http::{Request, Response};
use oauth_dance::{Credentials, Dance, Dances, Key, LoginRequired, Provider};
use oauth_dance_axum::{Api, DanceName, Error, Visit};
use oauth_dance_reqwest::ReqwestClient;
use tower_service::Service as _;

struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

fn dances(prefix: &str) -> Dances {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(ReqwestClient::new().unwrap())
        .mount_at(prefix)
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap()
}

async fn ask(mut app: Router, path: &str) -> Response<Body> {
    app.call(Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap()
}

/// A session layer inside of ours has set its cookie on the page that asks for a login.
#[tokio::test]
async fn a_page_that_asks_for_a_login_keeps_its_headers() {
    async fn page(Visit(visit): Visit) -> impl IntoResponse {
        let dance = visit.dances().get("op").unwrap();
        let headers = [
            (SET_COOKIE, "cart=7; Path=/"),
            (CONTENT_LANGUAGE, "en"),
            (CACHE_CONTROL, "public"),
            (VARY, "Accept"),
        ];
        (
            AppendHeaders(headers),
            Error::from(LoginRequired::new(dance)),
        )
    }
    let app = oauth_dance_axum::mount(Router::new().route("/", get(page)), &dances(""));
    let response = ask(app, "/").await;
    assert_eq!(response.status(), 303);
    let all = |name| {
        let values = response.headers().get_all(name).iter();
        values.map(|it| it.to_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(all(SET_COOKIE), ["cart=7; Path=/"]);
    assert_eq!(all(CONTENT_LANGUAGE), [""; 0]);
    assert_eq!(all(CACHE_CONTROL), ["no-store"]);
    assert!(all(VARY).contains(&"Accept"));
    assert_eq!(all(LOCATION), ["http://127.0.0.1:3000/login/op?next=%2F"]);
}

/// The paths of the dances are whole paths, so a nest's prefix comes before that of `mount_at`.
#[tokio::test]
async fn a_router_that_is_nested_begins_no_login_that_could_not_come_back() {
    for (prefix, path) in [
        ("/auth", "/auth/login/op"),
        ("/auth", "/auth/auth/login/op"),
        ("", "/auth/login/op"),
    ] {
        let dances = dances(prefix);
        let app = Router::new().nest("/auth", oauth_dance_axum::router(&dances));
        assert_eq!(ask(app, path).await.status(), 404, "{prefix} {path}");
        let app = Router::new().merge(oauth_dance_axum::router(&dances));
        let merged = format!("{prefix}/login/op");
        assert_eq!(ask(app, &merged).await.status(), 303, "{merged}");
    }
}

#[tokio::test]
async fn a_fallback_has_a_visit_and_sends_to_the_login() {
    async fn lost(_: Visit, _: Api<Op>) {}
    let app = oauth_dance_axum::mount(Router::new().fallback(lost), &dances(""));
    let response = ask(app, "/no/such?page=1").await;
    assert_eq!(
        response.headers()[LOCATION],
        "http://127.0.0.1:3000/login/op?next=%2Fno%2Fsuch%3Fpage%3D1"
    );
}

#[tokio::test]
async fn an_app_with_a_state_keeps_it() {
    async fn page(State(number): State<u8>, _: Visit) -> String {
        number.to_string()
    }
    let app: Router<u8> = Router::new().route("/", get(page));
    let app = oauth_dance_axum::mount(app, &dances("")).with_state(7);
    assert_eq!(ask(app, "/").await.status(), 200);
}

#[tokio::test]
async fn a_nested_page_and_the_dances_share_a_prefix() {
    async fn page(_: Api<Op>) {}
    let inner = Router::new().route("/page", get(page));
    let app = oauth_dance_axum::mount(Router::new().nest("/auth", inner), &dances("/auth"));
    let response = ask(app.clone(), "/auth/page").await;
    assert_eq!(
        response.headers()[LOCATION],
        "http://127.0.0.1:3000/auth/login/op?next=%2Fauth%2Fpage"
    );
    assert_eq!(ask(app, "/auth/login/op").await.status(), 303);
}

/// The name may come from a request, as it does here.
#[tokio::test]
async fn k07_a_dance_that_is_unknown_is_answered_without_a_word() {
    async fn page(
        Visit(visit): Visit,
        axum::extract::Path(name): axum::extract::Path<String>,
    ) -> Result<(), oauth_dance_axum::Error> {
        visit.api(&name)?;
        Ok(())
    }
    let app = oauth_dance_axum::mount(Router::new().route("/{name}", get(page)), &dances(""));
    let response = ask(app, "/the-attackers-text").await;
    assert_eq!(response.status(), 500);
    let body = axum::body::to_bytes(response.into_body(), 4096).await;
    assert!(body.unwrap().is_empty());
}
