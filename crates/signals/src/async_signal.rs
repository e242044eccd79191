//! A signal whose receivers are plain and async functions, in one ordered list.

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;

use crate::answer::Answer;
use crate::common::common;
use crate::concurrent::Concurrent;
use crate::connection::Connection;
use crate::engine::{List, is_in_task};
use crate::error::WaitError;
use crate::hub::Hub;
use crate::info::ReceiverInfo;
use crate::mute::Muted;
use crate::next::{Awaited, Next};
use crate::outcomes::Outcomes;
use crate::receive::ReceiveAsync;
use crate::receiver::Receiver;
use crate::recording::{Recording, Scope};
use crate::sends::{Queue, Sends};
use crate::shared::AnyShared as _;
use crate::tasks::Tasks;
use crate::walk::{Turn, Walk};
use crate::with_state::{ReceiveAsyncWith, State};

/// A [`Signal`](crate::Signal) that takes async receivers too, and is sent with `.await`.
///
/// Plain and async receivers stand in one list and run one after the other in its order.
///
/// ```
/// use signals::AsyncSignal;
///
/// struct Order { total: u32 }
///
/// static ORDER_PLACED: AsyncSignal<str, Order, u32> = AsyncSignal::new("order_placed");
///
/// async fn discount(_shop: &str, order: &Order) -> Option<u32> {
///     (order.total > 100).then_some(order.total / 10)
/// }
///
/// ORDER_PLACED.connect(discount);
/// ORDER_PLACED.connect(async |shop: &str, order: &Order| println!("{shop}: {}", order.total));
/// ORDER_PLACED.connect(|_shop: &str, order: &Order| (order.total == 0).then_some(0));
///
/// # let send = async {
/// let outcomes = ORDER_PLACED.send("corner shop", &Order { total: 200 }).await;
/// assert_eq!(outcomes.first(), Some(&20));
/// # };
/// # std::pin::pin!(send).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// ```
///
/// If an async receiver needs a value of its own, [`connect_with`](Self::connect_with) lends it the value with each
/// call:
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # static SAVED: signals::AsyncSignal<str, u32> = signals::AsyncSignal::new("saved");
/// let log = Arc::new(Mutex::new(Vec::new()));
/// SAVED.connect_with(log, async |log: &Mutex<Vec<u32>>, _: &str, id: &u32| {
///     log.lock().unwrap().push(*id);
/// });
/// ```
///
/// The defaults of the type parameters, and what to do about types with a lifetime, are those of
/// [`Signal`](crate::Signal).
pub struct AsyncSignal<S: ?Sized = (), P: ?Sized = (), O = Infallible> {
    hub: Hub<S, P, O>,
}

