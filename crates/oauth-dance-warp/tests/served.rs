//! The application behind the server that the documentation shows.

mod support;

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use oauth_dance::{Dances, Key, providers};
use oauth_dance_testkit::DevProvider;
use oauth_dance_warp::{routes, service, signed_in};
use tokio::net::TcpStream;
use warp::{Filter as _, ext, path};

use crate::support::Server;

async fn server() -> Server {
    let github = DevProvider::standing_in_for(providers::github());
    let dances = Dances::builder("https://app.test", Key::generate().unwrap())
        .client(github.client())
        .with(github.dance().redirect_to("/"))
        .build()
        .unwrap();
    let user = path!("user").and(signed_in()).map(|_: i64| "");
    let address = path!("address")
        .and(ext::get())
        .map(|address: SocketAddr| address.to_string());
    Server::start(service(routes(&dances).or(user).or(address), &dances)).await
}

#[tokio::test]
async fn a_login_begins_over_http_2() {
    let server = server().await;
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    for (path, location) in [
        ("/user", "https://app.test/login/github?next=%2Fuser"),
        ("/login/github", "https://github.com/login/oauth/authorize?"),
    ] {
        let request = Request::get(format!("https://app.test{path}")).header("accept", "text/html");
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let response = client.send_request(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let begun = response.headers()[LOCATION].to_str().unwrap();
        assert!(begun.starts_with(location), "{begun}");
    }
}

/// `warp::addr::remote` is for `warp::serve` alone.
#[tokio::test]
async fn a_filter_reads_the_address_that_the_server_adds() {
    let server = server().await;
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let address = stream.local_addr().unwrap();
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/address")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = client.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, address.to_string());
}
