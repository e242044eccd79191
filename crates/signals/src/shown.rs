//! A sender or a payload of any type, as observers see it.

use std::any::{Any, type_name};
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

/// The sender or the payload of a send, for observers that know its type.
///
/// ```
/// use signals::{Event, Signal};
///
/// struct Order { total: u32 }
///
/// static ORDER_PLACED: Signal<str, Order, ()> = Signal::new("order_placed");
///
/// // One observer of all signals, which audits those that carry an order.
/// let _audit = signals::observe(|event: &Event<'_>| {
///     if let Event::Sent { signal, payload, .. } = event
///         && let Some(total) = payload.look(|order: &Order| order.total)
///     {
///         println!("{signal}: {total}");
///     }
/// });
/// ORDER_PLACED.send("corner shop", &Order { total: 20 });
/// ```
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    show: &'a dyn Fn(&mut dyn Any),
    type_name: &'static str,
}

/// Who looks at a value of this type.
struct Look<T: ?Sized>(Option<Looks<T>>);

type Looks<T> = Box<dyn FnOnce(&T)>;

/// Returns what shows a value to those who look.
pub(crate) fn show<T: ?Sized + 'static>(value: &T) -> impl Fn(&mut dyn Any) {
    |looking| {
        let looking = looking.downcast_mut::<Look<T>>();
        if let Some(look) = looking.and_then(|Look(look)| look.take()) {
            look(value);
        }
    }
}

impl<'a> Shown<'a> {
    pub(crate) fn new<T: ?Sized>(show: &'a dyn Fn(&mut dyn Any)) -> Self {
        let type_name = type_name::<T>();
        Self { show, type_name }
    }

    /// Calls the function with the value if it has this type, and returns what that returned.
    ///
    /// The type is that of the signal: `str` and not `String` for a `Signal<str, …>`.
    pub fn look<T: ?Sized + 'static, R: 'static>(
        &self,
        look: impl FnOnce(&T) -> R + 'static,
    ) -> Option<R> {
        let seen = Rc::new(Cell::new(None));
        let kept = Rc::clone(&seen);
        let mut looking = Look::<T>(Some(Box::new(move |value| kept.set(Some(look(value))))));
        (self.show)(&mut looking);
        seen.take()
    }

    /// Returns the name of the type, as [`std::any::type_name`] writes it.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name)
    }
}
