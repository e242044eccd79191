//! A signal that keeps the value that was sent last, for receivers that connect later.

use std::any::Any;
use std::borrow::Borrow;
use std::convert::Infallible;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, OnceLock};

use crate::connection::Connection;
use crate::info::ReceiverInfo;
use crate::mute::Muted;
use crate::receive::{PlainKind, Receive};
use crate::receiver::{Receiver, Since};
use crate::sends::{Queue, Sends};
use crate::signal::Signal;
use crate::turns::{Gate, Present, Turn, Turns, Value};
use crate::with_state::ReceiveWith;

/// A signal that keeps the value that was sent last: a receiver that connects later hears it at once.
///
/// Use it for what *is* (the theme, the configuration, the state of a connection) rather than for what happens.
///
/// ```
/// use signals::Sticky;
///
/// #[derive(Clone, Debug, PartialEq)]
/// enum Theme { Light, Dark }
///
/// /// Sent when the user chooses a theme.
/// static THEME: Sticky<(), Theme> = Sticky::new("theme");
///
/// # let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
/// # let painted = seen.clone();
/// # let paint = move |theme: &Theme| painted.lock().unwrap().push(theme.clone());
/// THEME.send(&(), &Theme::Dark);
///
/// // Paints in dark now, and again after each change.
/// THEME.connect(move |_, theme| paint(theme));
///
/// THEME.send(&(), &Theme::Light);
/// # assert_eq!(*seen.lock().unwrap(), [Theme::Dark, Theme::Light]);
/// assert_eq!(THEME.latest(), Some(Theme::Light));
/// ```
///
/// # What a receiver hears
///
/// The value that was sent last before the receiver was connected, if there is one, and then every value that is sent
/// after it: each once, in the order in which they were sent. This holds for any number of threads that send and
/// connect at the same time.
///
/// To keep this promise, a sticky signal delivers one value at a time:
///
/// - If a receiver sends the signal that it is hearing, or connects to it, the value or the greeting is delivered after
///   the present value has been delivered, not within it. A signal without memory would call the receivers depth first.
/// - If several threads send at the same time, one of them delivers the values of all. The other calls of
///   [`send`](Self::send) return before their values have been heard. The same holds for [`connect`](Self::connect):
///   the thread that delivers calls the receiver.
/// - To greet a receiver, the signal asks each connected receiver whether it is the one. Connecting to a signal with a
///   thousand receivers takes as long as one send.
/// - Up to 1024 values wait. If there are more, `send` waits for room. No lock is held while a receiver runs.
///
/// Receivers return nothing, or a `Result` with nothing. A failure reaches the observers; with the feature `tracing`, it
/// becomes a warning. The options of a receiver apply to the first value too: with
/// [`from`](Receiver::from) or [`when`](Receiver::when) it may be passed over, and
/// [`once`](Receiver::once) may end with it.
///
/// Receivers are plain functions. For async code, use [`stream`](Self::stream). A receiver registered with `#[receiver]`
/// hears every value from the first one on.
pub struct Sticky<S: ?Sized + ToOwned = (), P: ?Sized + ToOwned = ()> {
    signal: Signal<S, P, Infallible>,
    turns: Turns<S::Owned, P::Owned>,
    present: OnceLock<Arc<Present>>,
}

impl<S: ?Sized + ToOwned, P: ?Sized + ToOwned> Sticky<S, P> {
    /// Returns a sticky signal of this name, without a value; a `static` can hold it.
    pub const fn new(name: &'static str) -> Self {
        Self {
            signal: Signal::new(name),
            turns: Turns::new(),
            present: OnceLock::new(),
        }
    }

    /// Returns the name of the signal.
    pub fn name(&self) -> &str {
        self.signal.name()
    }
}

