//! A signal whose receivers are plain functions.

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::answer::Answer;
use crate::common::common;
use crate::connection::Connection;
use crate::engine::List;
use crate::hub::Hub;
use crate::info::ReceiverInfo;
use crate::mute::Muted;
use crate::next::{Awaited, Next};
use crate::outcomes::Outcomes;
use crate::receive::{PlainKind, Receive};
use crate::receiver::Receiver;
use crate::recording::{Recording, Scope};
use crate::sends::{Queue, Sends};
use crate::shared::AnyShared as _;
use crate::walk::{Turn, Walk};
use crate::with_state::{ReceiveWith, State};

/// A named signal with a typed sender `S`, a typed payload `P` and a typed outcome `O`.
///
/// Its receivers are plain functions and run one after the other in the thread that sends. For async
/// receivers, use [`AsyncSignal`](crate::AsyncSignal).
///
/// ```
/// use signals::Signal;
///
/// struct Order { total: u32 }
///
/// static ORDER_PLACED: Signal<str, Order, &'static str> = Signal::new("order_placed");
///
/// ORDER_PLACED.connect(|_, order| (order.total > 9_000).then_some("too large"));
/// ORDER_PLACED.connect(|shop, order| println!("{shop}: {}", order.total));
///
/// assert_eq!(ORDER_PLACED.send("corner shop", &Order { total: 10_000 }).first(), Some(&"too large"));
/// assert!(ORDER_PLACED.send("corner shop", &Order { total: 10 }).is_empty());
/// ```
///
/// If receivers return no outcome, leave `O` out: it is [`Infallible`](std::convert::Infallible). The sender of
/// a signal that needs none is `()`:
///
/// ```
/// # use signals::Signal;
/// # struct Order { total: u32 }
/// static ORDER_SHIPPED: Signal<(), Order> = Signal::new("order_shipped");
///
/// ORDER_SHIPPED.connect(|_, order| println!("{}", order.total));
/// ORDER_SHIPPED.send(&(), &Order { total: 10 });
/// ```
///
/// # Types with a lifetime
///
/// A receiver borrows the sender and the payload, but their types hold no borrows: `S`, `P` and `O` are `'static`. For
/// a `Signal<(), Order<'_>>`, the compiler says that the borrowed value "does not live long enough", and that the
/// "argument requires that `name` is borrowed for `'static`". There are three ways out:
///
/// - the payload owns its parts, cheaply: `Arc<str>`, `Cow<'static, str>`,
/// - the borrowed part is the payload, or the sender: `str`, `[Item]` and `dyn Trait` are types for both,
/// - the payload says where the part is, and the sender lends the whole.
///
/// ```
/// # use signals::Signal;
/// # use std::ops::Range;
/// /// Sent for each word of a line: the sender is the line, and the payload is the place of the word in it.
/// static WORD: Signal<str, Range<usize>> = Signal::new("word");
///
/// WORD.connect(|line, word| println!("{}", &line[word.clone()]));
/// WORD.send("hello world", &(0..5));
/// ```
///
/// The reason: a signal keeps its receivers between two sends, and a receiver is made for payloads that do not exist
/// yet. It would have to accept `Order<'a>` for every `'a`, and Rust has no type parameter that stands for that. A
/// `static` signal names its types in full, and lives longer than every `'a`.
pub struct Signal<S: ?Sized = (), P: ?Sized = (), O = Infallible> {
    hub: Hub<S, P, O>,
}

