//! Observers, which see every connection, send, call and answer in the whole process.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::RwLock;

use crate::answer::Verdict;
use crate::clock::Stopwatch;
use crate::conditions::Skip;
use crate::event::{Event, Said, SendId};
use crate::failure::{Quietly, drop_quietly};
use crate::info::ReceiverInfo;
use crate::shown::{Shown, show};
use crate::spans::{self, CallSpan, SendSpan};

/// Sees what happens in every signal of the process.
///
/// An observer is called in the middle of sends, on their thread, so it should be quick. It may use signals
/// itself; these are not observed. If an observer panics, the panic is caught and dropped.
pub trait Observer: Send + Sync {
    /// Receives one event, at the moment it happens.
    fn on_event(&self, event: &Event<'_>);

    /// Returns whether sends, and the calls in them, run in spans of `tracing` while this observer observes.
    ///
    /// Called once, by [`observe`]. See [`ToTracing`](crate::ToTracing).
    #[cfg(feature = "tracing")]
    fn wants_spans(&self) -> bool {
        false
    }
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn on_event(&self, event: &Event<'_>) {
        self(event);
    }
}

#[derive(Clone)]
struct Entry {
    id: u64,
    wants_spans: bool,
    observer: Arc<Quietly<Box<dyn Observer>>>,
}

type Observers = Arc<[Entry]>;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static OBSERVERS: RwLock<Option<Observers>> = RwLock::new(None);

/// Adds an observer that sees the events of all signals, until the guard is dropped.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use signals::{Event, Signal};
///
/// static SAVED: Signal<str, u32> = Signal::new("saved");
///
/// let seen = Arc::new(Mutex::new(Vec::new()));
/// let log = Arc::clone(&seen);
/// let watching = signals::observe(move |event: &Event<'_>| {
///     if let Event::Sent { signal, .. } = event {
///         log.lock().unwrap().push(signal.to_string());
///     }
/// });
/// SAVED.send("editor", &7);
/// drop(watching);
/// SAVED.send("editor", &8);
/// assert_eq!(*seen.lock().unwrap(), ["saved"]);
/// ```
pub fn observe(observer: impl Observer + 'static) -> Observing {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let entry = Entry {
        id,
        #[cfg(feature = "tracing")]
        wants_spans: observer.wants_spans(),
        #[cfg(not(feature = "tracing"))]
        wants_spans: false,
        observer: Arc::new(Quietly(Some(Box::new(observer)))),
    };
    exchange(|observers| observers.push(entry));
    watch(true);
    Observing { id }
}

/// A guard that removes its observer when it is dropped.
#[derive(Debug)]
#[must_use = "the observer is removed when this is dropped"]
pub struct Observing {
    id: u64,
}

impl Drop for Observing {
    fn drop(&mut self) {
        watch(false);
        exchange(|observers| observers.retain(|entry| entry.id != self.id));
    }
}

fn exchange(change: impl FnOnce(&mut Vec<Entry>)) {
    let mut current = OBSERVERS.write();
    let mut observers = current.as_deref().map_or_else(Vec::new, <[_]>::to_vec);
    change(&mut observers);
    COUNT.store(observers.len(), Ordering::Relaxed);
    spans::want(observers.iter().any(|entry| entry.wants_spans));
    let previous = current.replace(observers.into());
    drop(current);
    // The last of an observer may go here, and run its destructor: not under the lock.
    drop_quietly(previous);
}

