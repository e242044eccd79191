//! What a candidate can do, and the receivers that each of them is given.

use std::hint::black_box;

use crate::work::{Payload, Sender};

/// A list of receivers as one thread uses it.
pub trait Bus: Sized {
    /// What the tables call it.
    const NAME: &'static str;

    /// What it takes to disconnect a receiver.
    type Connection;

    /// Connects a receiver, behind the others.
    fn connect(
        &mut self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection;

    /// Takes that receiver out again.
    fn disconnect(&mut self, connection: Self::Connection);

    /// Calls every receiver, and says something of what they answered.
    fn send(&mut self, payload: &'static Payload) -> u64;
}

/// A list of receivers that several threads may send through at once.
pub trait Sends: Sync {
    /// As [`Bus::send`].
    fn send_shared(&self, payload: &'static Payload) -> u64;
}

/// A list of receivers that may be changed while other threads send.
pub trait SharedBus: Sends + Sized {
    /// As [`Bus::NAME`].
    const NAME: &'static str;

    /// As [`Bus::Connection`].
    type Connection;

    /// As [`Bus::connect`].
    fn connect(
        &self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection;

    /// As [`Bus::disconnect`].
    fn disconnect(&self, connection: Self::Connection);
}

impl<B: Sends> Sends for &B {
    fn send_shared(&self, payload: &'static Payload) -> u64 {
        B::send_shared(self, payload)
    }
}

/// Each thread may have a reference of its own.
impl<B: SharedBus> SharedBus for &B {
    const NAME: &'static str = B::NAME;

    type Connection = B::Connection;

    fn connect(
        &self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        B::connect(self, f)
    }

    fn disconnect(&self, connection: Self::Connection) {
        B::disconnect(self, connection);
    }
}

/// What several threads may do, one may do.
impl<B: SharedBus> Bus for B {
    const NAME: &'static str = <B as SharedBus>::NAME;

    type Connection = <B as SharedBus>::Connection;

    fn connect(
        &mut self,
        f: impl Fn(&Sender, &Payload) -> Option<u64> + Send + Sync + 'static,
    ) -> Self::Connection {
        SharedBus::connect(self, f)
    }

    fn disconnect(&mut self, connection: Self::Connection) {
        SharedBus::disconnect(self, connection);
    }

    #[inline(always)]
    fn send(&mut self, payload: &'static Payload) -> u64 {
        self.send_shared(payload)
    }
}

/// Connects receiver number `number`: one of four closure types in rotation, each with one captured word.
///
/// Four, so that a list is not one branch target repeated; and a word the compiler does not know, so that
/// each receiver has to own it.
pub fn connect_receiver<B: Bus>(bus: &mut B, number: usize) -> B::Connection {
    let word = black_box(number as u64 | 1);
    match number % 4 {
        0 => bus.connect(move |_, payload| {
            payload.add(word);
            None
        }),
        1 => bus.connect(move |_, payload| {
            payload.add(word | 2);
            None
        }),
        2 => bus.connect(move |_, payload| {
            payload.add(word ^ 4);
            None
        }),
        _ => bus.connect(move |_, payload| {
            payload.add(word & 8);
            None
        }),
    }
}

/// A candidate with that many receivers.
#[must_use]
pub fn filled<B: Bus + Default>(receivers: usize) -> B {
    let mut bus = B::default();
    for number in 0..receivers {
        connect_receiver(&mut bus, number);
    }
    bus
}
