//! The identity of a receiver: its name, where it is written, its place in the order.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use parking_lot::Mutex;

/// What is fixed about a receiver when it is connected.
#[derive(Clone)]
pub(crate) enum About {
    /// No option was set: all follows from where it was connected, and from its type.
    Plain(&'static Location<'static>, TypeName),
    Full(Arc<Meta>),
}

/// Gives the name of a receiver's type.
pub(crate) type TypeName = fn() -> &'static str;

/// What is known of a receiver for which an option was set.
pub(crate) struct Meta {
    /// The name it was given, if any.
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) type_name: TypeName,
    pub(crate) site: Site,
    pub(crate) order: i32,
    pub(crate) before: Vec<Cow<'static, str>>,
    pub(crate) after: Vec<Cow<'static, str>>,
    pub(crate) key: Option<Cow<'static, str>>,
    /// Whether it is tied to something that may go.
    pub(crate) is_tied: bool,
    /// Whether it was registered at its function.
    pub(crate) is_registered: bool,
}

impl Meta {
    /// That of a receiver for which no option has been set yet.
    pub(crate) fn new(place: &'static Location<'static>, type_name: TypeName) -> Self {
        Self {
            name: None,
            type_name,
            site: place.into(),
            order: 0,
            before: Vec::new(),
            after: Vec::new(),
            key: None,
            is_tied: false,
            is_registered: false,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match &self.name {
            Some(name) => name,
            None => default_name(self.type_name, self.site),
        }
    }

    /// Whether it names others that it must run before or after.
    pub(crate) fn is_constrained(&self) -> bool {
        !self.before.is_empty() || !self.after.is_empty()
    }
}

impl About {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Plain(place, type_name) => default_name(*type_name, *place),
            Self::Full(meta) => meta.name(),
        }
    }

    pub(crate) fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Plain(..) => None,
            Self::Full(meta) => Some(meta),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Plain(_, type_name) => type_name(),
            Self::Full(meta) => (meta.type_name)(),
        }
    }

    fn site(&self) -> Site {
        match self {
            Self::Plain(place, _) => (*place).into(),
            Self::Full(meta) => meta.site,
        }
    }
}

/// The name of a receiver that was given none: the path of a function, the place of a closure.
pub(crate) fn default_name(type_name: TypeName, site: impl Into<Site>) -> &'static str {
    let path = type_name();
    // Closures have no name of their own, and a function pointer shows only its signature.
    if path.contains("{{") || path.contains(['(', '<', '&', ' ']) {
        site.into().written_out()
    } else {
        path
    }
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl From<&'static Location<'static>> for Site {
    fn from(location: &'static Location<'static>) -> Self {
        Self {
            file: location.file(),
            line: location.line(),
            column: location.column(),
        }
    }
}

impl Site {
    /// `file:line:column`, written out once for as long as the process runs, as the source has it: there
    /// are no more of these than places in the source.
    fn written_out(self) -> &'static str {
        static WRITTEN_OUT: Mutex<BTreeMap<Site, &'static str>> = Mutex::new(BTreeMap::new());
        let mut written_out = WRITTEN_OUT.lock();
        written_out
            .entry(self)
            .or_insert_with(|| Box::leak(self.to_string().into()))
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A description of a receiver: its name, its source line, its order, its position in the list.
#[derive(Clone)]
pub struct ReceiverInfo {
    about: About,
    position: usize,
}

impl ReceiverInfo {
    pub(crate) const fn new(about: About, position: usize) -> Self {
        Self { about, position }
    }

    /// Returns the name that the receiver was given. Without one, a function has its path, and a closure
    /// `file:line:column`.
    pub fn name(&self) -> &str {
        self.about.name()
    }

    /// Returns the file in which the receiver was written or connected.
    pub fn file(&self) -> &'static str {
        self.about.site().file
    }

    /// Returns the line in which the receiver was written or connected.
    pub fn line(&self) -> u32 {
        self.about.site().line
    }

    /// Returns the order of the receiver: lower runs earlier. The default is 0.
    pub fn order(&self) -> i32 {
        self.about.meta().map_or(0, |meta| meta.order)
    }

    /// Returns the place of the receiver among those that a send concerns, or that were listed, counted from 0.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns the key that makes the connection unique, if it has one.
    pub fn key(&self) -> Option<&str> {
        self.about.meta()?.key.as_deref()
    }

    /// Returns whether the receiver was registered at its function, with `#[receiver]`.
    pub fn is_registered(&self) -> bool {
        self.about.meta().is_some_and(|meta| meta.is_registered)
    }

    /// Whether it is tied to something that may go.
    pub(crate) fn is_tied(&self) -> bool {
        self.about.meta().is_some_and(|meta| meta.is_tied)
    }

    /// The name of its type: the path of a function.
    pub(crate) fn type_name(&self) -> &'static str {
        self.about.type_name()
    }

    /// Returns the names of the receivers that this one has to run before.
    pub fn before(&self) -> impl Iterator<Item = &str> {
        let meta = self.about.meta().into_iter();
        meta.flat_map(|meta| &meta.before).map(AsRef::as_ref)
    }

    /// Returns the names of the receivers that this one has to run after.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        let meta = self.about.meta().into_iter();
        meta.flat_map(|meta| &meta.after).map(AsRef::as_ref)
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

/// Writes `name (file:line)`.
impl fmt::Display for ReceiverInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.name(), self.file(), self.line())
    }
}