common!(AsyncSignal, true, ".await");

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> AsyncSignal<S, P, O> {
    /// Connects a receiver. It runs after the receivers of the same order that are connected already.
    ///
    /// A receiver is a plain or an async function. The function or its future returns `()`, `Option<O>`,
    /// `Result<(), E>` or `Result<Option<O>, E>`. The future may borrow both arguments and must be
    /// `Send`. Use [`receiver`](Self::receiver) to set an order, a name or conditions, and
    /// [`connect_with`](Self::connect_with) for a method, or for an async receiver with a value of its own.
    ///
    /// A closure writes out the types of both arguments: `|shop: &Shop, order: &Order| …`. If it leaves them out, the
    /// compiler points at an argument and says "type annotations needed" (E0282), or that the closure "cannot receive
    /// this signal". (Closures on a plain [`Signal`](crate::Signal) need no types. Here a closure may return a future
    /// that borrows its arguments, and for that the compiler wants to know them first.)
    #[track_caller]
    pub fn connect<M, F: ReceiveAsync<S, P, O, M>>(&self, f: F) -> Connection {
        self.receiver(f).connect()
    }

    /// Returns a builder that connects a receiver with options.
    #[track_caller]
    pub fn receiver<M, F: ReceiveAsync<S, P, O, M>>(&self, f: F) -> Receiver<'_, S, P, O, M> {
        Receiver::new(&self.hub, f.into_receivable(), Location::caller())
    }

    /// Connects a receiver that is lent a state with each call: a method of a type, or a function that works on a value.
    ///
    /// The receiver is a plain or an async function of `(&T, &S, &P)`. An async one may borrow all three across every
    /// `.await`; `S` and `P` must then be `Sync`. The signal keeps the `Arc` until the receiver is disconnected. If the
    /// receiver should end with the state instead, use [`connect_weak`](Self::connect_weak).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use signals::AsyncSignal;
    ///
    /// struct Order { id: u64 }
    ///
    /// static ORDER_PLACED: AsyncSignal<str, Order, String> = AsyncSignal::new("order_placed");
    ///
    /// struct Mailer { from: String }
    ///
    /// impl Mailer {
    ///     async fn on_order(&self, shop: &str, order: &Order) -> Option<String> {
    ///         # std::future::ready(()).await;
    ///         Some(format!("{} wrote to {shop} about order {}", self.from, order.id))
    ///     }
    /// }
    ///
    /// let mailer = Arc::new(Mailer { from: "the till".into() });
    /// ORDER_PLACED.connect_with(mailer, Mailer::on_order);
    ///
    /// # let send = async {
    /// let outcomes = ORDER_PLACED.send("corner shop", &Order { id: 7 }).await;
    /// assert_eq!(outcomes.first().unwrap(), "the till wrote to corner shop about order 7");
    /// # };
    /// # assert!(std::pin::pin!(send).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
    /// ```
    #[track_caller]
    pub fn connect_with<T, M, F>(&self, state: Arc<T>, f: F) -> Connection
    where
        T: ?Sized,
        F: ReceiveAsyncWith<T, S, P, O, M>,
    {
        self.receiver_with(state, f).connect()
    }

    /// Returns a builder that connects a receiver with a state and with options. See
    /// [`connect_with`](Self::connect_with).
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
    /// # use signals::AsyncSignal;
    /// struct Index { last: AtomicU32 }
    ///
    /// impl Index {
    ///     async fn on_save(&self, _: &str, id: &u32) {
    ///         self.last.store(*id, Ordering::Relaxed);
    ///     }
    /// }
    ///
    /// let saved = AsyncSignal::<str, u32>::new("saved");
    /// let index = Arc::new(Index { last: AtomicU32::new(0) });
    /// saved.receiver_with(index.clone(), Index::on_save).order(-10).when(|_, id| *id > 5).connect();
    /// # let run = async {
    /// for id in [1, 7, 2] {
    ///     saved.send("editor", &id).await;
    /// }
    /// assert_eq!(index.last.load(Ordering::Relaxed), 7);
    /// # };
    /// # assert!(std::pin::pin!(run).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
    /// ```
    #[track_caller]
    pub fn receiver_with<T, M, F>(&self, state: Arc<T>, f: F) -> Receiver<'_, S, P, O, M>
    where
        T: ?Sized,
        F: ReceiveAsyncWith<T, S, P, O, M>,
    {
        let receivable = f.into_receivable_with(State::strong(state));
        Receiver::new(&self.hub, receivable, Location::caller()).named_as(type_name::<F>)
    }

    /// Connects a receiver that is lent its owner with each call, and is disconnected when the owner is dropped.
    ///
    /// The receiver is a function as for [`connect_with`](Self::connect_with). The signal does not keep the owner alive.
    /// While the receiver runs, also [detached](Receiver::detached_on), the owner stays alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use signals::AsyncSignal;
    ///
    /// static RESIZED: AsyncSignal<(), u32, u32> = AsyncSignal::new("resized");
    ///
    /// struct Window { scale: u32 }
    ///
    /// impl Window {
    ///     async fn on_resize(&self, _: &(), width: &u32) -> Option<u32> {
    ///         Some(self.scale * width)
    ///     }
    /// }
    ///
    /// let window = Arc::new(Window { scale: 2 });
    /// RESIZED.connect_weak(&window, Window::on_resize);
    /// # let send = async {
    /// assert_eq!(RESIZED.send(&(), &40).await.first(), Some(&80));
    ///
    /// drop(window);
    /// assert!(!RESIZED.has_receivers());
    /// # };
    /// # assert!(std::pin::pin!(send).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
    /// ```
    #[track_caller]
    pub fn connect_weak<T, M, F>(&self, owner: &Arc<T>, f: F) -> Connection
    where
        T: Any + Send + Sync,
        F: ReceiveAsyncWith<T, S, P, O, M>,
    {
        self.receiver_weak(owner, f).connect()
    }

    /// Returns a builder that connects a receiver with an owner and with options. See
    /// [`connect_weak`](Self::connect_weak).
    ///
    /// The option [`weak`](Receiver::weak) is set, and cannot be set again.
    #[track_caller]
    pub fn receiver_weak<T, M, F>(&self, owner: &Arc<T>, f: F) -> Receiver<'_, S, P, O, M>
    where
        T: Any + Send + Sync,
        F: ReceiveAsyncWith<T, S, P, O, M>,
    {
        let receivable = f.into_receivable_with(State::weak(owner));
        let receiver = Receiver::new(&self.hub, receivable, Location::caller());
        receiver.named_as(type_name::<F>).weak(owner)
    }

    /// Calls the receivers in order, each to its end before the next, and returns their answers.
    ///
    /// The rules of [`Signal::send`](crate::Signal::send) apply. If a receiver is disconnected while its
    /// future waits, the future still runs to its end. If the future of the send is dropped, the running
    /// receiver is cancelled and later ones are skipped.
    pub async fn send(&self, sender: &S, payload: &P) -> Outcomes<O> {
        if let Some(outcomes) = self.hub.run(sender, payload) {
            return outcomes;
        }
        // Dropped last: who hears of failures that are not read may wait for a receiver.
        let mut outcomes = Outcomes::new();
        let walk = Walk::new(self.hub.shared(), sender, payload);
        let mut sending = EmitAsync {
            turn: Turn::new(),
            list: None,
            walk,
        };
        poll_fn(|cx| sending.poll_all(&mut outcomes, cx)).await;
        outcomes
    }

    /// Calls the receivers in order without waiting for one to end before the next, and returns their
    /// answers in the same order, once all receivers have ended.
    ///
    /// Plain receivers run at their turn. All receivers run within this one future: they wait at the same
    /// time, and compute one at a time.
    pub async fn send_concurrent(&self, sender: &S, payload: &P) -> Outcomes<O> {
        let mut all = Concurrent::new(Walk::new(self.hub.shared(), sender, payload));
        poll_fn(|cx| all.poll(cx)).await
    }

    /// Waits until no task of a [`detached`](Receiver::detached_on) receiver of this signal runs.
    ///
    /// Tasks that are spawned meanwhile are waited for as long as one runs. For a deadline, use that of the runtime:
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # async fn example() {
    /// # static SAVED: signals::AsyncSignal<str, u32, ()> = signals::AsyncSignal::new("saved");
    /// use std::time::Duration;
    ///
    /// // At shutdown: let what runs in the background end, for ten seconds at most.
    /// if tokio::time::timeout(Duration::from_secs(10), SAVED.drain()).await.is_err() {
    ///     eprintln!("some documents are not indexed");
    /// }
    /// # }
    /// ```
    ///
    /// [`signals::drain`](crate::drain) waits for the tasks of all signals.
    ///
    /// # Errors
    ///
    /// [`WaitError`] inside of such a task, which would wait for itself.
    pub async fn drain(&self) -> Result<(), WaitError> {
        self.refuse_in_task()?.drain().await;
        Ok(())
    }

    /// Waits as [`drain`](Self::drain) does, blocking the thread, until the limit is over.
    ///
    /// In a runtime of one thread the tasks run on the thread that would block, and the limit always comes first.
    ///
    /// # Errors
    ///
    /// [`WaitError`] if tasks still run then, and inside of such a task, which would wait for itself.
    pub fn drain_for(&self, limit: Duration) -> Result<(), WaitError> {
        let name = format!("`{}`", self.name());
        self.refuse_in_task()?.drain_for(&name, limit)
    }

    fn refuse_in_task(&self) -> Result<&Tasks, WaitError> {
        let shared = self.hub.shared();
        if is_in_task(Some(shared.core().exits.address())) {
            return Err(WaitError::in_task(format!("`{}`", self.name())));
        }
        Ok(&shared.tasks)
    }

    /// Returns a walk that calls one receiver each time it is asked for the [next](EmitAsync::next) answer.
    pub fn emit<'a>(&'a self, sender: &'a S, payload: &'a P) -> EmitAsync<'a, S, P, O> {
        let walk = Walk::new(self.hub.shared(), sender, payload);
        EmitAsync {
            list: Some(walk.find().hold()),
            turn: Turn::new(),
            walk,
        }
    }
}

