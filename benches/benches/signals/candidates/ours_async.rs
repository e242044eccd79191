//! `signals` with an async send, awaited by hand.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use benches::{Payload, SENDER, Sender, Sends, SharedBus};
use signals::{AsyncSignal, Connection};

pub(crate) struct OursAsync(pub(crate) AsyncSignal<Sender, Payload, u64>);

/// Runs a future that never waits to its end.
#[inline(always)]
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("no receiver waits"),
    }
}

impl Default for OursAsync {
    fn default() -> Self {
        Self(AsyncSignal::new("bench"))
    }
}

impl Sends for OursAsync {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        u64::from(finish(self.0.send(&SENDER, payload)).is_empty())
    }
}

impl SharedBus for OursAsync {
    const NAME: &'static str = "signals, async";

    type Connection = Connection;

    fn connect(
        &self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        self.0.connect(f)
    }

    fn disconnect(&self, connection: Self::Connection) {
        connection.disconnect();
    }
}
