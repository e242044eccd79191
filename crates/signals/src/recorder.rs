//! A bounded memory of the last sends: which receivers ran, in what order, for how long, with what outcome.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use crate::clock;
use crate::conditions::Skip;
use crate::event::{Event, Said, SendId};
use crate::info::ReceiverInfo;
use crate::observe::{Observing, observe};

/// A send remembers so many of its receivers, and counts the rest: it may have any number.
const MOST_CALLS: usize = 1_000;

/// A memory of the last sends of all signals in the process. It records while a clone of it lives.
///
/// ```
/// use signals::{Recorder, Signal, Ran};
///
/// static PRICED: Signal<str, u32, u32> =
///     Signal::new("priced").describe(|price| format!("{price} euros"));
///
/// PRICED.receiver(|_: &str, units: &u32| Some(units * 3)).named("by unit").connect();
///
/// let recorder = Recorder::start(100);
/// PRICED.send("shop", &4);
///
/// let sends = recorder.sends_of("priced");
/// let call = &sends[0].calls[0];
/// assert_eq!(call.receiver.name(), "by unit");
/// assert_eq!(call.ran, Ran::Outcome("12 euros".into()));
/// ```
#[derive(Clone, Debug)]
pub struct Recorder {
    log: Arc<Mutex<Log>>,
    _observing: Arc<Observing>,
}

// The records are plain data, and are changed by code of this file only.
impl std::panic::UnwindSafe for Recorder {}
impl std::panic::RefUnwindSafe for Recorder {}

#[derive(Debug)]
struct Log {
    capacity: usize,
    /// In the order of their ids, which is the order in which they started.
    sends: VecDeque<SendRecord>,
    /// The greatest id that had to make room: what comes late from before it is not taken in again.
    forgotten: Option<SendId>,
}

/// One send, as a [`Recorder`] remembers it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendRecord {
    /// The identity of the send.
    pub id: SendId,
    /// The name of the signal.
    pub signal: String,
    /// When it started. On a platform without a clock this is the beginning of 1970.
    pub started: SystemTime,
    /// How long it took, or `None` while it runs.
    pub took: Option<Duration>,
    /// Whether it reached the end of its receivers. A sender may stop earlier.
    pub complete: bool,
    /// The first thousand of its receivers, in order.
    pub calls: Vec<CallRecord>,
    /// How many further receivers are not in `calls`.
    pub omitted: usize,
}

/// One receiver of a send, as a [`Recorder`] remembers it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallRecord {
    /// The receiver: its name, source line, order and position.
    pub receiver: ReceiverInfo,
    /// How long it ran, or zero if it was skipped.
    pub took: Duration,
    /// The result.
    pub ran: Ran,
}

/// The result of one receiver in a send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ran {
    /// It has not ended yet.
    Running,
    /// It returned no outcome.
    Nothing,
    /// It returned an outcome. The text is the signal's description of it.
    Outcome(String),
    /// It failed. The text is that of the failure.
    Failed(String),
    /// It was not called.
    Skipped(Skip),
    /// The sender dropped the send while the receiver ran.
    Abandoned,
}

impl Ran {
    fn of(said: &Said<'_>) -> Self {
        match said {
            Said::Nothing => Self::Nothing,
            Said::Outcome(text) => Self::Outcome((*text).to_owned()),
            Said::Failed(failure) => Self::Failed(failure.to_string()),
            Said::Abandoned => Self::Abandoned,
        }
    }
}

impl Recorder {
    /// Starts to record, and keeps the last `capacity` sends.
    pub fn start(capacity: usize) -> Self {
        let log = Arc::new(Mutex::new(Log {
            capacity,
            sends: VecDeque::new(),
            forgotten: None,
        }));
        let written = Arc::clone(&log);
        let observing = observe(move |event: &Event<'_>| {
            // A failure says what it is in words of the receiver's: not under the lock.
            let ran = match event {
                Event::Answered { said, .. } => Ran::of(said),
                _ => Ran::Running,
            };
            written.lock().note(event, ran);
        });
        Self {
            log,
            _observing: Arc::new(observing),
        }
    }

    /// Returns the sends, in the order in which they started.
    pub fn sends(&self) -> Vec<SendRecord> {
        self.log.lock().sends.iter().cloned().collect()
    }

    /// Returns the sends of the signals of this name, in the order in which they started.
    pub fn sends_of(&self, signal: &str) -> Vec<SendRecord> {
        let log = self.log.lock();
        let sends = log.sends.iter().filter(|send| send.signal == signal);
        sends.cloned().collect()
    }

    /// Forgets all sends recorded so far, including those that still run.
    pub fn clear(&self) {
        let mut log = self.log.lock();
        if let Some(last) = log.sends.back() {
            log.forgotten = Some(last.id);
        }
        log.sends.clear();
    }
}

impl Log {
    /// `ran` is what a receiver that answers came to.
    fn note(&mut self, event: &Event<'_>, ran: Ran) {
        match event {
            Event::Sent { signal, send, .. } => self.begin(*send, signal),
            Event::Called { send, receiver, .. } => {
                self.call(*send, receiver, Duration::ZERO, Ran::Running);
            }
            Event::Skipped {
                send,
                receiver,
                why,
                ..
            } => self.call(*send, receiver, Duration::ZERO, Ran::Skipped(*why)),
            Event::Answered {
                send,
                receiver,
                took,
                ..
            } => self.answer(*send, receiver, *took, ran),
            Event::Done {
                send,
                took,
                complete,
                ..
            } => {
                if let Some(record) = self.find(*send) {
                    record.took = Some(*took);
                    record.complete = *complete;
                }
            }
            // A detached receiver ends when its send is long over.
            Event::Connected { .. } | Event::Disconnected { .. } | Event::Ended { .. } => {}
        }
    }

    fn begin(&mut self, id: SendId, signal: &str) {
        if self.capacity == 0 || self.forgotten.is_some_and(|forgotten| id <= forgotten) {
            return;
        }
        if self.sends.len() == self.capacity {
            self.forgotten = self.sends.pop_front().map(|send| send.id);
        }
        // Two threads may start in one order and be noted in the other.
        let place = self.sends.partition_point(|send| send.id < id);
        let record = SendRecord {
            id,
            signal: signal.to_owned(),
            started: clock::now(),
            took: None,
            complete: false,
            calls: Vec::new(),
            omitted: 0,
        };
        self.sends.insert(place, record);
    }

    fn call(&mut self, send: SendId, receiver: &ReceiverInfo, took: Duration, ran: Ran) {
        if let Some(record) = self.find(send) {
            if record.calls.len() == MOST_CALLS {
                record.omitted += 1;
                return;
            }
            record.calls.push(CallRecord {
                receiver: receiver.clone(),
                took,
                ran,
            });
        }
    }

    fn answer(&mut self, send: SendId, receiver: &ReceiverInfo, took: Duration, ran: Ran) {
        let Some(record) = self.find(send) else {
            return;
        };
        let position = receiver.position();
        let call = record
            .calls
            .iter_mut()
            .rfind(|call| call.receiver.position() == position && call.ran == Ran::Running);
        match call {
            Some(call) => {
                call.took = took;
                call.ran = ran;
            }
            // Counted when it was called.
            None if record.omitted > 0 => {}
            // It failed before it could be called.
            None => self.call(send, receiver, took, ran),
        }
    }

    fn find(&mut self, id: SendId) -> Option<&mut SendRecord> {
        let place = self.sends.binary_search_by_key(&id, |send| send.id).ok()?;
        self.sends.get_mut(place)
    }
}
