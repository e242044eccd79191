//! The options of a receiver, set one after the other before it is connected.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::conditions::{Conditions, Keep};
use crate::connection::Connection;
use crate::detach::{self, Task};
use crate::engine::Unplugged;
use crate::error::ConnectError;
#[cfg(feature = "tokio")]
use crate::failure::Failure;
use crate::hub::Hub;
use crate::info::{Meta, Site, default_name};
use crate::receive::{Async, Receivable};
use crate::sender::{Key, Sender};
use crate::shared::{Candidate, Options};

/// A receiver that is not connected yet, with the options it will have.
///
/// Made by [`Signal::receiver`](crate::Signal::receiver) and
/// [`AsyncSignal::receiver`](crate::AsyncSignal::receiver); [`connect`](Self::connect) ends it.
///
/// ```
/// use signals::Signal;
///
/// static GREETED: Signal<str, String, String> = Signal::new("greeted");
///
/// GREETED.connect(|_: &str, name: &String| Some(format!("hello {name}")));
/// GREETED
///     .receiver(|_: &str, _: &String| Some("first".to_owned()))
///     .named("early")
///     .order(-10)
///     .from("front desk")
///     .when(|_, name| !name.is_empty())
///     .connect();
///
/// let outcomes = GREETED.send("front desk", &"Ada".to_owned());
/// let texts: Vec<_> = outcomes.outcomes().map(|(_, text)| text.as_str()).collect();
/// assert_eq!(texts, ["first", "hello Ada"]);
/// ```
#[must_use = "the receiver is not connected until `.connect()`"]
pub struct Receiver<'s, S: ?Sized, P: ?Sized, O, M> {
    hub: &'s Hub<S, P, O>,
    receiver: Unplugged<S, P, O>,
    place: &'static Location<'static>,
    /// Made when the first option is set, for most receivers have none.
    options: Option<Box<Options<S, P>>>,
    kind: PhantomData<fn() -> M>,
}

