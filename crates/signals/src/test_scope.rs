//! Scopes for tests: in a test, a signal is another one, though other tests send it at the same time.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;

use crate::conditions::Skip;
use crate::engine::Slot;
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
/// - Receivers that are [`detached`](crate::Receiver::detached_on) from a send in the scope, on any thread, to their end.
/// - Other threads, and tasks of a runtime of several threads, only if they are told to
///   [follow](TestScope::inside): neither hands on what belongs to a thread.
///
/// Scopes nest: what the inner one does not name is as in the outer one. A receiver that the inner one holds back is held
/// back in addition.
pub fn test() -> TestScope {
    let outer = Inside::current();
    observe::watch(true);
    let inside = Inside(Arc::new(Changes {
        of: Mutex::default(),
        outer,
    }));
    TestScope {
        _entered: inside.enter(),
        inside,
        thread: PhantomData,
    }
}

/// A scope for a test. See [`test()`].
#[must_use = "the scope ends when this is dropped"]
pub struct TestScope {
    _entered: Entered,
    inside: Inside,
    /// It belongs to a thread.
    thread: PhantomData<*const ()>,
}

/// A test scope, for another thread or task. See [`TestScope::inside`].
#[derive(Clone)]
pub struct Inside(Arc<Changes>);

// As the signals: changes are made as a whole.
impl std::panic::UnwindSafe for TestScope {}
impl std::panic::RefUnwindSafe for TestScope {}
impl std::panic::UnwindSafe for Inside {}
impl std::panic::RefUnwindSafe for Inside {}

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

impl Drop for Changes {
    fn drop(&mut self) {
        observe::watch(false);
    }
}

thread_local! {
    /// The scopes that this thread has entered and not left, each with a greater number than the one before.
    static ENTERED: RefCell<Vec<(u64, Inside)>> = const { RefCell::new(Vec::new()) };
}

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

/// What a scope has to say of a signal.
pub(crate) struct Seen<S: ?Sized, P: ?Sized, O> {
    /// What is sent instead.
    pub(crate) twin: Option<Arc<Shared<S, P, O>>>,
    /// The names of receivers that are skipped.
    pub(crate) blocked: Vec<String>,
}

impl<S: ?Sized, P: ?Sized, O> Seen<S, P, O> {
    /// Returns an error if a test skips this receiver.
    pub(crate) fn check(&self, slot: &Slot<S, P, O>) -> Result<(), Skip> {
        let is_blocked = |name: &str| self.blocked.iter().any(|it| it == name);
        if !self.blocked.is_empty() && is_blocked(slot.about().name()) {
            return Err(Skip::Blocked);
        }
        Ok(())
    }

    pub(crate) const fn nothing() -> Self {
        Self {
            twin: None,
            blocked: Vec::new(),
        }
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

    /// Returns the scope in a form that can be handed to another thread or task. What follows it there is in the scope
    /// even if the scope of this thread has ended.
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

impl Inside {
    /// Runs a function inside of the scope, on this thread.
    pub fn run<T>(&self, run: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        run()
    }

    /// Has a future run inside of the scope, whichever thread polls it.
    pub fn follow<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let mut following = Following {
            future: Some(Box::pin(future)),
            inside: self.clone(),
        };
        std::future::poll_fn(move |cx| following.poll(cx))
    }

    /// Returns the scope that this thread is in. A thread that ends is in none.
    pub(crate) fn current() -> Option<Self> {
        if !observe::is_watched() {
            return None;
        }
        let current = |entered: &RefCell<Vec<(u64, Self)>>| {
            let entered = entered.borrow();
            entered.last().map(|(_, inside)| inside.clone())
        };
        ENTERED.try_with(current).ok().flatten()
    }

    pub(crate) fn enter(&self) -> Entered {
        let inside = self.clone();
        let enter = |entered: &RefCell<Vec<(u64, Self)>>| {
            let mut entered = entered.borrow_mut();
            let number = entered.last().map_or(0, |(number, _)| number + 1);
            entered.push((number, inside));
            number
        };
        Entered(ENTERED.try_with(enter).ok())
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

    pub(crate) fn look<S, P, O>(&self, signal: &Arc<Shared<S, P, O>>) -> Seen<S, P, O>
    where
        S: ?Sized + 'static,
        P: ?Sized + 'static,
        O: 'static,
    {
        let mut seen = Seen::nothing();
        let mut scope = Some(self);
        while let Some(Self(changes)) = scope
            && seen.twin.is_none()
        {
            if let Some(change) = changes.of.lock().get(&Arc::as_ptr(signal).addr()) {
                let twin = change.twin.as_ref();
                seen.twin = twin.and_then(|(_, state)| Arc::clone(state).downcast().ok());
                seen.blocked.extend_from_slice(&change.blocked);
            }
            scope = changes.outer.as_ref();
        }
        seen
    }
}

fn address(any: &Arc<dyn Any + Send + Sync>) -> usize {
    Arc::as_ptr(any).addr()
}

/// A scope that this thread has entered, by its number, until this is dropped: also before one that was entered later.
pub(crate) struct Entered(Option<u64>);

impl Drop for Entered {
    fn drop(&mut self) {
        let leave = |entered: &RefCell<Vec<(u64, Inside)>>| {
            let mut entered = entered.borrow_mut();
            let index = entered
                .iter()
                .position(|(number, _)| Some(*number) == self.0)?;
            Some(entered.remove(index))
        };
        // It may be the last of its scope, whose receivers go with it.
        drop(ENTERED.try_with(leave));
    }
}

/// A future inside of a scope, where it is dropped too.
struct Following<F> {
    future: Option<Pin<Box<F>>>,
    inside: Inside,
}

impl<F: Future> Following<F> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self
            .future
            .as_mut()
            .expect("it is there until it is dropped");
        self.inside.run(|| future.as_mut().poll(cx))
    }
}

impl<F> Drop for Following<F> {
    fn drop(&mut self) {
        let future = self.future.take();
        self.inside.run(|| drop(future));
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
