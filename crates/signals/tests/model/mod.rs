//! Random histories of a signal against a model of it that a reader can check: a list, and a loop.
//!
//! Both must agree on who is called, in what order, what came of it, and who is connected afterwards,
//! whichever way the signal is sent.
#![allow(dead_code, reason = "each test file plays its ways")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use crate::support::{Dice, block_on, yield_now};
use signals::{AsyncSignal, Blocked, Connection, Outcomes, Signal};

const MOST: usize = 12;

/// How a signal is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    Send,
    Emit,
    AsyncSend,
    Concurrent,
}

/// A receiver to be connected.
#[derive(Clone, Debug)]
struct Spec {
    id: usize,
    order: i32,
    from: Option<u8>,
    at_least: Option<u32>,
    times: Option<u64>,
    key: Option<u8>,
    replace: bool,
    action: Action,
}

/// What a receiver does while it is called.
#[derive(Clone, Debug)]
enum Action {
    Nothing,
    Disconnect(usize),
    Block(usize),
    Unblock(usize),
    Connect(Box<Spec>),
    Send(u8, u32),
}

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    Act(Action),
    SendMuted(u8, u32),
}

/// What a signal and the model of it have in common.
trait Bus {
    fn connect(&mut self, spec: &Spec) -> bool;
    fn disconnect(&mut self, id: usize);
    fn set_blocked(&mut self, id: usize, is_blocked: bool);
    fn send(&mut self, sender: u8, payload: u32, depth: u32);
    fn send_muted(&mut self, sender: u8, payload: u32);
    fn note(&mut self, line: String);
    /// How many receivers are connected.
    fn count(&self) -> usize;

    fn act(&mut self, action: &Action, depth: u32) {
        match action {
            Action::Nothing => {}
            Action::Disconnect(id) => self.disconnect(*id),
            Action::Block(id) => self.set_blocked(*id, true),
            Action::Unblock(id) => self.set_blocked(*id, false),
            // Receivers that connect receivers would soon be too many.
            Action::Connect(_) if self.count() >= MOST => {}
            Action::Connect(spec) => {
                let is_connected = self.connect(spec);
                self.note(format!("connect {}: {is_connected}", spec.id));
            }
            Action::Send(sender, payload) if depth < 2 => {
                self.send(*sender, *payload, depth + 1);
            }
            Action::Send(..) => {}
        }
    }
}

fn answer(id: usize, payload: u32) -> Result<Option<u32>, String> {
    match id % 3 {
        0 => Ok(Some(payload)),
        1 => Ok(None),
        _ => Err(format!("no {payload}")),
    }
}

/// The model.
#[derive(Default)]
struct Model {
    /// In the order in which they were connected.
    receivers: Vec<Connected>,
    log: Vec<String>,
}

struct Connected {
    spec: Spec,
    /// Where it stands among those of its order: the number of its connection, or of the one that it replaced.
    place: usize,
    left: Option<u64>,
    is_connected: bool,
    is_blocked: bool,
}

impl Model {
    /// Indices of the connected receivers, in the order in which they run.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.receivers.len())
            .filter(|&index| self.receivers[index].is_connected)
            .collect();
        order.sort_by_key(|&index| {
            (
                self.receivers[index].spec.order,
                self.receivers[index].place,
            )
        });
        order
    }

    /// Those of them that a send by this sender concerns.
    fn concerned(&self, sender: Option<u8>) -> Vec<usize> {
        let concerned = self.order().into_iter().filter(|&index| {
            let from = self.receivers[index].spec.from;
            sender.is_none() || from.is_none() || from == sender
        });
        concerned.collect()
    }

    fn names(&self, sender: Option<u8>) -> Vec<String> {
        self.concerned(sender)
            .into_iter()
            .map(|index| self.receivers[index].spec.id.to_string())
            .collect()
    }

    /// The newest receiver of this number.
    fn find(&mut self, id: usize) -> Option<&mut Connected> {
        let mut newest = self.receivers.iter_mut().rev();
        newest.find(|receiver| receiver.spec.id == id)
    }

    /// Whether it is to be called now; it is disconnected first, if that is its last call.
    fn admits(&mut self, index: usize, sender: u8, payload: u32) -> bool {
        let receiver = &mut self.receivers[index];
        let is_wanted = receiver.is_connected
            && !receiver.is_blocked
            && receiver.spec.from.is_none_or(|from| from == sender)
            && receiver.spec.at_least.is_none_or(|least| payload >= least)
            && receiver.left != Some(0);
        if is_wanted && let Some(left) = &mut receiver.left {
            *left -= 1;
            receiver.is_connected = *left > 0;
        }
        is_wanted
    }
}

impl Bus for Model {
    fn connect(&mut self, spec: &Spec) -> bool {
        let taken = spec.key.and_then(|key| {
            let mut all = self.receivers.iter();
            all.position(|other| other.is_connected && other.spec.key == Some(key))
        });
        if let Some(index) = taken {
            if !spec.replace {
                return false;
            }
            self.receivers[index].is_connected = false;
        }
        let place = taken.map(|index| self.receivers[index].place);
        self.receivers.push(Connected {
            spec: spec.clone(),
            place: place.unwrap_or(self.receivers.len()),
            left: spec.times,
            is_connected: true,
            is_blocked: false,
        });
        true
    }

