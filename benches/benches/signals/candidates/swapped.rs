//! The bare loop behind `arc_swap`: a change copies the list, so the receivers are shared instead of owned.

use std::sync::Arc;

use arc_swap::ArcSwap;
use benches::{Payload, SENDER, Sender, Sends, SharedBus};

type Shared = Arc<dyn Fn(&Sender, &Payload) -> Option<u64> + Send + Sync>;

#[derive(Default)]
pub(crate) struct Swapped(ArcSwap<Vec<Shared>>);

impl Sends for Swapped {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        let receivers = self.0.load();
        let outcomes = receivers
            .iter()
            .filter_map(|receiver| receiver(&SENDER, payload));
        outcomes.sum()
    }
}

impl SharedBus for Swapped {
    const NAME: &'static str = "arc_swap";

    type Connection = Shared;

    fn connect(
        &self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        let new: Shared = Arc::new(f);
        self.0.rcu(|receivers| {
            let mut longer = Vec::with_capacity(receivers.len() + 1);
            longer.extend_from_slice(receivers);
            longer.push(Arc::clone(&new));
            longer
        });
        new
    }

    fn disconnect(&self, connection: Self::Connection) {
        self.0.rcu(|receivers| {
            let mut shorter = Vec::with_capacity(receivers.len());
            let others = receivers
                .iter()
                .filter(|one| !Arc::ptr_eq(one, &connection));
            shorter.extend(others.cloned());
            shorter
        });
    }
}
