//! The `#[receiver]` attribute of the `signals` crate, which documents and re-exports it.

mod args;
mod block;
mod expand;
mod home;
mod registration;

use proc_macro::TokenStream;

/// Registers a function as a receiver of a signal, right where the function is written.
///
/// ```text
/// use signals::{receiver, Signal};
///
/// static ORDER_PLACED: Signal<Shop, Order, Refusal> = Signal::new("order_placed");
///
/// #[receiver(ORDER_PLACED, order = -10, name = "audit")]
/// fn audit(shop: &Shop, order: &Order) { … }
/// ```
///
/// The function stays as it is and can be called. No call at start-up is needed: a signal collects its
/// registered receivers when it is first used. They run before receivers of the same order that are
/// connected by hand, and among themselves by file and line.
///
/// The first argument is the path of a `static` signal. The options are those of a receiver connected by
/// hand:
///
/// | option | means |
/// |---|---|
/// | `order = -10` | where it runs: lower runs earlier, 0 unless told |
/// | `name = "audit"` | its name; else the path of the function |
/// | `before = "x"`, `after = "y"` | runs it before or after the receivers of that name; may be repeated |
/// | `from = SENDER` | runs it for this sender only |
/// | `when = condition` | runs it only when `condition(&sender, &payload)` says yes; may be repeated |
/// | `once`, `times = 3` | disconnects it after so many calls |
/// | `key = "x"` | makes it unique in its signal |
/// | `timeout = duration` | fails it when it takes longer (async; feature `tokio`) |
/// | `detached` | runs it on in the background (async; feature `tokio`) |
/// | `crate = path` | where the `signals` crate is found, if not as `::signals` |
///
/// # Functions of a type
///
/// A function of an `impl` block is registered in the same way, when the block itself has the attribute,
/// alone: only from outside the block can the function be named by its type.
///
/// ```text
/// #[receiver]
/// impl Audit {
///     #[receiver(ORDER_PLACED, order = -10)]
///     fn placed(shop: &Shop, order: &Order) { … }
/// }
/// ```
///
/// Without the attribute on the block the compiler says that "`const` items in this context need a name".
///
/// Its name is that of the module, the type and the function. A method, which takes `self`, has no object
/// to be called on; connect a closure that has one.
///
/// # Libraries
///
/// A library that is linked but never named is dropped by the linker together with its receivers: write
/// `use my_receivers as _;` in the program, and assert the set with `signals::collected()`.
#[proc_macro_attribute]
pub fn receiver(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::receiver(args.into(), &item.into()).into()
}
