//! The `signals2` crate, a port of `boost::signals2`.
//!
//! It wants arguments that are `Clone` and live for ever: it gets references that do, which cost nothing to
//! clone.

use benches::{Payload, SENDER, Sender, Sends, SharedBus};
use signals2::combiner::Combiner;
use signals2::{Connect2 as _, Connection, Emit2 as _, Signal};

/// Adds up what the receivers answered, as the bare loop does.
#[derive(Default)]
struct Sum;

impl Combiner<Option<u64>> for Sum {
    type Output = u64;

    fn combine(&self, outcomes: impl Iterator<Item = Option<u64>>) -> u64 {
        outcomes.flatten().sum()
    }
}

#[derive(Default)]
pub(crate) struct Signals2(Signal<(&'static Sender, &'static Payload), Option<u64>, Sum>);

impl Sends for Signals2 {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        self.0.emit(&SENDER, payload)
    }
}

impl SharedBus for Signals2 {
    const NAME: &'static str = "signals2";

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
