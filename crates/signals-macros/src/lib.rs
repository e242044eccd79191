//! The `#[receiver]` attribute of the `signals` crate. That crate re-exports the attribute; use it from there.

mod args;
mod block;
mod expand;
mod home;
mod registration;

use proc_macro::TokenStream;

/// Registers a function as a receiver of a signal, where the function is written.
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
/// The function is unchanged and can be called. No call at start-up is needed: a signal collects its registered
/// receivers when it is first used. They run before receivers of the same order that are connected by hand, and
/// among themselves in the order of the paths of their functions (`crate::module::function`), then by line. So
/// the order is the same in every build.
///
/// The first argument is the path of a `static` signal. The options are those of a receiver that is connected
/// by hand:
///
/// | option | means |
/// |---|---|
/// | `order = -10` | where it runs: lower runs earlier; the default is 0 |
/// | `name = "audit"` | its name; the default is the path of the function |
/// | `before = "x"`, `after = "y"` | runs it before or after the receivers of that name; may be repeated |
/// | `from = SENDER` | runs it for this sender only |
/// | `when = condition` | runs it only if `condition(&sender, &payload)` returns `true`; may be repeated |
/// | `once`, `times = 3` | disconnects it after so many calls |
/// | `key = "x"` | makes it unique in its signal |
/// | `timeout = duration` | fails a call that takes longer (async; feature `tokio`) |
/// | `detached` | runs it in the background (async; feature `tokio`) |
/// | `crate = path` | where the `signals` crate is found |
///
/// Without `crate`, the attribute reads the manifest of the package. It looks for a dependency on
/// `named-signals`, then for one on `oauth-dance`, which re-exports it, each under any name. If the package has
/// both, a dependency that is optional or for development alone comes last. If it has neither, the path is
/// `::signals`.
///
/// # Functions of a type
///
/// A function of an `impl` block is registered in the same way. The block itself needs the attribute too, without
/// arguments, because the name of the type is known only there.
///
/// ```text
/// #[receiver]
/// impl Audit {
///     #[receiver(ORDER_PLACED, order = -10)]
///     fn placed(shop: &Shop, order: &Order) { … }
/// }
/// ```
///
/// Without the attribute on the block, the compiler says that "`const` items in this context need a name".
///
/// The receiver is named by the module, the type and the function. A method takes `self` and cannot be
/// registered. Connect it with its object: `ORDER_PLACED.connect_with(object, Type::method)`.
///
/// # Libraries
///
/// If the program uses no item of a library, the linker leaves that library out, with its receivers. Write
/// `use my_receivers as _;` in the program to keep them, and assert the set with `signals::collected()`.
#[proc_macro_attribute]
pub fn receiver(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::receiver(args.into(), &item.into()).into()
}