/// How many observers and test scopes there are.
static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// Counts an observer or a test scope that comes, or goes.
pub(crate) fn watch(comes: bool) {
    if comes {
        WATCHING.fetch_add(1, Ordering::Relaxed);
    } else {
        WATCHING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a send has to take the long way: there is an observer, or a test scope.
#[inline(always)]
pub(crate) fn is_watched() -> bool {
    WATCHING.load(Ordering::Relaxed) != 0
}

/// Whether there is an observer: one relaxed load.
pub(crate) fn is_observed() -> bool {
    COUNT.load(Ordering::Relaxed) != 0
}

thread_local! {
    static OBSERVING: Cell<bool> = const { Cell::new(false) };
}

#[cold]
pub(crate) fn publish(event: &Event<'_>) {
    // What an observer itself does with signals is not observed: that could go on forever.
    if OBSERVING.replace(true) {
        return;
    }
    let observers = OBSERVERS.read().clone();
    for entry in observers.iter().flat_map(|observers| observers.iter()) {
        if let Err(payload) =
            catch_unwind(AssertUnwindSafe(|| entry.observer.get().on_event(event)))
        {
            drop_quietly(payload);
        }
    }
    OBSERVING.set(false);
    // One that was removed meanwhile may go here.
    drop_quietly(observers);
}

/// One observed send. Reports its end when dropped.
pub(crate) struct Trace {
    signal: String,
    send: SendId,
    began: Stopwatch,
    complete: bool,
    span: SendSpan,
}

/// One observed call.
pub(crate) struct Call {
    began: Stopwatch,
    span: CallSpan,
}

impl Trace {
    /// Begins to report a send, if there is an observer.
    pub(crate) fn begin<S, P>(signal: &str, sender: &S, payload: &P) -> Option<Self>
    where
        S: ?Sized + 'static,
        P: ?Sized + 'static,
    {
        if !is_observed() {
            return None;
        }
        let send = SendId::next();
        let span = SendSpan::open(signal, send);
        let (sender, payload) = (show(sender), show(payload));
        span.within(|| {
            publish(&Event::Sent {
                signal,
                send,
                sender: Shown::new::<S>(&sender),
                payload: Shown::new::<P>(&payload),
            });
        });
        Some(Self {
            signal: signal.to_owned(),
            send,
            began: Stopwatch::start(),
            complete: false,
            span,
        })
    }

    pub(crate) fn called(&self, receiver: &ReceiverInfo) -> Call {
        let span = self.span.call(receiver);
        span.within(|| {
            publish(&Event::Called {
                signal: &self.signal,
                send: self.send,
                receiver,
            });
        });
        Call {
            began: Stopwatch::start(),
            span,
        }
    }

    pub(crate) fn skipped(&self, receiver: &ReceiverInfo, why: Skip) {
        self.span.within(|| {
            publish(&Event::Skipped {
                signal: &self.signal,
                send: self.send,
                receiver,
                why,
            });
        });
    }

    /// Reports what came of a call; or, without one, of a receiver that could not be called.
    pub(crate) fn answered<O>(
        &self,
        receiver: &ReceiverInfo,
        call: Option<&Call>,
        verdict: &Verdict<O>,
        describe: Option<fn(&O) -> String>,
    ) {
        let text;
        let said = match verdict {
            Ok(None) => Said::Nothing,
            Ok(Some(outcome)) => {
                text = description(outcome, describe);
                Said::Outcome(&text)
            }
            Err(failure) => Said::Failed(failure),
        };
        self.ended(receiver, call, said);
    }

    pub(crate) fn abandoned(&self, receiver: &ReceiverInfo, call: Option<&Call>) {
        self.ended(receiver, call, Said::Abandoned);
    }

    fn ended(&self, receiver: &ReceiverInfo, call: Option<&Call>, said: Said<'_>) {
        let took = call.map_or(Duration::ZERO, |call| call.began.elapsed());
        let report = || {
            publish(&Event::Answered {
                signal: &self.signal,
                send: self.send,
                receiver,
                took,
                said,
            });
        };
        match call {
            Some(call) => {
                call.span.close(took, &said);
                call.span.within(report);
            }
            None => self.span.within(report),
        }
    }

    pub(crate) const fn complete(&mut self) {
        self.complete = true;
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        self.span.close(took, self.complete);
        self.span.within(|| {
            publish(&Event::Done {
                signal: &self.signal,
                send: self.send,
                took,
                complete: self.complete,
            });
        });
    }
}

impl Call {
    /// Returns the span of a call if it is observed, and else the current one.
    pub(crate) fn span(call: Option<&Self>) -> CallSpan {
        call.map_or_else(CallSpan::current, |call| call.span.clone())
    }
}

/// Runs a piece of a receiver in the span of its call, if there is one.
pub(crate) fn within<T>(call: Option<&Call>, run: impl FnOnce() -> T) -> T {
    match call {
        Some(call) => call.span.within(run),
        None => run(),
    }
}

/// The text of an outcome: by the signal's description, else the name of its type.
fn description<O>(outcome: &O, describe: Option<fn(&O) -> String>) -> String {
    let Some(describe) = describe else {
        let path = std::any::type_name::<O>();
        return path.rsplit("::").next().unwrap_or(path).to_owned();
    };
    catch_unwind(AssertUnwindSafe(|| describe(outcome))).unwrap_or_else(|payload| {
        drop_quietly(payload);
        "(its description panicked)".to_owned()
    })
}
