//! Applications on free ports of this machine, each for as long as its test wants it.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev;
use actix_web::dev::ServerHandle;

/// A server that is stopped when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    pub(crate) fn start(serve: impl FnOnce(TcpListener) -> dev::Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = serve(listener);
        let handle = server.handle();
        tokio::spawn(server);
        Self { address, handle }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is sent by the call. The future would wait for the end.
        drop(self.handle.stop(false));
    }
}

/// Serves the `App` that the closure makes, with one worker.
macro_rules! serve {
    ($app:expr) => {
        $crate::support::Server::start(|listener| {
            let server = actix_web::HttpServer::new($app)
                .workers(1)
                .disable_signals();
            server.listen_auto_h2c(listener).expect("a listener").run()
        })
    };
}

pub(crate) use serve;
