//! The observers of `bevy_ecs`.
//!
//! They answer nothing, and a send needs the whole world for itself, so one thread at a time can send.

use benches::{Bus, Payload, SENDER, Sender};
use bevy_ecs::entity::Entity;
use bevy_ecs::event::Event;
use bevy_ecs::observer::On;
use bevy_ecs::world::World;

#[derive(Event)]
struct Sent {
    sender: &'static Sender,
    payload: &'static Payload,
}

#[derive(Default)]
pub(crate) struct Bevy(World);

impl Bus for Bevy {
    const NAME: &'static str = "bevy_ecs observers";

    type Connection = Entity;

    fn connect(
        &mut self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        let observer = self.0.add_observer(move |sent: On<'_, '_, Sent>| {
            f(sent.sender, sent.payload);
        });
        observer.id()
    }

    fn disconnect(&mut self, connection: Self::Connection) {
        self.0.despawn(connection);
    }

    #[inline(always)]
    fn send(&mut self, payload: &'static Payload) -> u64 {
        self.0.trigger(Sent {
            sender: &SENDER,
            payload,
        });
        0
    }
}
