//! The options of a receiver, set one after the other before it is connected.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
#[cfg(feature = "tokio")]
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

#[cfg(feature = "tokio")]
use crate::answer::Answered;
use crate::conditions::Conditions;
use crate::connection::Connection;
use crate::detach::{self, Task};
use crate::engine::{Candidate, Code, Details};
use crate::error::ConnectError;
#[cfg(feature = "tokio")]
use crate::failure::Failure;
use crate::failure::Quietly;
use crate::hub::Hub;
use crate::info::{Meta, Site, TypeName, default_name};
use crate::receive::{Async, Receivable};
use crate::sender::{Key, Sender};

/// A builder for a receiver with options.
///
/// [`Signal::receiver`](crate::Signal::receiver) and [`AsyncSignal::receiver`](crate::AsyncSignal::receiver)
/// return it. [`connect`](Self::connect) connects the receiver.
///
/// ```
/// use signals::Signal;
///
/// static GREETED: Signal<str, String, String> = Signal::new("greeted");
///
/// GREETED.connect(|_, name| Some(format!("hello {name}")));
/// GREETED
///     .receiver(|_, _| Some("first".to_owned()))
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
    code: Code<S, P, O>,
    place: &'static Location<'static>,
    /// Made when the first option is set, for most receivers have none.
    options: Option<Box<Options<S, P>>>,
    /// What is done when it has been connected.
    then: Option<Then<'s>>,
    kind: PhantomData<fn() -> M>,
}

/// What was asked for when connecting.
struct Options<S: ?Sized, P: ?Sized> {
    meta: Meta,
    conditions: Conditions<S, P>,
    replace: bool,
    /// The options that have been set and can be set once.
    set: Vec<&'static str>,
    /// The first of them that was set twice.
    repeated: Option<&'static str>,
}

/// What is done when a receiver has been connected.
type Then<'s> = Box<dyn FnOnce(Since) + Send + Sync + 's>;

/// Since when a receiver is one of its signal.
pub(crate) enum Since {
    Now,
    /// Before the signal is first used, because it is registered at its function.
    TheStart,
}

