//! Scopes for tests: in a test, a signal is another one, though other tests send it at the same time.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::info::ReceiverInfo;
use crate::observe;
use crate::shared::Shared;

/// Begins a scope for a test: until it is dropped, it says what becomes of the sends of this thread.
///
/// Tests run as threads of one process, and a `static` signal belongs to all of them. In a scope a test can record a
/// signal without running its receivers, put its own receivers in the place of those, or hold some back, and no other
/// test notices.
///
/// ```
/// use signals::Signal;
///
/// struct Order { total: u32 }
///
/// static ORDER_PLACED: Signal<str, Order, ()> = Signal::new("order_placed");
///
/// fn checkout(total: u32) {
///     ORDER_PLACED.send("corner shop", &Order { total });
/// }
///
/// ORDER_PLACED.connect(|_: &str, _: &Order| -> Option<()> { panic!("it would send mail") });
///
/// let test = signals::test();
/// let totals = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
/// let seen = totals.clone();
/// test.take(&ORDER_PLACED).connect(move |_: &str, order: &Order| seen.lock().unwrap().push(order.total));
/// checkout(20);
/// assert_eq!(*totals.lock().unwrap(), [20]);
/// ```
///
/// # Where it reaches
///
/// - What this thread sends, in every function that it calls.
/// - Tasks of a runtime of one thread, as `#[tokio::test]` is by default: they run on this thread.
/// - Receivers that are [`detached`](crate::Receiver::detached_on) from a send in the scope, on any thread.
/// - Other threads, and tasks of a runtime of several threads, only if they are told to
///   [follow](TestScope::inside): neither hands on what belongs to a thread.
///
/// Scopes nest: what the inner one does not name is as in the outer one.
pub fn test() -> TestScope {
    let inside = Inside(Arc::new(Changes {
        of: Mutex::default(),
        outer: Inside::current(),
    }));
    observe::watch(true);
    TestScope {
        before: inside.enter(),
        inside,
        thread: PhantomData,
    }
}

/// A scope for a test. See [`test()`].
#[must_use = "the scope ends when this is dropped"]
pub struct TestScope {
    inside: Inside,
    before: Before,
    /// It belongs to a thread.
    thread: PhantomData<*const ()>,
}

/// A test scope, for another thread or task. See [`TestScope::inside`].
#[derive(Clone)]
pub struct Inside(Arc<Changes>);

/// What a scope changes.
struct Changes {
    /// By the address of a signal's state.
    of: Mutex<HashMap<usize, Change>>,
    outer: Option<Inside>,
}

/// What becomes of one signal.
struct Change {
    /// Keeps the address from being another's.
    _signal: Arc<dyn Any + Send + Sync>,
    /// The signal that is sent instead, and its state.
    twin: Option<(Arc<dyn Any + Send + Sync>, Arc<dyn Any + Send + Sync>)>,
    /// The names of receivers that are skipped.
    blocked: Vec<String>,
}

thread_local!(static CURRENT: RefCell<Option<Inside>> = const { RefCell::new(None) });

/// A [`Signal`](crate::Signal) or an [`AsyncSignal`](crate::AsyncSignal), which a [`TestScope`] can change.
///
/// This trait is sealed.
pub trait Testable: sealed::Testable {}

pub(crate) mod sealed {
    use std::any::Any;
    use std::sync::Arc;

    use crate::shared::AnyShared;

    pub trait Testable: Send + Sync + Sized + 'static {
        #[doc(hidden)]
        fn twin(&self) -> Self;
        /// Returns the state of the signal, twice.
        #[doc(hidden)]
        fn state(&self) -> State;
    }

    pub struct State {
        pub(crate) shared: Arc<dyn AnyShared>,
        pub(crate) any: Arc<dyn Any + Send + Sync>,
    }
}

impl TestScope {
    /// Puts a signal without receivers in the place of this one, and returns it: connect to it what is to run in this
    /// test. Called again, it returns the same.
    pub fn take<T: Testable>(&self, signal: &T) -> Arc<T> {
        let state = signal.state();
        let twin = Arc::new(sealed::Testable::twin(signal));
        let twin_state = twin.state().any;
        let taken = self.inside.change(&state, |change| {
            let (twin, _) = change.twin.get_or_insert((twin, twin_state));
            Arc::clone(twin)
        });
        taken.downcast().expect("it was made of this type")
    }

