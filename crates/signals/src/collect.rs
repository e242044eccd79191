//! Receivers registered at their function with `#[receiver]`, found through the linker.

use std::any::Any;

/// A receiver as its registration left it, before its signal is used.
///
/// Made by `#[receiver]` only.
#[derive(Clone, Copy)]
pub struct Registration {
    target: fn() -> &'static dyn Target,
    collect: fn(&mut dyn Any),
    name: &'static str,
    /// The module and the function in it.
    path: (&'static str, &'static str),
    file: &'static str,
    line: u32,
    column: u32,
}

/// A signal that receivers can be registered for: a `static` [`Signal`](crate::Signal),
/// [`AsyncSignal`](crate::AsyncSignal) or [`Sticky`](crate::Sticky) signal.
#[diagnostic::on_unimplemented(
    message = "`#[receiver]` needs the path of a `static` signal, and `{Self}` is not a signal",
    label = "not a signal"
)]
pub trait Target: Sync {
    /// Returns a number that identifies the signal.
    fn address(&self) -> usize;
    /// Returns the name of the signal.
    fn name(&self) -> &str;
    /// Makes the signal collect its registered receivers, if it has not yet.
    fn touch(&self);
}

impl Registration {
    /// Returns the registration of a receiver, from what the attribute knows of it.
    pub const fn new(
        target: fn() -> &'static dyn Target,
        collect: fn(&mut dyn Any),
        name: &'static str,
        path: (&'static str, &'static str),
        (file, line, column): (&'static str, u32, u32),
    ) -> Self {
        Self {
            target,
            collect,
            name,
            path,
            file,
            line,
            column,
        }
    }
}

inventory::collect!(Registration);

/// A receiver that was registered at its function with `#[receiver]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// The name of its signal.
    pub signal: &'static str,
    /// The name of the receiver.
    pub name: &'static str,
    /// The file it is written in.
    pub file: &'static str,
    /// The line it is written in.
    pub line: u32,
}

/// Returns every receiver that was registered with `#[receiver]` and linked into this program, in the order of the
/// paths of their functions (`crate::module::function`).
///
/// If the program uses no item of a library, the linker leaves that library out, with its receivers. Name the
/// crate (`use my_receivers as _;`) to keep them. A start-up check or a test can assert the set:
///
/// ```
/// use signals::{Signal, receiver};
///
/// static SAVED: Signal<str, u32> = Signal::new("saved");
///
/// #[receiver(SAVED, name = "audit")]
/// fn audit(_: &str, id: &u32) { println!("{id}") }
///
/// # fn main() {
/// assert!(signals::collected().iter().any(|found| found.signal == "saved" && found.name == "audit"));
/// # }
/// ```
pub fn collected() -> Vec<Collected> {
    let registrations = sorted(|_| true).into_iter();
    registrations
        .map(|registration| Collected {
            signal: (registration.target)().name(),
            name: registration.name,
            file: registration.file,
            line: registration.line,
        })
        .collect()
}

/// Returns whether any receiver is registered for the signal of this address.
pub(crate) fn is_any(address: usize) -> bool {
    let mut registered = inventory::iter::<Registration>.into_iter();
    registered.any(|registration| (registration.target)().address() == address)
}

/// Has the receivers registered for the signal of this address add themselves to the list of its candidates, in their
/// order. Their options are code of the user.
pub(crate) fn run(address: usize, candidates: &mut dyn Any) {
    for registration in sorted(|registration| (registration.target)().address() == address) {
        (registration.collect)(candidates);
    }
}

/// Has every signal that receivers are registered for collect them.
pub(crate) fn touch_all() {
    for registration in inventory::iter::<Registration> {
        (registration.target)().touch();
    }
}

fn sorted(wanted: impl Fn(&Registration) -> bool) -> Vec<Registration> {
    let registered = inventory::iter::<Registration>.into_iter().copied();
    let mut registrations: Vec<_> = registered.filter(wanted).collect();
    // The linker hands them out in any order. Paths of files depend on where a crate is built, and paths of functions
    // do not.
    registrations.sort_by_key(|found| (found.path, found.line, found.column, found.file));
    registrations
}