/// A send that calls its receivers one at a time. See [`AsyncSignal::emit`].
///
/// Each [`next`](Self::next) runs one receiver to its end. The future of `next` may be dropped at any time,
/// at a deadline for example. The receiver is then suspended, and [`running`](Self::running) returns it. The
/// sender has three choices:
///
/// - call `next` again to continue the receiver,
/// - call [`abandon`](Self::abandon) to cancel the receiver, then `next` for the receivers after it,
/// - drop this value to end the whole send.
///
/// ```
/// # use signals::AsyncSignal;
/// static SLOW: AsyncSignal<str, u32, u32> = AsyncSignal::new("slow");
///
/// SLOW.receiver(async |_: &str, _: &u32| std::future::pending::<()>().await).named("stuck").connect();
/// SLOW.connect(|_: &str, n: &u32| Some(*n));
///
/// # let send = async {
/// let mut walk = SLOW.emit("clock", &7);
/// # async fn deadline<F: Future>(f: F) -> Option<F::Output> {
/// #     let mut f = std::pin::pin!(f);
/// #     std::future::poll_fn(|cx| std::task::Poll::Ready(match f.as_mut().poll(cx) {
/// #         std::task::Poll::Ready(out) => Some(out),
/// #         std::task::Poll::Pending => None,
/// #     })).await
/// # }
/// let overran = deadline(walk.next()).await.is_none();
/// assert!(overran);
/// assert_eq!(walk.running().unwrap().name(), "stuck");
/// walk.abandon();
/// assert_eq!(walk.next().await.unwrap().outcome(), Some(&7));
/// # };
/// # assert!(std::pin::pin!(send).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
/// ```
#[must_use = "no receiver is called until this is asked for the next answer"]
pub struct EmitAsync<'a, S: ?Sized, P: ?Sized, O> {
    // Dropped first: observers, who hear of the end from the walk, may wait for a receiver.
    list: Option<List<S, P, O>>,
    walk: Walk<'a, S, P, O>,
    turn: Turn<'a, O>,
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> EmitAsync<'_, S, P, O> {
    /// Runs the next receiver to its end and returns its answer, or `None` if all receivers have run.
    pub async fn next(&mut self) -> Option<Answer<O>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Polls the future of [`next`](Self::next), for hand-written futures and streams.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Answer<O>>> {
        let slots = self.list.as_deref().unwrap_or_default();
        let at = self.walk.enter(slots);
        let advanced = self.walk.advance(&at, &mut self.turn, cx);
        advanced.map(|has_ended| has_ended.then(|| self.turn.answer(slots)))
    }

    /// Polls a whole send. Its receivers are held only from the first that waits on.
    fn poll_all(&mut self, outcomes: &mut Outcomes<O>, cx: &mut Context<'_>) -> Poll<()> {
        let borrowed = match &self.list {
            None => Some(self.walk.find()),
            Some(_) => None,
        };
        let slots = borrowed.as_deref().or(self.list.as_deref());
        let slots = slots.unwrap_or_default();
        let at = self.walk.enter(slots);
        loop {
            match self.walk.advance(&at, &mut self.turn, cx) {
                Poll::Ready(false) => return Poll::Ready(()),
                Poll::Ready(true) => self.turn.add_to(outcomes, slots),
                Poll::Pending => break,
            }
        }
        if let Some(borrowed) = borrowed {
            self.list = Some(borrowed.hold());
        }
        Poll::Pending
    }
}