    fn disconnect(&mut self, id: usize) {
        if let Some(receiver) = self.find(id) {
            receiver.is_connected = false;
        }
    }

    fn set_blocked(&mut self, id: usize, is_blocked: bool) {
        if let Some(receiver) = self.find(id) {
            receiver.is_blocked = is_blocked;
        }
    }

    fn send(&mut self, sender: u8, payload: u32, depth: u32) {
        let mut answers = String::new();
        let mut ran = 0;
        for (place, index) in self.concerned(Some(sender)).into_iter().enumerate() {
            if !self.admits(index, sender, payload) {
                continue;
            }
            let spec = self.receivers[index].spec.clone();
            self.note(format!("call {} of {sender} with {payload}", spec.id));
            self.act(&spec.action, depth);
            ran += 1;
            match answer(spec.id, payload) {
                Ok(None) => {}
                Ok(Some(outcome)) => answers += &format!(" {place}.{}={outcome}", spec.id),
                Err(failure) => answers += &format!(" {place}.{}={failure}", spec.id),
            }
        }
        self.note(format!("ran {ran}:{answers}"));
    }

    fn send_muted(&mut self, _: u8, _: u32) {
        self.note("ran 0:".to_owned());
    }

    fn note(&mut self, line: String) {
        self.log.push(line);
    }

    fn count(&self) -> usize {
        self.order().len()
    }
}

/// The signal itself.
struct Real {
    way: Way,
    plain: Signal<u8, u32, u32>,
    mixed: AsyncSignal<u8, u32, u32>,
    connections: Mutex<HashMap<usize, Connection>>,
    blocked: Mutex<HashMap<usize, Blocked>>,
    left_blocked: Mutex<Vec<Blocked>>,
    log: Mutex<Vec<String>>,
    me: Weak<Self>,
}

impl Real {
    fn new(way: Way) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            way,
            plain: Signal::new("model"),
            mixed: AsyncSignal::new("model"),
            connections: Mutex::default(),
            blocked: Mutex::default(),
            left_blocked: Mutex::default(),
            log: Mutex::default(),
            me: me.clone(),
        })
    }

    fn is_async(&self) -> bool {
        matches!(self.way, Way::AsyncSend | Way::Concurrent)
    }

    fn names(&self, sender: Option<u8>) -> Vec<String> {
        let receivers = match (self.is_async(), sender) {
            (false, None) => self.plain.receivers(),
            (false, Some(sender)) => self.plain.receivers_for(&sender),
            (true, None) => self.mixed.receivers(),
            (true, Some(sender)) => self.mixed.receivers_for(&sender),
        };
        let names = receivers.iter().map(|receiver| receiver.name().to_owned());
        names.collect()
    }

    fn depth_of(payload: u32) -> u32 {
        payload / 1000
    }

    /// The body of every receiver. The depth of a send travels in its payload, beyond 1000.
    fn called(&self, spec: &Spec, sender: u8, payload: u32) -> Result<Option<u32>, String> {
        let (depth, payload) = (Self::depth_of(payload), payload % 1000);
        let mut this = self;
        this.note(format!("call {} of {sender} with {payload}", spec.id));
        this.act(&spec.action, depth);
        answer(spec.id, payload)
    }

    fn outcomes(&self, sender: u8, payload: u32) -> Outcomes<u32> {
        match self.way {
            Way::Send => self.plain.send(&sender, &payload),
            Way::Emit => self.plain.emit(&sender, &payload).collect(),
            Way::AsyncSend => block_on(self.mixed.send(&sender, &payload)),
            Way::Concurrent => block_on(self.mixed.send_concurrent(&sender, &payload)),
        }
    }
}

/// Sets the options of a receiver, of either kind of signal.
macro_rules! connected {
    ($receiver:expr, $spec:ident) => {{
        let mut receiver = $receiver.named($spec.id.to_string()).order($spec.order);
        if let Some(from) = $spec.from {
            receiver = receiver.from(&from);
        }
        if let Some(least) = $spec.at_least {
            receiver = receiver.when(move |_, payload| payload % 1000 >= least);
        }
        if let Some(times) = $spec.times {
            receiver = receiver.times(times);
        }
        if let Some(key) = $spec.key {
            receiver = receiver.key(key.to_string());
        }
        if $spec.replace {
            receiver = receiver.replace();
        }
        receiver.try_connect()
    }};
}