common!(Signal, false, "");

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Signal<S, P, O> {
    /// Connects a receiver. It runs after the receivers of the same order that are connected already.
    ///
    /// The receiver may return `()`, `Option<O>`, `Result<(), E>` or `Result<Option<O>, E>`. A closure needs no types for
    /// its arguments. Use [`receiver`](Self::receiver) to set an order, a name or conditions, and
    /// [`connect_with`](Self::connect_with) for a method.
    #[track_caller]
    pub fn connect<M: PlainKind, F: Receive<S, P, O, M>>(&self, f: F) -> Connection {
        self.receiver(f).connect()
    }

    /// Returns a builder that connects a receiver with options.
    #[track_caller]
    pub fn receiver<M: PlainKind, F: Receive<S, P, O, M>>(&self, f: F) -> Receiver<'_, S, P, O, M> {
        Receiver::new(&self.hub, f.into_receivable(), Location::caller())
    }

    /// Connects a receiver that is lent a state with each call: a method of a type, or a function that works on a value.
    ///
    /// The receiver is a function of `(&T, &S, &P)`. The signal keeps the `Arc` until the receiver is disconnected. If
    /// the receiver should end with the state instead, use [`connect_weak`](Self::connect_weak).
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use signals::Signal;
    ///
    /// struct Order { id: u64 }
    ///
    /// static ORDER_PLACED: Signal<str, Order> = Signal::new("order_placed");
    ///
    /// #[derive(Default)]
    /// struct Journal { lines: Mutex<Vec<String>> }
    ///
    /// impl Journal {
    ///     fn on_order(&self, shop: &str, order: &Order) {
    ///         self.lines.lock().unwrap().push(format!("{shop}: {}", order.id));
    ///     }
    /// }
    ///
    /// let journal = Arc::new(Journal::default());
    /// ORDER_PLACED.connect_with(journal.clone(), Journal::on_order);
    ///
    /// ORDER_PLACED.send("corner shop", &Order { id: 7 });
    /// assert_eq!(*journal.lines.lock().unwrap(), ["corner shop: 7"]);
    /// ```
    #[track_caller]
    pub fn connect_with<T, M, F>(&self, state: Arc<T>, f: F) -> Connection
    where
        T: ?Sized,
        M: PlainKind,
        F: ReceiveWith<T, S, P, O, M>,
    {
        self.receiver_with(state, f).connect()
    }

    /// Returns a builder that connects a receiver with a state and with options. See
    /// [`connect_with`](Self::connect_with).
    ///
    /// ```
    /// # use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
    /// # use signals::Signal;
    /// struct Index { last: AtomicU32 }
    ///
    /// impl Index {
    ///     fn on_save(&self, _: &str, id: &u32) {
    ///         self.last.store(*id, Ordering::Relaxed);
    ///     }
    /// }
    ///
    /// let saved = Signal::<str, u32>::new("saved");
    /// let index = Arc::new(Index { last: AtomicU32::new(0) });
    /// saved.receiver_with(index.clone(), Index::on_save).order(-10).when(|_, id| *id > 5).connect();
    /// for id in [1, 7, 2] {
    ///     saved.send("editor", &id);
    /// }
    /// assert_eq!(index.last.load(Ordering::Relaxed), 7);
    /// ```
    #[track_caller]
    pub fn receiver_with<T, M, F>(&self, state: Arc<T>, f: F) -> Receiver<'_, S, P, O, M>
    where
        T: ?Sized,
        M: PlainKind,
        F: ReceiveWith<T, S, P, O, M>,
    {
        let receivable = f.into_receivable_with(State::strong(state));
        Receiver::new(&self.hub, receivable, Location::caller()).named_as(type_name::<F>)
    }

    /// Connects a receiver that is lent its owner with each call, and is disconnected when the owner is dropped.
    ///
    /// The receiver is a function of `(&T, &S, &P)`. The signal does not keep the owner alive. While the receiver runs,
    /// the owner stays alive.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use signals::Signal;
    ///
    /// static RESIZED: Signal<(), u32, u32> = Signal::new("resized");
    ///
    /// struct Window { scale: u32 }
    ///
    /// impl Window {
    ///     fn on_resize(&self, _: &(), width: &u32) -> Option<u32> {
    ///         Some(self.scale * width)
    ///     }
    /// }
    ///
    /// let window = Arc::new(Window { scale: 2 });
    /// RESIZED.connect_weak(&window, Window::on_resize);
    /// assert_eq!(RESIZED.send(&(), &40).first(), Some(&80));
    ///
    /// drop(window);
    /// assert!(!RESIZED.has_receivers());
    /// ```
    #[track_caller]
    pub fn connect_weak<T, M, F>(&self, owner: &Arc<T>, f: F) -> Connection
    where
        T: Any + Send + Sync,
        M: PlainKind,
        F: ReceiveWith<T, S, P, O, M>,
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
        M: PlainKind,
        F: ReceiveWith<T, S, P, O, M>,
    {
        let receivable = f.into_receivable_with(State::weak(owner));
        let receiver = Receiver::new(&self.hub, receivable, Location::caller());
        receiver.named_as(type_name::<F>).weak(owner)
    }

    /// Calls the receivers in order, and returns their answers.
    ///
    /// If a receiver fails or panics, the others are still called. Receivers may connect, disconnect and send:
    /// a send calls the receivers that were connected when it began, except those that are disconnected
    /// before their turn.
    #[inline]
    pub fn send(&self, sender: &S, payload: &P) -> Outcomes<O> {
        match self.hub.run(sender, payload) {
            Some(outcomes) => outcomes,
            None => self.send_the_long_way(sender, payload),
        }
    }

    // Out of line, so that the quick way has a small stack frame.
    #[inline(never)]
    fn send_the_long_way(&self, sender: &S, payload: &P) -> Outcomes<O> {
        self.emit(sender, payload).collect()
    }

    /// Returns an iterator that calls one receiver each time it is advanced.
    ///
    /// While the iterator lives, the captures of its receivers do: a wait for one of them on the same thread
    /// ([`Connection::disconnect_and_wait`]) would not end.
    ///
    /// Use iterator adapters on the answers. Stopping early skips the remaining receivers.
    ///
    /// ```
    /// use signals::{Answer, Signal};
    ///
    /// static MAY_CLOSE: Signal<str, u32, bool> = Signal::new("may_close");
    ///
    /// MAY_CLOSE.connect(|_, unsaved| Some(*unsaved == 0));
    /// MAY_CLOSE.connect(|_, _| Some(true));
    ///
    /// // The first "no" settles it: the second receiver is not asked.
    /// let mut answers = MAY_CLOSE.emit("editor", &3).filter_map(Answer::into_outcome);
    /// assert!(!answers.all(|yes| yes));
    /// ```
    pub fn emit<'a>(&'a self, sender: &'a S, payload: &'a P) -> Emit<'a, S, P, O> {
        let walk = Walk::new(self.hub.shared(), sender, payload);
        Emit {
            list: walk.find().hold(),
            walk,
        }
    }
}