impl<'s, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static, M> Receiver<'s, S, P, O, M> {
    pub(crate) fn new(
        hub: &'s Hub<S, P, O>,
        receivable: Receivable<S, P, O>,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            hub,
            receiver: receivable.0,
            place,
            options: None,
            kind: PhantomData,
        }
    }

    fn options(&mut self) -> &mut Options<S, P> {
        let (place, type_name) = (self.place, self.receiver.type_name());
        self.options.get_or_insert_with(|| {
            Box::new(Options {
                meta: Meta::new(place, type_name),
                conditions: Conditions::NONE,
                replace: false,
            })
        })
    }

    /// Where it runs: lower runs earlier. 0 unless told; receivers of equal order run in the order in
    /// which they were connected.
    pub fn order(mut self, order: i32) -> Self {
        self.options().meta.order = order;
        self
    }

    /// Runs it before every receiver of that name, whatever their `order`.
    ///
    /// The receiver asking is the one that moves. A name nobody has constrains nothing; it counts from
    /// the moment a receiver of that name is connected.
    pub fn before(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.options().meta.before.push(name.into());
        self
    }

    /// Runs it after every receiver of that name, whatever their `order`. See [`before`](Self::before).
    pub fn after(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.options().meta.after.push(name.into());
        self
    }

    /// Its name: for `before` and `after`, for failures, for observers.
    ///
    /// Without one, a function goes by its path and a closure by `file:line:column`.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.options().meta.name = Some(name.into());
        self
    }

    /// Runs it only for this sender.
    ///
    /// A signal finds the receivers bound to a sender by hash, so a send costs what the receivers cost
    /// that are concerned.
    ///
    /// A receiver bound to an `Arc` is never called again once that is gone. It is then disconnected when
    /// the receivers are listed, or when more are connected: soon where few are bound, and before those that
    /// are gone outnumber those that lived. To have it go at once, let the sender own the connection:
    ///
    /// ```
    /// use std::sync::{Arc, OnceLock};
    /// use signals::{Scoped, Signal};
    ///
    /// struct Shop { on_sale: OnceLock<Scoped> }
    ///
    /// static SOLD: Signal<Arc<Shop>, u32, ()> = Signal::new("sold");
    ///
    /// let shop = Arc::new(Shop { on_sale: OnceLock::new() });
    /// let connection = SOLD.receiver(|_: &Arc<Shop>, _: &u32| ()).from(&shop).connect();
    /// shop.on_sale.set(connection.scoped()).unwrap();
    /// drop(shop);
    /// assert!(!SOLD.has_receivers());
    /// ```
    pub fn from(mut self, sender: &S) -> Self
    where
        S: Sender,
    {
        self.options().conditions.bound = Some(Arc::new(Key::of(sender)));
        self
    }

    /// Runs it only when this says yes. Several conditions must all say yes.
    pub fn when(mut self, condition: impl Fn(&S, &P) -> bool + Send + Sync + 'static) -> Self {
        self.options().conditions.when.push(Box::new(condition));
        self
    }

    /// Runs it once, then disconnects it. A send that its conditions turn away does not count.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Runs it `times` times, then disconnects it; with 0 it is never run.
    pub fn times(mut self, times: u64) -> Self {
        self.options().conditions.left = Some(AtomicU64::new(times));
        self
    }

    /// Ties it to an owner, which it does not keep alive: once the owner is gone it is disconnected.
    /// While it runs, the owner lives.
    pub fn weak<T: Any + Send + Sync>(mut self, owner: &Arc<T>) -> Self {
        let owner = Arc::downgrade(owner);
        self.options().conditions.owner = Some(Box::new(move || {
            owner.upgrade().map(|owner| -> Keep { owner })
        }));
        self
    }

    /// Makes the connection unique in this signal: another receiver with the same key is refused.
    pub fn key(mut self, key: impl Into<Cow<'static, str>>) -> Self {
        self.options().meta.key = Some(key.into());
        self
    }

    /// With a [`key`](Self::key): takes the place of the receiver that has it, instead of being refused.
    pub fn replace(mut self) -> Self {
        self.options().replace = true;
        self
    }

    /// Connects it.
    ///
    /// # Panics
    ///
    /// When [`try_connect`](Self::try_connect) would return an error: a circle of `before` and `after`,
    /// or a key that is taken. Without these options it cannot fail.
    #[track_caller]
    pub fn connect(self) -> Connection {
        self.try_connect()
            .unwrap_or_else(|error| panic!("cannot connect the receiver: {error}"))
    }

    /// Connects it, or says why that is not possible; then nothing has changed.
    ///
    /// # Errors
    ///
    /// `before` and `after` form a circle, or the key is taken.
    pub fn try_connect(self) -> Result<Connection, ConnectError> {
        let (hub, candidate) = self.into_candidate();
        let shared = hub.shared();
        Ok(Connection::new(shared.connect(candidate)?, shared))
    }

    /// Hands it to a signal that is collecting its registered receivers.
    #[doc(hidden)]
    pub fn register(mut self, file: &'static str, line: u32, column: u32) {
        self.options().meta.site = Site { file, line, column };
        let (hub, candidate) = self.into_candidate();
        hub.found(candidate);
    }

    fn into_candidate(self) -> (&'s Hub<S, P, O>, Candidate<S, P, O>) {
        let candidate = Candidate {
            receiver: self.receiver,
            place: self.place,
            options: self.options,
        };
        (self.hub, candidate)
    }
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Receiver<'_, S, P, O, Async> {
    /// Has it run on in the background, on a task that `spawn` is handed, so that it does not hold up the
    /// send: the sender hears that it had nothing to say, and the next receiver is called.
    ///
    /// It works on clones of sender and payload. An outcome comes too late and is dropped; a failure
    /// reaches the observers. A later option about how it runs takes the place of this one.
    ///
    /// ```
    /// # use signals::AsyncSignal;
    /// static SAVED: AsyncSignal<str, u32, ()> = AsyncSignal::new("saved");
    ///
    /// async fn index(_: &str, _id: &u32) { /* takes a while */ }
    ///
    /// # let tasks = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    /// # let spawn = move |task| tasks.lock().unwrap().push(task);
    /// SAVED.receiver(index).detached_on(spawn).connect();
    /// ```
    pub fn detached_on(mut self, spawn: impl Fn(Task) + Send + Sync + 'static) -> Self
    where
        S: Sync + ToOwned<Owned: Send + Sync>,
        P: Sync + ToOwned<Owned: Send + Sync>,
    {
        // The name is that of the receiver, not of what runs it.
        self.options();
        self.receiver = Unplugged::detached(detach::launch(self.receiver, spawn));
        self
    }

    /// As [`detached_on`](Self::detached_on), on a task of the tokio runtime in which the signal is sent.
    ///
    /// Outside of one, each call is a failure.
    #[cfg(feature = "tokio")]
    pub fn detached(self) -> Self
    where
        S: Sync + ToOwned<Owned: Send + Sync>,
        P: Sync + ToOwned<Owned: Send + Sync>,
    {
        self.detached_on(|task| {
            tokio::spawn(task);
        })
    }

    /// Gives it this long to answer; then it is dropped where it stands, which is a failure.
    ///
    /// The timer is tokio's: outside of its runtime each call is a failure.
    #[cfg(feature = "tokio")]
    pub fn timeout(mut self, limit: std::time::Duration) -> Self {
        self.options();
        let receiver = self.receiver;
        self.receiver = Unplugged::starting(move |sender, payload| {
            let answering = receiver.start(sender, payload);
            Box::pin(async move {
                let Some(answering) = answering else {
                    return Ok(None);
                };
                let answer = tokio::time::timeout(limit, answering).await;
                answer.unwrap_or_else(|_| Err(Failure::timed_out(limit)))
            })
        });
        self
    }
}