    /// Has sends of this signal call no receiver.
    pub fn mute<T: Testable>(&self, signal: &T) {
        self.take(signal);
    }

    /// Has sends of this signal skip the receiver of this name.
    ///
    /// # Panics
    ///
    /// If the signal has no receiver of this name.
    #[track_caller]
    pub fn block<T: Testable>(&self, signal: &T, name: &str) {
        let state = signal.state();
        let receivers = Arc::clone(&state.shared).receivers();
        let names: Vec<_> = receivers.iter().map(ReceiverInfo::name).collect();
        assert!(
            names.contains(&name),
            "the signal `{}` has no receiver `{name}`; its receivers are {names:?}",
            state.shared.name()
        );
        let block = |change: &mut Change| change.blocked.push(name.to_owned());
        self.inside.change(&state, block);
    }

    /// Returns the scope in a form that can be handed to another thread or task.
    ///
    /// ```
    /// # static SAVED: signals::Signal<str, u32, ()> = signals::Signal::new("saved");
    /// let test = signals::test();
    /// let saved = test.take(&SAVED).record();
    /// let inside = test.inside();
    /// std::thread::spawn(move || inside.run(|| SAVED.send("editor", &1))).join().unwrap();
    /// saved.assert_sent_exactly(&[1]);
    /// ```
    pub fn inside(&self) -> Inside {
        self.inside.clone()
    }
}

/// What is sent instead of a signal, and the names of receivers that are skipped.
pub(crate) type Look<S, P, O> = (Option<Arc<Shared<S, P, O>>>, Vec<String>);

impl Inside {
    /// Runs a function inside of the scope, on this thread.
    pub fn run<T>(&self, run: impl FnOnce() -> T) -> T {
        let _before = self.enter();
        run()
    }

    /// Has a future run inside of the scope, whichever thread polls it.
    pub fn follow<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let inside = self.clone();
        let mut future = Box::pin(future);
        std::future::poll_fn(move |cx| inside.run(|| future.as_mut().poll(cx)))
    }

    /// Returns the scope that this thread is in. A thread that ends is in none.
    pub(crate) fn current() -> Option<Self> {
        if !observe::is_watched() {
            return None;
        }
        let current = CURRENT.try_with(|current| current.borrow().clone());
        current.ok().flatten()
    }

    pub(crate) fn enter(&self) -> Before {
        let inside = Some(self.clone());
        Before(CURRENT.try_with(|current| current.replace(inside)).ok())
    }

    fn change<T>(&self, signal: &sealed::State, change: impl FnOnce(&mut Change) -> T) -> T {
        let mut of = self.0.of.lock();
        let changed = of.entry(address(&signal.any)).or_insert_with(|| Change {
            _signal: Arc::clone(&signal.any),
            twin: None,
            blocked: Vec::new(),
        });
        change(changed)
    }

    /// Returns what becomes of a send of this signal.
    pub(crate) fn look<S, P, O>(&self, signal: &Arc<Shared<S, P, O>>) -> Look<S, P, O>
    where
        S: ?Sized + 'static,
        P: ?Sized + 'static,
        O: 'static,
    {
        let of = self.0.of.lock();
        match of.get(&Arc::as_ptr(signal).addr()) {
            Some(change) => {
                let twin = change.twin.as_ref();
                let twin = twin.and_then(|(_, state)| Arc::clone(state).downcast().ok());
                (twin, change.blocked.clone())
            }
            None => {
                drop(of);
                let outer = self.0.outer.as_ref();
                outer.map_or_else(Default::default, |outer| outer.look(signal))
            }
        }
    }
}

fn address(any: &Arc<dyn Any + Send + Sync>) -> usize {
    Arc::as_ptr(any).addr()
}

/// The scope that a thread was in before. It is in that again when this is dropped.
pub(crate) struct Before(Option<Option<Inside>>);

impl Drop for Before {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            let left = CURRENT.try_with(|current| current.replace(before));
            // It may be the last of its scope, whose receivers go with it.
            drop(left);
        }
    }
}

impl Drop for TestScope {
    fn drop(&mut self) {
        drop(self.before.0.take().map(|before| CURRENT.replace(before)));
        observe::watch(false);
    }
}

impl fmt::Debug for TestScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signals = self.inside.0.of.lock().len();
        f.debug_struct("TestScope")
            .field("signals", &signals)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inside").finish_non_exhaustive()
    }
}
