//! The bare loop behind `parking_lot::RwLock`, which is held while the receivers run.
//!
//! A receiver that connects another would wait for itself: it is here for its speed.

use benches::{Bus as _, Payload, Raw, Sender, Sends, SharedBus};
use parking_lot::RwLock;

#[derive(Default)]
pub(crate) struct Locked(RwLock<Raw>);

impl Sends for Locked {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        self.0.read().send_shared(payload)
    }
}

impl SharedBus for Locked {
    const NAME: &'static str = "RwLock (parking_lot)";

    type Connection = ();

    fn connect(
        &self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        self.0.write().connect(f);
    }

    fn disconnect(&self, (): Self::Connection) {
        self.0.write().disconnect(());
    }
}