/// The methods that the feature `tokio` brings. Without it they are there for the compiler to say so.
#[cfg(not(feature = "tokio"))]
impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Receiver<'_, S, P, O, Async> {
    #[doc(hidden)]
    pub fn detached(self) -> Self
    where
        Self: DetachedNeedsTokio,
    {
        self
    }

    #[doc(hidden)]
    pub fn timeout(self, _limit: std::time::Duration) -> Self
    where
        Self: TimeoutNeedsTokio,
    {
        self
    }
}

/// Implemented by nothing: its message is what it is for.
#[cfg(not(feature = "tokio"))]
#[diagnostic::on_unimplemented(
    message = "`detached` needs the feature `tokio` of `named-signals`",
    label = "a receiver is detached on tokio's runtime",
    note = "add the feature to the dependency: `cargo add named-signals --features tokio`",
    note = "on any other runtime, connect the receiver with `.detached_on(spawn)`"
)]
pub trait DetachedNeedsTokio {}

/// Implemented by nothing: its message is what it is for.
#[cfg(not(feature = "tokio"))]
#[diagnostic::on_unimplemented(
    message = "`timeout` needs the feature `tokio` of `named-signals`",
    label = "the time limit of a receiver is kept by tokio's timer",
    note = "add the feature to the dependency: `cargo add named-signals --features tokio`"
)]
pub trait TimeoutNeedsTokio {}

impl<S: ?Sized, P: ?Sized, O, M> fmt::Debug for Receiver<'_, S, P, O, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = match &self.options {
            Some(options) => (options.meta.name(), options.meta.order),
            None => (default_name(self.receiver.type_name(), self.place), 0),
        };
        f.debug_struct("Receiver")
            .field("name", &about.0)
            .field("order", &about.1)
            .finish_non_exhaustive()
    }
}