/// An iterator over the answers of a send. See [`Signal::emit`].
#[must_use = "no receiver is called until this is advanced"]
pub struct Emit<'a, S: ?Sized, P: ?Sized, O> {
    // Dropped first: observers, who hear of the end from the walk, may wait for a receiver.
    list: List<S, P, O>,
    walk: Walk<'a, S, P, O>,
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Iterator for Emit<'_, S, P, O> {
    type Item = Answer<O>;

    fn next(&mut self) -> Option<Answer<O>> {
        let at = self.walk.enter(&self.list);
        let mut turn = Turn::new();
        // Only an `AsyncSignal` takes receivers that would still run after it.
        let is_over = !self.walk.step(&at, &mut turn);
        (!is_over).then(|| turn.answer(&self.list))
    }
}

// A panic of a receiver is caught. The sender and the payload are what the caller lends.
impl<S, P, O> UnwindSafe for Emit<'_, S, P, O>
where
    S: ?Sized + RefUnwindSafe,
    P: ?Sized + RefUnwindSafe,
{
}
impl<S, P, O> RefUnwindSafe for Emit<'_, S, P, O>
where
    S: ?Sized + RefUnwindSafe,
    P: ?Sized + RefUnwindSafe,
{
}

impl<S: ?Sized, P: ?Sized, O> fmt::Debug for Emit<'_, S, P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emit").finish_non_exhaustive()
    }
}
