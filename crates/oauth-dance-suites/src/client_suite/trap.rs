//! A server that a client must not talk to.

use std::net::TcpListener;

/// A server that a client must not talk to.
pub(crate) struct Trap {
    listener: TcpListener,
    url: String,
}

impl Trap {
    pub(crate) fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        Self { listener, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether a client has connected. On loopback a connection waits in the listener's queue before the
    /// client can have sent a byte over it.
    pub(crate) fn was_contacted(&self) -> bool {
        self.listener.accept().is_ok()
    }

    /// The URL, at which nothing listens any more.
    pub(crate) fn removed(self) -> String {
        self.url
    }
}
