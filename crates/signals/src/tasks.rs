//! The tasks of detached receivers that have not ended, and those who wait for them.

use std::future::poll_fn;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::engine::{Exits, is_in_task};
use crate::error::WaitError;

/// The tasks of one signal, or of all.
#[derive(Default)]
pub(crate) struct Tasks {
    state: Mutex<State>,
    /// Tells those who wait that a period is over.
    periods: Arc<Exits>,
}

#[derive(Default)]
struct State {
    running: usize,
    /// The number of the period in which tasks run, or ran last.
    period: u64,
}

static ALL: LazyLock<Tasks> = LazyLock::new(Tasks::default);

/// A task that has not ended.
pub(crate) struct Counted(Arc<Tasks>);

impl Counted {
    pub(crate) fn new(of: &Arc<Tasks>) -> Self {
        of.begin();
        ALL.begin();
        Self(Arc::clone(of))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.end();
        ALL.end();
    }
}

impl Tasks {
    fn begin(&self) {
        let mut state = self.state.lock();
        if state.running == 0 {
            state.period += 1;
            self.periods.leaves(state.period);
        }
        state.running += 1;
    }

    fn end(&self) {
        let mut state = self.state.lock();
        state.running -= 1;
        let ended = (state.running == 0).then_some(state.period);
        drop(state);
        if let Some(period) = ended {
            self.periods.has_gone(period);
        }
    }

    pub(crate) async fn drain(&self) {
        let period = self.state.lock().period;
        let wait = self.periods.begin_to_wait(period);
        poll_fn(|cx| wait.poll(cx)).await;
    }

    pub(crate) fn drain_for(&self, name: &str, limit: Duration) -> Result<(), WaitError> {
        let period = self.state.lock().period;
        // A limit that no clock reaches is none.
        let deadline = Instant::now().checked_add(limit);
        if self.periods.wait(period, deadline) {
            return Ok(());
        }
        let running = self.state.lock().running;
        Err(WaitError::running(name.to_owned(), running, limit))
    }
}

/// Waits until no task of a [`detached`](crate::Receiver::detached_on) receiver runs, of any signal. See
/// [`AsyncSignal::drain`](crate::AsyncSignal::drain).
///
/// # Errors
///
/// [`WaitError`] inside of such a task, which would wait for itself.
pub async fn drain() -> Result<(), WaitError> {
    refuse_inside()?;
    ALL.drain().await;
    Ok(())
}

/// Waits as [`drain`] does, blocking the thread, until the limit is over. See
/// [`AsyncSignal::drain_for`](crate::AsyncSignal::drain_for).
///
/// # Errors
///
/// [`WaitError`] if tasks still run then, and inside of such a task, which would wait for itself.
pub fn drain_for(limit: Duration) -> Result<(), WaitError> {
    refuse_inside()?;
    ALL.drain_for("any signal", limit)
}

fn refuse_inside() -> Result<(), WaitError> {
    match is_in_task(None) {
        true => Err(WaitError::in_task("any signal".to_owned())),
        false => Ok(()),
    }
}
