//! Request bodies: the limit for the application's own pages is not that of the dances.

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use oauth_dance::{Credentials, Dance, Dances, Key, Provider, leaf};
use oauth_dance_testkit::SocketClient;

fn dances() -> Dances {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(SocketClient::new())
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap()
}

/// The status of a logout with a body of this length.
async fn status_of(own_limit: usize, length: usize) -> StatusCode {
    let dances = dances();
    let app = App::new()
        .app_data(web::PayloadConfig::new(own_limit))
        .configure(oauth_dance_actix::routes(&dances))
        .wrap(oauth_dance_actix::visits(&dances));
    let app = init_service(app).await;
    let request = TestRequest::post()
        .uri("/logout/op")
        .insert_header(("origin", "http://127.0.0.1:3000"))
        .set_payload(vec![b'a'; length]);
    call_service(&app, request.to_request()).await.status()
}

#[tokio::test]
async fn a24_a_lower_limit_of_the_application_is_for_its_own_pages() {
    let status = status_of(1, leaf::MAX_BODY_BYTES).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a24_a_higher_limit_of_the_application_is_for_its_own_pages() {
    let status = status_of(usize::MAX, leaf::MAX_BODY_BYTES + 1).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}
