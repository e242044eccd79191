//! Dances whose provider is never asked, pages that are asked for in process, and a browser of a served application.

#![allow(dead_code, reason = "each test binary uses its part")]

use oauth_dance::{Credentials, Dance, DanceName, Dances, Key, Provider};
use oauth_dance_testkit::{Browser, SocketClient};
use poem::http::Method;
use poem::http::header::HeaderName;
use poem::http::uri::Scheme;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Body, Endpoint, Request, RequestParts, Response, Server};
use tokio::task::JoinSet;

pub(crate) struct Op;

impl DanceName for Op {
    const NAME: &'static str = "op";
}

pub(crate) fn dances(prefix: &str) -> Dances {
    let op = Provider::oauth2(
        "op",
        "http://127.0.0.1:1/authorize",
        "http://127.0.0.1:1/token",
    );
    Dances::builder("http://127.0.0.1:3000", Key::generate().unwrap())
        .client(SocketClient::new())
        .mount_at(prefix)
        .with(Dance::builder(op).credentials(Credentials::new("id", "secret")))
        .build()
        .unwrap()
}

/// Asks the application for a page as a browser does.
pub(crate) async fn ask(app: &impl Endpoint, method: Method, path: &str) -> Response {
    let request = poem::http::Request::builder().method(method).uri(path);
    let (head, ()) = request
        .header("accept", "text/html")
        .body(())
        .unwrap()
        .into_parts();
    // As the server makes it: a request of poem's own builder knows no original URI.
    let from = (
        head,
        LocalAddr::default(),
        RemoteAddr::default(),
        Scheme::HTTP,
    );
    let request = Request::from_parts(RequestParts::from(from), Body::empty());
    app.get_response(request).await
}

pub(crate) async fn get(app: &impl Endpoint, path: &str) -> Response {
    ask(app, Method::GET, path).await
}

pub(crate) fn all(response: &Response, name: HeaderName) -> Vec<&str> {
    let values = response.headers().get_all(name).iter();
    values.map(|it| it.to_str().unwrap()).collect()
}

pub(crate) const ORIGIN: &str = "https://app.localhost";

/// A browser of the application, which is served while the first value lives.
pub(crate) async fn browser_of(
    app: impl Endpoint + 'static,
) -> (JoinSet<std::io::Result<()>>, Browser) {
    let listener = TcpListener::bind("127.0.0.1:0").into_acceptor().await;
    let listener = listener.unwrap();
    let address = *listener.local_addr()[0].as_socket_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move { Server::new_with_acceptor(listener).run(app).await });
    (server, Browser::new().forward(ORIGIN, address))
}
