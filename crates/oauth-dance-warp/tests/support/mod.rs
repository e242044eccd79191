//! Applications on free ports of this machine, each for as long as its test wants it.

use std::net::SocketAddr;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use oauth_dance_warp::App;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_service::Service as _;

/// A server that is stopped when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    _task: JoinSet<()>,
}

impl Server {
    /// Serves the application, with the address of the browser among the extensions of each request.
    pub(crate) async fn start(app: App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, peer)) = listener.accept().await {
                let app = app.clone();
                let app = service_fn(move |mut request: hyper::Request<Incoming>| {
                    request.extensions_mut().insert(peer);
                    app.clone().call(request)
                });
                connections.spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    let stream = TokioIo::new(stream);
                    let _ = server.serve_connection_with_upgrades(stream, app).await;
                });
            }
        });
        Self {
            address,
            _task: task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}
