//! Signals found by name and type, in a namespace of the process or of the caller's own.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::async_signal::AsyncSignal;
use crate::error::NameTaken;
use crate::signal::Signal;

/// A set of signals that are found by name.
///
/// [`named`] and [`named_async`] use one that the whole process shares. A namespace of your own keeps its names
/// apart from those.
///
/// ```
/// use signals::Namespace;
///
/// static PLUGINS: Namespace = Namespace::new();
///
/// let saved = PLUGINS.signal::<str, u32, ()>("saved")?;
/// saved.connect(|_: &str, _: &u32| Some(()));
/// assert_eq!(PLUGINS.signal::<str, u32, ()>("saved")?.send("editor", &1).ran(), 1);
///
/// let error = PLUGINS.signal::<str, String, ()>("saved").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the signal `saved` is Signal<str, u32, ()>, not Signal<str, alloc::string::String, ()>",
/// );
/// # Ok::<_, signals::NameTaken>(())
/// ```
#[derive(Debug)]
pub struct Namespace {
    signals: Mutex<BTreeMap<String, Entry>>,
}

struct Entry {
    types: String,
    signal: Arc<dyn Any + Send + Sync>,
}

impl Namespace {
    /// Returns an empty namespace.
    pub const fn new() -> Self {
        Self {
            signals: Mutex::new(BTreeMap::new()),
        }
    }

    /// Returns the signal of this name. If there is none, creates it.
    ///
    /// # Errors
    ///
    /// [`NameTaken`] if the name belongs to a signal of other types.
    pub fn signal<S, P, O>(&self, name: &str) -> Result<Arc<Signal<S, P, O>>, NameTaken>
    where
        S: ?Sized + 'static,
        P: ?Sized + 'static,
        O: 'static,
    {
        self.find(name, types::<S, P, O>("Signal"), Signal::with_name)
    }

    /// Returns the async signal of this name. If there is none, creates it.
    ///
    /// # Errors
    ///
    /// [`NameTaken`] if the name belongs to a signal of other types.
    pub fn async_signal<S, P, O>(&self, name: &str) -> Result<Arc<AsyncSignal<S, P, O>>, NameTaken>
    where
        S: ?Sized + 'static,
        P: ?Sized + 'static,
        O: 'static,
    {
        self.find(
            name,
            types::<S, P, O>("AsyncSignal"),
            AsyncSignal::with_name,
        )
    }

    /// Returns the names that are taken, in alphabetical order.
    pub fn names(&self) -> Vec<String> {
        self.signals.lock().keys().cloned().collect()
    }

    /// Gives a name back, and returns whether it was taken. The signal lives on where it is held; the next call
    /// that asks for the name gets a new signal.
    ///
    /// For the names of tenants, plug-ins and others that come and go.
    ///
    /// ```
    /// let tenants = signals::Namespace::new();
    /// let saved = tenants.signal::<str, u32, ()>("acme.saved")?;
    /// assert!(tenants.remove("acme.saved"));
    /// assert_eq!(tenants.names().len(), 0);
    /// # drop(saved);
    /// # Ok::<_, signals::NameTaken>(())
    /// ```
    pub fn remove(&self, name: &str) -> bool {
        let removed = self.signals.lock().remove(name);
        // The last of a signal may go here, with the captures of its receivers: not under the lock.
        removed.is_some()
    }

    fn find<T: Any + Send + Sync>(
        &self,
        name: &str,
        wanted: String,
        make: impl FnOnce(String) -> T,
    ) -> Result<Arc<T>, NameTaken> {
        let mut signals = self.signals.lock();
        let Some(entry) = signals.get(name) else {
            let signal = Arc::new(make(name.to_owned()));
            let entry = Entry {
                types: wanted,
                signal: signal.clone(),
            };
            signals.insert(name.to_owned(), entry);
            return Ok(signal);
        };
        let signal = Arc::clone(&entry.signal);
        signal.downcast().map_err(|_| NameTaken {
            name: name.to_owned(),
            existing: entry.types.clone(),
            wanted,
        })
    }
}

// As the signals in it.
impl std::panic::UnwindSafe for Namespace {}
impl std::panic::RefUnwindSafe for Namespace {}

impl Default for Namespace {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.types)
    }
}

fn types<S: ?Sized, P: ?Sized, O>(kind: &str) -> String {
    format!(
        "{kind}<{}, {}, {}>",
        std::any::type_name::<S>(),
        std::any::type_name::<P>(),
        std::any::type_name::<O>()
    )
}

static NAMED: Namespace = Namespace::new();

/// Returns the namespace of the whole process, in which [`named`] and [`named_async`] find signals.
pub fn process() -> &'static Namespace {
    &NAMED
}

/// Returns the signal of this name in the process. If there is none, creates it.
///
/// Signals in a `static` are not found here, because the program refers to them by their path. See
/// [`Namespace`].
///
/// # Errors
///
/// [`NameTaken`] if the name belongs to a signal of other types.
pub fn named<S, P, O>(name: &str) -> Result<Arc<Signal<S, P, O>>, NameTaken>
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
{
    NAMED.signal(name)
}

/// Returns the async signal of this name in the process. If there is none, creates it. See [`named`].
///
/// # Errors
///
/// [`NameTaken`] if the name belongs to a signal of other types.
pub fn named_async<S, P, O>(name: &str) -> Result<Arc<AsyncSignal<S, P, O>>, NameTaken>
where
    S: ?Sized + 'static,
    P: ?Sized + 'static,
    O: 'static,
{
    NAMED.async_signal(name)
}
