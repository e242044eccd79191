//! What becomes of the failures that no sender reads.

use std::cell::Cell;
use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::failure::{Failure, caught, drop_quietly};
use crate::info::ReceiverInfo;
#[cfg(feature = "tracing")]
use crate::spans;

/// A failure that no sender reads, as the hook of [`on_unread_failure`] sees it.
///
/// `Display` writes it as one line.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnreadFailure<'a> {
    /// The name of the signal, if the receiver ran in the [background](crate::Receiver::detached_on), where it has no
    /// sender any more.
    pub signal: Option<&'a str>,
    /// The receiver that failed.
    pub receiver: &'a ReceiverInfo,
    /// Its failure.
    pub failure: &'a Failure,
}

type Hook = Arc<dyn Fn(&UnreadFailure<'_>) + Send + Sync>;

static HOOK: RwLock<Option<Hook>> = RwLock::new(None);

/// Sets what happens to a failure that no sender reads, in the whole process.
///
/// A sender reads the failures of a send with [`Outcomes::failures`], [`answers`], [`into_result`] or by iterating. If it
/// drops the [`Outcomes`] without that, each failure in it is passed to the hook. So is a failure of a receiver that
/// runs in the background. By default, each of them is one line on standard error, or, with the feature `tracing`, a
/// warning of `tracing`.
///
/// The hook replaces that, and the hook before. It runs on the thread that drops the outcomes, so it should be quick. If it
/// panics, the panic is caught. Failures that it leaves unread itself are lines on standard error. A send without failures
/// costs nothing more.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use signals::Signal;
///
/// static SAVED: Signal<str, u32, ()> = Signal::new("saved");
/// static UNREAD: AtomicUsize = AtomicUsize::new(0);
///
/// signals::on_unread_failure(|unread| {
///     assert_eq!(unread.failure.to_string(), "disk full");
///     UNREAD.fetch_add(1, Ordering::Relaxed);
/// });
///
/// SAVED.connect(|_: &str, _: &u32| Err::<(), _>("disk full"));
/// SAVED.send("editor", &7);
/// assert_eq!(UNREAD.load(Ordering::Relaxed), 1);
/// ```
///
/// [`Outcomes::failures`]: crate::Outcomes::failures
/// [`Outcomes`]: crate::Outcomes
/// [`answers`]: crate::Outcomes::answers
/// [`into_result`]: crate::Outcomes::into_result
pub fn on_unread_failure(hook: impl Fn(&UnreadFailure<'_>) + Send + Sync + 'static) {
    let hook: Hook = Arc::new(hook);
    let previous = HOOK.write().replace(hook);
    // Its captures are code of the user: not under the lock.
    drop(previous);
}

thread_local! {
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Tells the hook of a failure that is about to be dropped.
#[cold]
pub(crate) fn tell(signal: Option<&str>, receiver: &ReceiverInfo, failure: &Failure) {
    let unread = UnreadFailure {
        signal,
        receiver,
        failure,
    };
    // What a hook leaves unread could go on forever.
    if TELLING.replace(true) {
        write_line(&unread);
        return;
    }
    let hook = HOOK.read().clone();
    let told = caught(|| match &hook {
        Some(hook) => hook(&unread),
        None => tell_by_default(&unread),
    });
    drop_quietly((told, hook));
    TELLING.set(false);
}

#[cfg(not(feature = "tracing"))]
fn tell_by_default(unread: &UnreadFailure<'_>) {
    write_line(unread);
}

/// Writes a warning, unless an observer writes it already.
#[cfg(feature = "tracing")]
fn tell_by_default(unread: &UnreadFailure<'_>) {
    if spans::are_wanted() {
        return;
    }
    let UnreadFailure {
        signal,
        receiver,
        failure,
    } = unread;
    match signal {
        None => {
            tracing::warn!(target: "signals", %receiver, %failure, "failed, and the failure was not read");
        }
        Some(signal) => {
            tracing::warn!(target: "signals", signal, %receiver, %failure, "failed in the background");
        }
    }
}

fn write_line(unread: &UnreadFailure<'_>) {
    // At once, so that lines of several threads do not mix. Not by `eprintln`, which panics if standard error is closed.
    let line = format!("signals: {unread}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Writes one line, also if the text of the failure has several.
impl fmt::Display for UnreadFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let receiver = self.receiver;
        match self.signal {
            None => write!(f, "{receiver} failed, and the failure was not read: ")?,
            Some(signal) => write!(f, "{receiver} failed in the background of `{signal}`: ")?,
        }
        let text = self.failure.to_string();
        f.write_str(&text.replace(|letter: char| letter.is_control(), " "))
    }
}
