//! Plain hyper, and the core without an adapter.

use std::convert::Infallible;
use std::net::TcpListener;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use oauth_dance::{Dances, leaf};

use super::block_on;
use crate::dances::{PLAIN, welcome};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    block_on(async {
        let listener = super::listener(listener);
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let dances = dances.clone();
            let service = service_fn(move |request| answer(dances.clone(), request));
            let server = http1::Builder::new();
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
}

async fn answer(
    dances: Dances,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let response = match request.uri().path() {
        "/plain" => Response::new(Bytes::from_static(PLAIN.as_bytes())),
        "/welcome" => {
            let (parts, _) = request.into_parts();
            let visit = dances.visit(&parts);
            let text = welcome(&visit).await.expect("a user");
            let mut response = Response::new(Bytes::from(text));
            leaf::finish(&visit, response.headers_mut());
            response
        }
        _ => {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            dances.handle(Request::from_parts(parts, body)).await
        }
    };
    Ok(response.map(Full::new))
}
