//! The layer inside a nest.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http::header::LOCATION;
use oauth_dance::{Credentials, Dance, Dances, Key, Provider};
use oauth_dance_axum::{Api, DanceName};
use oauth_dance_reqwest::ReqwestClient;
use tower_service::Service as _;

struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

async fn page(_signed_in: Api<Op>) {}

#[tokio::test]
async fn a_login_returns_to_the_whole_path_of_a_nested_page() {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    let dances = Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(ReqwestClient::new().unwrap())
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap();
    let inner = Router::new()
        .route("/page", get(page))
        .layer(oauth_dance_axum::layer(&dances));
    let mut app: Router = Router::new().nest("/app", inner);
    let request = Request::get("/app/page?a=b").body(Body::empty()).unwrap();
    let response = app.call(request).await.unwrap();
    assert_eq!(
        response.headers()[LOCATION],
        "http://127.0.0.1:3000/login/op?next=%2Fapp%2Fpage%3Fa%3Db"
    );
}
