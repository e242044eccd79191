//! Who a receiver is: its name, where it is written, its place in the order.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

/// What is fixed about a receiver when it is connected.
#[derive(Debug)]
pub(crate) struct Meta {
    pub(crate) name: Name,
    pub(crate) site: Site,
    pub(crate) order: i32,
    pub(crate) before: Vec<Cow<'static, str>>,
    pub(crate) after: Vec<Cow<'static, str>>,
    pub(crate) key: Option<Cow<'static, str>>,
    /// The hash of the sender it is bound to, for the index.
    pub(crate) bound: Option<u64>,
    /// Whether it is tied to something that may go.
    pub(crate) is_tied: bool,
}

impl Meta {
    /// Whether it names others that it must run before or after.
    pub(crate) fn is_constrained(&self) -> bool {
        !self.before.is_empty() || !self.after.is_empty()
    }
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Site {
    pub(crate) fn of(location: &'static Location<'static>) -> Self {
        Self {
            file: location.file(),
            line: location.line(),
            column: location.column(),
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A receiver as others see it: its name, its source line, its order, its position in the list.
#[derive(Clone)]
pub struct ReceiverInfo {
    meta: Arc<Meta>,
    position: usize,
}

impl ReceiverInfo {
    pub(crate) const fn new(meta: Arc<Meta>, position: usize) -> Self {
        Self { meta, position }
    }

    /// The name given when connecting; else the path of the function; else `file:line:column`.
    pub fn name(&self) -> &str {
        self.meta.name.as_str()
    }

    /// The file in which the receiver was written or connected.
    pub fn file(&self) -> &'static str {
        self.meta.site.file
    }

    /// The line in which the receiver was written or connected.
    pub fn line(&self) -> u32 {
        self.meta.site.line
    }

    /// The order it asked for: lower runs earlier, 0 unless told.
    pub fn order(&self) -> i32 {
        self.meta.order
    }

    /// Its place in the whole list of its signal, counted from 0.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The key that makes its connection unique, if it has one.
    pub fn key(&self) -> Option<&str> {
        self.meta.key.as_deref()
    }

    /// The names of receivers it asked to run before.
    pub fn before(&self) -> impl Iterator<Item = &str> {
        self.meta.before.iter().map(AsRef::as_ref)
    }

    /// The names of receivers it asked to run after.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        self.meta.after.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for ReceiverInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiverInfo")
            .field("name", &self.name())
            .field("file", &self.file())
            .field("line", &self.line())
            .field("order", &self.order())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// `name (file:line)`.
impl fmt::Display for ReceiverInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.name(), self.file(), self.line())
    }
}

/// The name of a receiver.
#[derive(Debug)]
pub(crate) enum Name {
    /// It was given one, or it is a function and goes by its path.
    Given(Cow<'static, str>),
    /// It is a closure and goes by its place, which is written out when somebody asks.
    Place(Site, OnceLock<String>),
}

impl Name {
    /// The name of a receiver of type `F` that nobody named.
    pub(crate) fn of<F>(site: Site) -> Self {
        let path = std::any::type_name::<F>();
        // Closures have no name of their own, and a function pointer shows only its signature.
        if path.contains("{{") || path.contains(['(', '<', '&', ' ']) {
            Self::Place(site, OnceLock::new())
        } else {
            Self::Given(Cow::Borrowed(path))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Given(name) => name,
            Self::Place(site, text) => text.get_or_init(|| site.to_string()),
        }
    }
}