impl<S: ?Sized, P: ?Sized, O> EmitAsync<'_, S, P, O> {
    /// Returns the receiver that has been called and has not ended.
    pub fn running(&self) -> Option<ReceiverInfo> {
        let is_running = self.turn.is_running();
        let slots = self.list.as_deref().unwrap_or_default();
        is_running.then(|| self.turn.receiver(slots))
    }

    /// Cancels the receiver that has not ended, and returns it.
    ///
    /// Its future is dropped. [`next`](Self::next) continues with the receiver after it.
    pub fn abandon(&mut self) -> Option<ReceiverInfo> {
        let slots = self.list.as_deref().unwrap_or_default();
        self.walk.abandon(slots, &mut self.turn)
    }
}

impl<S: ?Sized, P: ?Sized, O> Drop for EmitAsync<'_, S, P, O> {
    fn drop(&mut self) {
        self.abandon();
    }
}

// A panic of a receiver is caught. The sender and the payload are what the caller lends.
impl<S, P, O> UnwindSafe for EmitAsync<'_, S, P, O>
where
    S: ?Sized + RefUnwindSafe,
    P: ?Sized + RefUnwindSafe,
{
}
impl<S, P, O> RefUnwindSafe for EmitAsync<'_, S, P, O>
where
    S: ?Sized + RefUnwindSafe,
    P: ?Sized + RefUnwindSafe,
{
}

impl<S: ?Sized, P: ?Sized, O> fmt::Debug for EmitAsync<'_, S, P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmitAsync")
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}