impl<'s, S: ?Sized + 'static, P: ?Sized + 'static, O: 'static, M> Receiver<'s, S, P, O, M> {
    pub(crate) fn new(
        hub: &'s Hub<S, P, O>,
        receivable: Receivable<S, P, O>,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            hub,
            code: receivable.0,
            place,
            options: None,
            then: None,
            kind: PhantomData,
        }
    }

    /// Names the receiver by another type than that of the closure that calls it.
    pub(crate) fn named_as(mut self, type_name: TypeName) -> Self {
        self.options().meta.type_name = type_name;
        self
    }

    /// Does something when the receiver has been connected.
    pub(crate) fn and_then(mut self, then: impl FnOnce(Since) + Send + Sync + 's) -> Self {
        self.then = Some(Box::new(then));
        self
    }

    fn options(&mut self) -> &mut Options<S, P> {
        let (place, type_name) = (self.place, self.code.get().type_name());
        self.options.get_or_insert_with(|| {
            Box::new(Options {
                meta: Meta::new(place, type_name),
                conditions: Conditions::NONE,
                replace: false,
                set: Vec::new(),
                repeated: None,
            })
        })
    }

    /// Returns the options to set one that can be set once. Of two calls one would go unheard, so connecting
    /// refuses them.
    fn option(&mut self, option: &'static str) -> &mut Options<S, P> {
        let options = self.options();
        if options.set.contains(&option) {
            options.repeated.get_or_insert(option);
        }
        options.set.push(option);
        options
    }

    /// Sets the order of the receiver: lower runs earlier. The default is 0.
    ///
    /// Receivers of equal order run in the order in which they were connected.
    pub fn order(mut self, order: i32) -> Self {
        self.option("order").meta.order = order;
        self
    }

    /// Runs the receiver before every receiver of that name. This takes precedence over `order`.
    ///
    /// The receiver with this option moves, and the named ones keep their places. If no receiver has the
    /// name, the option has no effect until one is connected. [`lint`](crate::lint()) finds such names.
    pub fn before(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.options().meta.before.push(name.into());
        self
    }

    /// Runs the receiver after every receiver of that name. See [`before`](Self::before).
    pub fn after(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.options().meta.after.push(name.into());
        self
    }

    /// Sets the name of the receiver, for `before` and `after`, for failures and for observers.
    ///
    /// Without this option, a function is named by its path and a closure by `file:line:column`.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.option("named").meta.name = Some(name.into());
        self
    }

    /// Binds the receiver to one sender: it runs for sends by this sender only.
    ///
    /// A signal finds bound receivers by the hash of the sender, so receivers bound to other senders do not
    /// slow a send down. Keys are hashed with random seeds. The hash is quick rather than cryptographic: an
    /// attacker who chooses keys and measures many sends may find some that collide.
    ///
    /// If a receiver is bound to an `Arc` and the `Arc` is dropped, the receiver is never called again. The
    /// signal disconnects it when receivers are listed, or when more are connected: soon if few are bound, and
    /// before dead ones outnumber living ones. To disconnect it at once, let the sender own the connection:
    ///
    /// ```
    /// use std::sync::{Arc, OnceLock};
    /// use signals::{Scoped, Signal};
    ///
    /// struct Shop { on_sale: OnceLock<Scoped> }
    ///
    /// static SOLD: Signal<Arc<Shop>, u32> = Signal::new("sold");
    ///
    /// let shop = Arc::new(Shop { on_sale: OnceLock::new() });
    /// let connection = SOLD.receiver(|_, _| ()).from(&shop).connect();
    /// shop.on_sale.set(connection.scoped()).unwrap();
    /// drop(shop);
    /// assert!(!SOLD.has_receivers());
    /// ```
    pub fn from(mut self, sender: &S) -> Self
    where
        S: Sender,
    {
        self.option("from").conditions.bound = Some(Arc::new(Key::of(sender)));
        self
    }

    /// Runs the receiver only if `condition` returns `true`. Several conditions must all return `true`.
    pub fn when(mut self, condition: impl Fn(&S, &P) -> bool + Send + Sync + 'static) -> Self {
        self.options().conditions.when.push(Box::new(condition));
        self
    }

    /// Runs the receiver once, then disconnects it. A send that skips the receiver does not count.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Runs the receiver `times` times, then disconnects it. With 0 it never runs.
    pub fn times(mut self, times: u64) -> Self {
        self.option("times").conditions.left = Some(AtomicU64::new(times));
        self
    }

    /// Ties the receiver to an owner, without keeping the owner alive.
    ///
    /// When the owner is dropped, the receiver is disconnected. While the receiver runs, the owner stays alive. A receiver
    /// that captures the owner in an `Arc` would keep it alive after all:
    /// [`receiver_weak`](crate::Signal::receiver_weak) lends the owner to the receiver.
    pub fn weak<T: Any + Send + Sync>(mut self, owner: &Arc<T>) -> Self {
        self.option("weak").conditions.owner = Some(Box::new(Arc::downgrade(owner)));
        self
    }

    /// Makes the connection unique in its signal: another receiver with the same key is refused.
    pub fn key(mut self, key: impl Into<Cow<'static, str>>) -> Self {
        self.option("key").meta.key = Some(key.into());
        self
    }

    /// Replaces the receiver that has the same [`key`](Self::key), instead of being refused.
    pub fn replace(mut self) -> Self {
        self.options().replace = true;
        self
    }

    /// Connects the receiver.
    ///
    /// # Panics
    ///
    /// Panics if [`try_connect`](Self::try_connect) would return an error: if an option is set twice, if `before`
    /// and `after` form a circle, or if the key is taken.
    #[track_caller]
    pub fn connect(self) -> Connection {
        self.try_connect()
            .unwrap_or_else(|error| panic!("cannot connect the receiver: {error}"))
    }

    /// Connects the receiver. If that fails, the signal is unchanged.
    ///
    /// # Errors
    ///
    /// - [`ConnectError::Repeated`] if an option was set twice. `before`, `after` and `when` add up.
    /// - [`ConnectError::Cycle`] if `before` and `after` form a circle.
    /// - [`ConnectError::DuplicateKey`] if another receiver is connected with the same key.
    pub fn try_connect(mut self) -> Result<Connection, ConnectError> {
        if let Some(option) = self.options.as_ref().and_then(|options| options.repeated) {
            return Err(ConnectError::Repeated { option });
        }
        let then = self.then.take();
        let (hub, candidate) = self.into_candidate();
        let shared = hub.shared();
        let joined = shared.connect(candidate)?;
        let connection = Connection::new(joined, shared, &shared.core().exits);
        if let Some(then) = then {
            then(Since::Now);
        }
        Ok(connection)
    }

    /// Adds the receiver to the list of a collection of registered receivers.
    #[doc(hidden)]
    pub fn register(mut self, site: (&'static str, u32, u32), into: &mut dyn Any) {
        let meta = &mut self.options().meta;
        let (file, line, column) = site;
        meta.site = Site { file, line, column };
        meta.is_registered = true;
        if let Some(then) = self.then.take() {
            then(Since::TheStart);
        }
        let (_, candidate) = self.into_candidate();
        let candidates: Option<&mut Vec<Candidate<S, P, O>>> = into.downcast_mut();
        candidates
            .expect("the signal collects its own receivers")
            .push(candidate);
    }

    fn into_candidate(self) -> (&'s Hub<S, P, O>, Candidate<S, P, O>) {
        let details = self.options.map(|options| {
            let Options {
                mut meta,
                conditions,
                replace: replaces,
                ..
            } = *options;
            meta.is_tied = conditions.is_tied();
            Box::new(Details {
                meta: Arc::new(meta),
                conditions,
                replaces,
                instead_of: None,
            })
        });
        let candidate = Candidate {
            code: self.code,
            place: self.place,
            details,
        };
        (self.hub, candidate)
    }
}

impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> Receiver<'_, S, P, O, Async> {
    /// Runs the receiver in the background: each call passes a task to `spawn`, and the send continues with the
    /// next receiver at once. For the sender, the receiver returned no outcome.
    ///
    /// The receiver works on clones of sender and payload. An outcome comes too late and is dropped. A failure
    /// reaches the observers.
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
        self.option("detached");
        if let Some(code) = self.code.get_mut().as_async() {
            code.launch = Quietly(Some(detach::launch(spawn)));
        }
        self
    }

    /// Runs the receiver in the background, on a task of the tokio runtime in which the signal is sent. See
    /// [`detached_on`](Self::detached_on).
    ///
    /// Outside of a tokio runtime, each call is a failure.
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

    /// Limits the time of each call. When the limit is over, the receiver is cancelled, and the call is a
    /// failure.
    ///
    /// The timer is tokio's: outside of a tokio runtime, each call is a failure.
    #[cfg(feature = "tokio")]
    pub fn timeout(mut self, limit: std::time::Duration) -> Self {
        self.option("timeout");
        if let Some(code) = self.code.get_mut().as_async() {
            let unlimited = Arc::clone(code.start.get());
            code.start = Quietly(Some(Arc::new(move |sender, payload| {
                // Quietly, for it is dropped with the future around it, also when that panics.
                let mut answering = Quietly(Some(unlimited(sender, payload)));
                Box::pin(async move {
                    let answer = poll_fn(|cx| answering.get_mut().as_mut().poll_verdict(cx));
                    let answer = tokio::time::timeout(limit, answer).await;
                    Answered(answer.unwrap_or_else(|_| Err(Failure::timed_out(limit))))
                })
            })));
        }
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

// As the signals themselves: each option is set as a whole.
impl<S: ?Sized, P: ?Sized, O, M> std::panic::UnwindSafe for Receiver<'_, S, P, O, M> {}
impl<S: ?Sized, P: ?Sized, O, M> std::panic::RefUnwindSafe for Receiver<'_, S, P, O, M> {}

impl<S: ?Sized, P: ?Sized, O, M> fmt::Debug for Receiver<'_, S, P, O, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = match &self.options {
            Some(options) => (options.meta.name(), options.meta.order),
            None => (default_name(self.code.get().type_name(), self.place), 0),
        };
        f.debug_struct("Receiver")
            .field("name", &about.0)
            .field("order", &about.1)
            .finish_non_exhaustive()
    }
}
