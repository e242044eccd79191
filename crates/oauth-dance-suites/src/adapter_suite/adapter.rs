//! A framework under test, and the application that it serves.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;

use oauth_dance::{Dances, HttpClient};
use oauth_dance_testkit::SocketClient;

type Starting = Pin<Box<dyn Future<Output = Serving> + Send>>;

/// One case of the suite. Its code is in this crate, so that an adapter compiles no copy of it.
pub(super) type Case = for<'a> fn(&'a Adapter) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A framework with its adapter.
pub struct Adapter {
    serve: Box<dyn Fn(Dances) -> Starting + Send + Sync>,
    client: Arc<dyn HttpClient>,
    exceptions: Vec<(&'static str, &'static str)>,
}

impl Adapter {
    /// Describes an adapter by a function that serves the application of [the suite](mod@crate::adapter_suite), on a
    /// free port of `127.0.0.1`, for as long as its answer lives.
    pub fn new<Start>(serve: impl Fn(Dances) -> Start + Send + Sync + 'static) -> Self
    where
        Start: Future<Output = Serving> + Send + 'static,
    {
        Self {
            serve: Box::new(move |dances| Box::pin(serve(dances))),
            client: Arc::new(SocketClient::new()),
            exceptions: Vec::new(),
        }
    }

    /// Sets the client that the dances reach the provider with. The default is [`SocketClient`].
    #[must_use]
    pub fn with_client(self, client: impl HttpClient) -> Self {
        let client = Arc::new(client);
        Self { client, ..self }
    }

    /// Names a case that the framework cannot meet, with the reason.
    ///
    /// The case has to fail: a framework that meets it has no exception.
    #[must_use]
    pub fn except(mut self, case: &'static str, reason: &'static str) -> Self {
        self.exceptions.push((case, reason));
        self
    }

    pub(super) fn client(&self) -> Arc<dyn HttpClient> {
        Arc::clone(&self.client)
    }

    pub(super) async fn serve(&self, dances: Dances) -> Serving {
        (self.serve)(dances).await
    }

    pub(super) fn run(&self, cases: &[(&str, Case)], name: &str) {
        let find = |name: &str| cases.iter().find(|(case, _)| *case == name);
        for (case, _) in &self.exceptions {
            assert!(find(case).is_some(), "the suite has no case {case}");
        }
        let (_, case) = find(name).expect("a case of the suite");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let run = || runtime.block_on(case(self));
        match self.exceptions.iter().find(|(case, _)| *case == name) {
            None => run(),
            Some((_, reason)) => {
                let held = catch_unwind(AssertUnwindSafe(run)).is_ok();
                assert!(!held, "{name} holds: take it off the exceptions ({reason})");
                println!("an exception: {reason}");
            }
        }
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapter")
            .field("exceptions", &self.exceptions)
            .finish_non_exhaustive()
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
