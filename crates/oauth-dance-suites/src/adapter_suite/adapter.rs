//! A framework under test, and the application that it serves.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use oauth_dance::{Dances, HttpClient};
use oauth_dance_testkit::SocketClient;

/// A framework with its adapter.
pub trait Adapter: 'static {
    /// Serves the application that [the suite](mod@crate::adapter_suite) describes, on a free port of
    /// `127.0.0.1`, for as long as the answer lives.
    fn serve(dances: Dances) -> impl Future<Output = Serving> + Send;

    /// The client that the dances reach the provider with; [`SocketClient`] unless overridden.
    fn client() -> Arc<dyn HttpClient> {
        Arc::new(SocketClient::new())
    }
}

/// An application that is being served.
#[must_use = "dropping it stops the application"]
pub struct Serving {
    address: SocketAddr,
    _guard: Box<dyn Any + Send + Sync>,
}

impl Serving {
    /// It listens at `address` until `guard` is dropped.
    pub fn new(address: SocketAddr, guard: impl Any + Send + Sync) -> Self {
        Self {
            address,
            _guard: Box::new(guard),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
