//! Senders that can be told apart, so that a receiver can be bound to one of them.

use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher as _, Hash, Hasher};
use std::sync::{Arc, LazyLock, Weak};

use foldhash::fast::RandomState;

use crate::failure::{caught, drop_quietly};

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
    /// If so, a receiver bound to the key is disconnected. See [`from`](crate::Receiver::from). A panic counts as
    /// `false`.
    fn is_gone(_key: &Self::Key) -> bool {
        false
    }
}

/// The sender a receiver is bound to.
pub(crate) trait Bound<S: ?Sized>: Send + Sync {
    /// Whether no sender can match any more.
    fn is_gone(&self) -> bool;
    fn hash(&self) -> u64;
    /// Whether this is the key.
    fn is_key(&self, key: &dyn Any) -> bool;
    fn probe(&self) -> Probe<S>;
}

/// Lets a function look at the hash of a sender's key, and at the key.
pub(crate) type Probe<S> = fn(&S, &mut dyn FnMut(u64, &dyn Any));

/// A key that a receiver is bound to.
pub(crate) struct Key<K> {
    /// Taken out to be dropped, where a panic is caught.
    key: Option<K>,
    hash: u64,
}

static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::default);

impl<K: Hash> Key<K> {
    pub(crate) fn of<S: Sender<Key = K> + ?Sized>(sender: &S) -> Self {
        // Made first, so that the key is dropped quietly also if its hash panics.
        let mut key = Self {
            key: Some(sender.key()),
            hash: 0,
        };
        key.hash = STATE.hash_one(key.key.as_ref().expect("it is there until it is dropped"));
        key
    }
}

impl<K> Drop for Key<K> {
    fn drop(&mut self) {
        drop_quietly(self.key.take());
    }
}

impl<S, K> Bound<S> for Key<K>
where
    S: Sender<Key = K> + ?Sized,
    K: Eq + Hash + Send + Sync + 'static,
{
    fn is_gone(&self) -> bool {
        let is_gone = |key| caught(|| S::is_gone(key)).unwrap_or(false);
        self.key.as_ref().is_some_and(is_gone)
    }

    fn hash(&self) -> u64 {
        self.hash
    }

    fn is_key(&self, key: &dyn Any) -> bool {
        let key = key.downcast_ref::<Option<K>>();
        key.is_some_and(|key| *key == self.key)
    }

    fn probe(&self) -> Probe<S> {
        |sender, look| {
            let key = Self::of(sender);
            look(key.hash, &key.key);
        }
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
