//! The bare loop: the least that calling a list of unknown receivers can cost.

use crate::bus::{Bus, Sends};
use crate::work::{Payload, SENDER, Sender};

/// A receiver, owned, of unknown type.
pub type Boxed = Box<dyn Fn(&Sender, &Payload) -> Option<u64> + Send + Sync>;

/// Boxes a receiver.
pub fn boxed(f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static) -> Boxed {
    Box::new(f)
}

/// A vector of boxed closures and a loop over it, which cannot be changed while it is used.
#[expect(
    missing_debug_implementations,
    reason = "closures have nothing to show"
)]
#[derive(Default)]
pub struct Raw {
    /// The receivers, in order.
    pub receivers: Vec<Boxed>,
}

impl Bus for Raw {
    const NAME: &'static str = "raw loop";

    /// Receivers leave in the opposite order of their coming.
    type Connection = ();

    fn connect(
        &mut self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        self.receivers.push(boxed(f));
    }

    fn disconnect(&mut self, (): Self::Connection) {
        self.receivers.pop();
    }

    #[inline(always)]
    fn send(&mut self, payload: &'static Payload) -> u64 {
        self.send_shared(payload)
    }
}

impl Sends for Raw {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        let outcomes = self
            .receivers
            .iter()
            .filter_map(|receiver| receiver(&SENDER, payload));
        outcomes.sum()
    }
}
