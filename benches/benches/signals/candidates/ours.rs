//! `signals`.

use benches::{Payload, SENDER, Sender, Sends, SharedBus};
use signals::{Connection, Signal};

pub(crate) struct Ours(pub(crate) Signal<Sender, Payload, u64>);

impl Default for Ours {
    fn default() -> Self {
        Self(Signal::new("bench"))
    }
}

impl Sends for Ours {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        u64::from(self.0.send(&SENDER, payload).is_empty())
    }
}

impl SharedBus for Ours {
    const NAME: &'static str = "signals";

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
