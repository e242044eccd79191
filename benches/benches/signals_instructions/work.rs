//! What is counted: many sends, or many connections made and taken back.

use std::hint::black_box;

use benches::{Bus, Payload, Raw, connect_receiver, filled};

use crate::ours::Ours;
use crate::ours_async::OursAsync;

/// The word before the arguments of a run that is to be counted.
const COUNT: &str = "count";

/// One thing to be done many times.
pub(crate) struct Work<'a> {
    pub(crate) action: &'a str,
    pub(crate) what: &'a str,
    pub(crate) receivers: usize,
    pub(crate) rounds: usize,
}

impl<'a> Work<'a> {
    pub(crate) fn to_arguments(&self) -> [String; 5] {
        let (receivers, rounds) = (self.receivers.to_string(), self.rounds.to_string());
        [
            COUNT.to_owned(),
            self.action.to_owned(),
            self.what.to_owned(),
            receivers,
            rounds,
        ]
    }

    /// `None` if the program was not started by itself.
    pub(crate) fn from_arguments(arguments: &'a [String]) -> Option<Self> {
        let [count, action, what, receivers, rounds] = arguments else {
            return None;
        };
        (count == COUNT).then_some(Self {
            action,
            what,
            receivers: receivers.parse().ok()?,
            rounds: rounds.parse().ok()?,
        })
    }

    pub(crate) fn run(&self) {
        match (self.action, self.what) {
            ("send", "raw loop") => self.send::<Raw>(),
            ("send", "signals") => self.send::<Ours>(),
            ("send", "signals, async") => self.send::<OursAsync>(),
            ("connect", "raw loop") => self.connect::<Raw>(),
            ("connect", "signals") => self.connect::<Ours>(),
            (action, what) => unreachable!("nobody asks for {action} of {what}"),
        }
    }

    fn send<B: Bus + Default>(&self) {
        let payload = Payload::leaked();
        let mut bus: B = filled(self.receivers);
        for _ in 0..self.rounds {
            black_box(send(black_box(&mut bus), payload));
        }
    }

    fn connect<B: Bus + Default>(&self) {
        let mut bus: B = filled(self.receivers);
        for number in 0..self.rounds {
            connect_and_disconnect(black_box(&mut bus), number);
        }
    }
}

#[inline(never)]
fn send<B: Bus>(bus: &mut B, payload: &'static Payload) -> u64 {
    bus.send(payload)
}

#[inline(never)]
fn connect_and_disconnect<B: Bus>(bus: &mut B, number: usize) {
    let connection = connect_receiver(bus, number);
    bus.disconnect(connection);
}
