//! Plain hyper, and the service of the tower crate.

use std::net::TcpListener;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use oauth_dance::Dances;
use oauth_dance_tower::{Error, mount, service_fn, visit};

use super::block_on;
use crate::dances::{PLAIN, welcome};

pub(super) fn serve(listener: TcpListener, dances: &Dances) {
    let app = mount(service_fn(page), dances);
    block_on(async {
        let listener = super::listener(listener);
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let app = TowerToHyperService::new(app.clone());
            let server = http1::Builder::new();
            tokio::spawn(server.serve_connection(TokioIo::new(stream), app));
        }
    });
}

async fn page(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
    let text = match request.uri().path() {
        "/plain" => PLAIN.to_owned(),
        _ => welcome(&visit(&request)?).await?,
    };
    Ok(Response::new(text.into()))
}
