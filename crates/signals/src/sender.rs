//! Senders that can be told apart, so that a receiver can be bound to one of them.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

use foldhash::fast::RandomState;

/// A sender that receivers can be bound to with [`from`](crate::Receiver::from).
///
/// Two senders are the same if their keys are equal. Strings, integers, and `Arc`s (by address) are senders
/// already. For a type of your own, return what identifies it:
///
/// ```
/// struct Shop { name: String }
///
/// impl signals::Sender for Shop {
///     type Key = String;
///     fn key(&self) -> String { self.name.clone() }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "receivers cannot be bound to a `{Self}`",
    note = "implement `signals::Sender` for `{Self}` to say what identifies one"
)]
pub trait Sender {
    /// The type of what identifies a sender.
    type Key: Eq + Hash + Send + Sync + 'static;

    /// Returns the key of this sender.
    fn key(&self) -> Self::Key;

    /// Returns whether no sender can ever have this key again.
    ///
    /// If so, a receiver bound to the key is disconnected. See [`from`](crate::Receiver::from).
    fn is_gone(_key: &Self::Key) -> bool {
        false
    }
}

/// The sender a receiver is bound to.
pub(crate) trait Bound<S: ?Sized>: Send + Sync {
    fn matches(&self, sender: &S) -> bool;
    /// Whether no sender can match any more.
    fn is_gone(&self) -> bool;
    /// An empty table for receivers that are bound by such keys.
    fn by_sender(&self) -> Box<dyn BySender<S>>;
    /// The group of this sender in such a table; if it has none, it gets the `new` one.
    fn group_in(&self, table: &mut dyn BySender<S>, new: usize) -> usize;
}

/// Finds the group of a sender.
pub(crate) trait BySender<S: ?Sized>: Send + Sync {
    fn find(&self, sender: &S) -> Option<usize>;
    /// The table itself.
    fn as_any(&mut self) -> &mut dyn Any;
}

/// A key that a receiver is bound to.
pub(crate) struct Key<K>(Arc<K>);

/// Groups by key.
struct Groups<K>(HashMap<Arc<K>, usize, RandomState>);

impl<K> Key<K> {
    pub(crate) fn of<S: Sender<Key = K> + ?Sized>(sender: &S) -> Self {
        Self(Arc::new(sender.key()))
    }
}

impl<S, K> Bound<S> for Key<K>
where
    S: Sender<Key = K> + ?Sized,
    K: Eq + Hash + Send + Sync + 'static,
{
    fn matches(&self, sender: &S) -> bool {
        sender.key() == *self.0
    }

    fn is_gone(&self) -> bool {
        S::is_gone(&self.0)
    }

    fn by_sender(&self) -> Box<dyn BySender<S>> {
        Box::new(Groups::<K>(HashMap::default()))
    }

    fn group_in(&self, table: &mut dyn BySender<S>, new: usize) -> usize {
        let groups = table.as_any().downcast_mut::<Groups<K>>();
        let Groups(groups) = groups.expect("a type of senders has one type of keys");
        *groups.entry(Arc::clone(&self.0)).or_insert(new)
    }
}

impl<S, K> BySender<S> for Groups<K>
where
    S: Sender<Key = K> + ?Sized,
    K: Eq + Hash + Send + Sync + 'static,
{
    fn find(&self, sender: &S) -> Option<usize> {
        self.0.get(&sender.key()).copied()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl Sender for str {
    type Key = Box<str>;

    fn key(&self) -> Box<str> {
        self.into()
    }
}

impl Sender for String {
    type Key = Box<str>;

    fn key(&self) -> Box<str> {
        self.as_str().into()
    }
}

impl Sender for &'static str {
    type Key = &'static str;

    fn key(&self) -> &'static str {
        self
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Sender for $integer {
            type Key = $integer;

            fn key(&self) -> $integer {
                *self
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

impl<T: ?Sized + Send + Sync + 'static> Sender for Arc<T> {
    type Key = Address<T>;

    fn key(&self) -> Address<T> {
        Address(Arc::downgrade(self))
    }

    fn is_gone(key: &Address<T>) -> bool {
        key.0.strong_count() == 0
    }
}

/// The address of an `Arc`. No other `Arc` gets the address while this key lives.
pub struct Address<T: ?Sized>(Weak<T>);

impl<T: ?Sized> PartialEq for Address<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(self.0.as_ptr(), other.0.as_ptr())
    }
}

impl<T: ?Sized> Eq for Address<T> {}

impl<T: ?Sized> Hash for Address<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_ptr().cast::<()>().hash(state);
    }
}

impl<T: ?Sized> fmt::Debug for Address<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ptr().cast::<()>().fmt(f)
    }
}