impl Bus for &Real {
    fn connect(&mut self, spec: &Spec) -> bool {
        let (me, copy) = (self.me.clone(), spec.clone());
        let called = move |sender: &u8, payload: &u32| {
            let me = me.upgrade().expect("it sends");
            me.called(&copy, *sender, *payload)
        };
        let connected = if !self.is_async() {
            connected!(self.plain.receiver(called), spec)
        } else if spec.id.is_multiple_of(2) {
            connected!(self.mixed.receiver(called), spec)
        } else {
            let called = Arc::new(called);
            // To wait would let the next receiver overtake it, when they run concurrently.
            let waits = self.way == Way::AsyncSend;
            let later = move |sender: &u8, payload: &u32| {
                let (called, sender, payload) = (Arc::clone(&called), *sender, *payload);
                async move {
                    if waits {
                        yield_now().await;
                    }
                    called(&sender, &payload)
                }
            };
            connected!(self.mixed.receiver(later), spec)
        };
        let is_connected = connected.is_ok();
        if let Ok(connection) = connected {
            self.connections.lock().unwrap().insert(spec.id, connection);
            // The one before of this number cannot be reached any more, and stays as it is.
            let left = self.blocked.lock().unwrap().remove(&spec.id);
            self.left_blocked.lock().unwrap().extend(left);
        }
        is_connected
    }

    fn disconnect(&mut self, id: usize) {
        let connection = self.connections.lock().unwrap().get(&id).cloned();
        if let Some(connection) = connection {
            connection.disconnect();
        }
    }

    fn set_blocked(&mut self, id: usize, is_blocked: bool) {
        let connection = self.connections.lock().unwrap().get(&id).cloned();
        match connection {
            Some(connection) if is_blocked => {
                let mut blocked = self.blocked.lock().unwrap();
                blocked.entry(id).or_insert_with(|| connection.block());
            }
            _ => drop(self.blocked.lock().unwrap().remove(&id)),
        }
    }

    fn send(&mut self, sender: u8, payload: u32, depth: u32) {
        let outcomes = self.outcomes(sender, payload + 1000 * depth);
        let answers: String = outcomes
            .answers()
            .iter()
            .map(|answer| {
                let (place, name) = (answer.receiver().position(), answer.receiver().name());
                match answer.result() {
                    Ok(outcome) => format!(" {place}.{name}={}", outcome.unwrap()),
                    Err(failure) => format!(" {place}.{name}={failure}"),
                }
            })
            .collect();
        // The iterator hands out silent receivers too, so every way counts the same.
        self.note(format!("ran {}:{answers}", outcomes.ran()));
    }

    fn send_muted(&mut self, sender: u8, payload: u32) {
        let _muted = (self.plain.mute(), self.mixed.mute());
        self.send(sender, payload, 0);
    }

    fn note(&mut self, line: String) {
        self.log.lock().unwrap().push(line);
    }

    fn count(&self) -> usize {
        self.names(None).len()
    }
}

impl Dice {
    fn maybe<T>(&mut self, one_in: u64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.roll(one_in) == 0).then(|| make(self))
    }

    fn id(&mut self) -> usize {
        usize::try_from(self.roll(12)).unwrap()
    }

    fn sender(&mut self) -> u8 {
        u8::try_from(self.roll(3)).unwrap()
    }

    fn payload(&mut self) -> u32 {
        u32::try_from(self.roll(10)).unwrap()
    }

    fn spec(&mut self, nesting: u32) -> Spec {
        Spec {
            id: self.id(),
            order: i32::try_from(self.roll(3)).unwrap() - 1,
            from: self.maybe(4, Self::sender),
            at_least: self.maybe(4, Self::payload),
            times: self.maybe(4, |dice| dice.roll(4)),
            key: self.maybe(5, Self::sender),
            replace: self.roll(2) == 0,
            action: self.action(nesting),
        }
    }

    fn action(&mut self, nesting: u32) -> Action {
        match self.roll(8) {
            0 => Action::Disconnect(self.id()),
            1 => Action::Block(self.id()),
            2 => Action::Unblock(self.id()),
            3 if nesting > 0 => Action::Connect(Box::new(self.spec(nesting - 1))),
            4 => Action::Send(self.sender(), self.payload()),
            _ => Action::Nothing,
        }
    }

    fn step(&mut self) -> Step {
        match self.roll(10) {
            0 => Step::SendMuted(self.sender(), self.payload()),
            1..=3 => Step::Act(Action::Connect(Box::new(self.spec(2)))),
            4..=6 => Step::Act(Action::Send(self.sender(), self.payload())),
            _ => Step::Act(self.action(0)),
        }
    }
}

fn play(bus: &mut impl Bus, step: &Step) {
    match step {
        Step::Act(action) => bus.act(action, 0),
        Step::SendMuted(sender, payload) => bus.send_muted(*sender, *payload),
    }
}

pub(crate) fn agrees_with_the_model(way: Way) {
    for seed in 0..if cfg!(debug_assertions) { 300 } else { 3_000 } {
        let mut dice = Dice::new(seed);
        let (mut model, real) = (Model::default(), Real::new(way));
        let mut history = Vec::new();
        for _ in 0..40 {
            let step = dice.step();
            history.push(step.clone());
            play(&mut model, &step);
            play(&mut &*real, &step);
            let log = std::mem::take(&mut *real.log.lock().unwrap());
            assert_eq!(
                log,
                std::mem::take(&mut model.log),
                "seed {seed}, {history:#?}"
            );
            for sender in [None, Some(0), Some(1)] {
                assert_eq!(
                    real.names(sender),
                    model.names(sender),
                    "seed {seed}, sender {sender:?}, {history:#?}"
                );
            }
        }
    }
}