impl<S, P> Sticky<S, P>
where
    S: ?Sized + ToOwned<Owned: Send + Sync> + 'static,
    P: ?Sized + ToOwned<Owned: Send + Sync> + 'static,
{
    /// Keeps a clone of sender and payload as the latest value, and calls the receivers in order.
    ///
    /// If this thread or another one is delivering a value already, that delivery calls the receivers, and this call may
    /// return before. See [the type](Self#what-a-receiver-hears).
    ///
    /// # Panics
    ///
    /// Panics if this is called by a receiver of the signal while 1024 values wait: a wait for room would never end. The
    /// panic is a failure of that receiver.
    pub fn send(&self, sender: &S, payload: &P) {
        let value = Arc::new(Value::of(sender, payload));
        let pushed = self.turns.push(&value);
        assert!(
            pushed.is_ok(),
            "the receivers of the sticky signal `{}` send it faster than they hear it",
            self.name()
        );
        drop((pushed, value));
        self.deliver();
    }

    /// Returns a clone of the payload that was sent last, or `None` if there is none.
    ///
    /// ```
    /// # use signals::Sticky;
    /// let volume = Sticky::<(), u32>::new("volume");
    /// assert_eq!(volume.latest(), None);
    /// volume.send(&(), &5);
    /// assert_eq!(volume.latest(), Some(5));
    /// ```
    pub fn latest(&self) -> Option<P::Owned> {
        let latest = self.turns.latest()?;
        let (_, payload) = latest.get();
        let payload: &P = payload.borrow();
        Some(payload.to_owned())
    }

    /// Forgets the latest value: a receiver that connects later hears the next one first.
    ///
    /// Returns whether there was a value.
    ///
    /// ```
    /// # use signals::Sticky;
    /// let volume = Sticky::<(), u32>::new("volume");
    /// volume.send(&(), &5);
    /// assert!(volume.forget());
    /// volume.connect(|_, level| assert_ne!(*level, 5));
    /// ```
    pub fn forget(&self) -> bool {
        self.turns.forget().is_some()
    }

    /// Connects a receiver. It hears the latest value, if there is one, and then every value that is sent.
    ///
    /// The receiver is called within this call, unless a value is being delivered at that moment. See
    /// [the type](Self#what-a-receiver-hears).
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use signals::Sticky;
    /// let volume = Sticky::<(), u32>::new("volume");
    /// volume.send(&(), &5);
    ///
    /// let shown = Arc::new(Mutex::new(0));
    /// let shows = shown.clone();
    /// volume.connect(move |_, level| *shows.lock().unwrap() = *level);
    /// assert_eq!(*shown.lock().unwrap(), 5);
    /// ```
    #[track_caller]
    pub fn connect<M, F>(&self, f: F) -> Connection
    where
        M: PlainKind,
        F: Receive<S, P, Infallible, M>,
    {
        self.receiver(f).connect()
    }

    /// Returns a builder that connects a receiver with options.
    ///
    /// ```
    /// # use signals::Sticky;
    /// let volume = Sticky::<(), u32>::new("volume");
    /// volume.send(&(), &0);
    /// volume.receiver(|_, level| assert!(*level > 0)).named("meter").when(|_, level| *level > 0).connect();
    /// volume.send(&(), &5);
    /// ```
    ///
    /// # Panics
    ///
    /// [`Receiver::connect`] panics if an option is set twice, if `before` and `after` form a circle, or if the key is
    /// taken. [`Receiver::try_connect`] returns an error instead.
    #[track_caller]
    pub fn receiver<M, F>(&self, f: F) -> Receiver<'_, S, P, Infallible, M>
    where
        M: PlainKind,
        F: Receive<S, P, Infallible, M>,
    {
        self.gated(self.signal.receiver(f))
    }

    /// Connects a receiver that is lent a state with each call. See [`Signal::connect_with`].
    #[track_caller]
    pub fn connect_with<T, M, F>(&self, state: Arc<T>, f: F) -> Connection
    where
        T: ?Sized,
        M: PlainKind,
        F: ReceiveWith<T, S, P, Infallible, M>,
    {
        self.receiver_with(state, f).connect()
    }

    /// Returns a builder that connects a receiver with a state and with options. See [`Signal::receiver_with`].
    #[track_caller]
    pub fn receiver_with<T, M, F>(&self, state: Arc<T>, f: F) -> Receiver<'_, S, P, Infallible, M>
    where
        T: ?Sized,
        M: PlainKind,
        F: ReceiveWith<T, S, P, Infallible, M>,
    {
        self.gated(self.signal.receiver_with(state, f))
    }

    /// Connects a receiver that is lent its owner, and is disconnected when the owner is dropped. See
    /// [`Signal::connect_weak`].
    #[track_caller]
    pub fn connect_weak<T, M, F>(&self, owner: &Arc<T>, f: F) -> Connection
    where
        T: Any + Send + Sync,
        M: PlainKind,
        F: ReceiveWith<T, S, P, Infallible, M>,
    {
        self.receiver_weak(owner, f).connect()
    }

    /// Returns a builder that connects a receiver with an owner and with options. See [`Signal::receiver_weak`].
    #[track_caller]
    pub fn receiver_weak<T, M, F>(&self, owner: &Arc<T>, f: F) -> Receiver<'_, S, P, Infallible, M>
    where
        T: Any + Send + Sync,
        M: PlainKind,
        F: ReceiveWith<T, S, P, Infallible, M>,
    {
        self.gated(self.signal.receiver_weak(owner, f))
    }

    /// Returns a stream of the latest value and of every value that is sent, each projected to a value that the caller
    /// owns. See [`Signal::stream`].
    ///
    /// ```
    /// use signals::Sticky;
    ///
    /// static ONLINE: Sticky<str, bool> = Sticky::new("online");
    ///
    /// # let run = async {
    /// ONLINE.send("modem", &true);
    /// let mut online = ONLINE.stream(8, |_, online| *online);
    /// assert_eq!(online.next().await, Some(true));
    /// # };
    /// # assert!(std::pin::pin!(run).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is 0.
    #[track_caller]
    pub fn stream<T: Send + 'static>(
        &self,
        capacity: usize,
        project: impl Fn(&S, &P) -> T + Send + Sync + 'static,
    ) -> Sends<T> {
        let queue = Queue::new(capacity);
        let feed = queue.feed();
        let receiver = self.receiver(move |sender: &S, payload: &P| {
            feed.push(project(sender, payload));
        });
        Sends::new(queue, receiver.named("stream").order(i32::MIN).connect())
    }

    /// Returns whether any receiver is connected.
    pub fn has_receivers(&self) -> bool {
        self.signal.has_receivers()
    }

    /// Returns the connected receivers, in the order in which they run.
    pub fn receivers(&self) -> Vec<ReceiverInfo> {
        self.signal.receivers()
    }

    /// Disconnects every receiver, and returns how many there were. The latest value stays.
    pub fn disconnect_all(&self) -> usize {
        self.signal.disconnect_all()
    }

    /// Mutes the signal until the guard is dropped: values are kept as the latest, and call no receiver.
    pub fn mute(&self) -> Muted<'_> {
        self.signal.mute()
    }

    /// Has a receiver hear what was sent last before it was connected, and what is sent after that.
    fn gated<'s, M>(
        &'s self,
        receiver: Receiver<'s, S, P, Infallible, M>,
    ) -> Receiver<'s, S, P, Infallible, M> {
        let gate = Gate::closed();
        let (present, own) = (Arc::clone(self.present()), Arc::clone(&gate));
        receiver
            .when(move |_, _| own.admits(&present))
            .and_then(move |since| match since {
                Since::Now => {
                    self.turns.open(&gate);
                    self.deliver();
                }
                Since::TheStart => gate.open(),
            })
    }

    fn present(&self) -> &Arc<Present> {
        self.present.get_or_init(|| Arc::new(Present::new()))
    }

    fn deliver(&self) {
        let present = self.present();
        self.turns.run(|turn: Turn<S::Owned, P::Owned>| {
            let value = present.is(turn);
            let (sender, payload) = value.get();
            self.signal.send(sender.borrow(), payload.borrow());
        });
    }
}

#[cfg(feature = "inventory")]
impl<S, P> crate::collect::Target for Sticky<S, P>
where
    S: ?Sized + ToOwned<Owned: Send + Sync> + 'static,
    P: ?Sized + ToOwned<Owned: Send + Sync> + 'static,
{
    fn address(&self) -> usize {
        self.signal.address()
    }

    fn name(&self) -> &str {
        self.signal.name()
    }

    fn touch(&self) {
        self.signal.touch();
    }
}

// As the signal itself: a panic of a receiver is caught, and values are replaced as a whole.
impl<S: ?Sized + ToOwned, P: ?Sized + ToOwned> UnwindSafe for Sticky<S, P> {}
impl<S: ?Sized + ToOwned, P: ?Sized + ToOwned> RefUnwindSafe for Sticky<S, P> {}

impl<S: ?Sized + ToOwned, P: ?Sized + ToOwned> fmt::Debug for Sticky<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sticky")
            .field("name", &self.name())
            .field("has_value", &self.turns.latest().is_some())
            .finish_non_exhaustive()
    }
}
