//! The `mod-events` crate: a dispatcher that finds the listeners of an event by the type of the event.
//!
//! Its listeners answer nothing, or an error. It is given references that live for ever, which cost nothing to copy.

use std::any::Any;

use benches::{Payload, SENDER, Sender, Sends, SharedBus};
use mod_events::{Event, EventDispatcher, ListenerId};

#[derive(Debug)]
struct Sent {
    sender: &'static Sender,
    payload: &'static Payload,
}

impl Event for Sent {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(crate) struct ModEvents(EventDispatcher);

impl Default for ModEvents {
    fn default() -> Self {
        Self(EventDispatcher::new())
    }
}

impl Sends for ModEvents {
    #[inline(always)]
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        self.0.emit(Sent {
            sender: &SENDER,
            payload,
        });
        0
    }
}

impl SharedBus for ModEvents {
    const NAME: &'static str = "mod-events";

    type Connection = ListenerId;

    fn connect(
        &self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        self.0.on(move |sent: &Sent| {
            f(sent.sender, sent.payload);
        })
    }

    fn disconnect(&self, connection: Self::Connection) {
        self.0.unsubscribe(connection);
    }
}
