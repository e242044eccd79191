//! A check of the whole program, for a test or for its start: what goes unnoticed otherwise.

use std::collections::BTreeMap;
use std::fmt;

use crate::in_use::{SignalInfo, all};
use crate::info::ReceiverInfo;
use crate::namespace::process;

/// So many receivers that were connected in one line have piled up.
const PILE: usize = 100;

/// Something that [`lint`] has found. `Display` says what is wrong, where, and what to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Finding {
    /// A receiver is to run before or after receivers of a name that no receiver of its signal has.
    #[non_exhaustive]
    UnknownName {
        /// The name of the signal.
        signal: String,
        /// The receiver.
        receiver: ReceiverInfo,
        /// The option: `before` or `after`.
        option: &'static str,
        /// The name.
        name: String,
        /// The nearest name that a receiver has, if any is near.
        nearest: Option<String>,
    },
    /// A function is registered with `#[receiver]`, and also connected to the same signal by hand.
    #[non_exhaustive]
    ConnectedTwice {
        /// The name of the signal.
        signal: String,
        /// The receiver that was registered.
        registered: ReceiverInfo,
        /// The receiver that was connected.
        connected: ReceiverInfo,
    },
    /// 100 receivers or more that were connected in one source line are still connected.
    ///
    /// Receivers that are bound to a sender or tied to an owner do not count.
    #[non_exhaustive]
    PiledUp {
        /// The name of the signal.
        signal: String,
        /// The first of the receivers.
        first: ReceiverInfo,
        /// How many there are.
        receivers: usize,
    },
    /// A signal that [`named`](crate::named) has found or created has no receivers, and its name is nearly that of a signal
    /// that has some.
    #[non_exhaustive]
    UnheardName {
        /// The name of the signal.
        signal: String,
        /// The name of the other signal.
        nearest: String,
    },
}

/// Checks every signal in use, and returns what is probably a mistake.
///
/// Call it in a test, or when the program has started. It costs nothing unless it is called.
///
/// ```
/// use signals::Signal;
///
/// static SAVED: Signal<str, u32, ()> = Signal::new("saved");
///
/// SAVED.receiver(|_: &str, _: &u32| ()).named("audit").connect();
/// SAVED.receiver(|_: &str, _: &u32| ()).named("backup").before("adit").connect();
///
/// let findings = signals::lint();
/// assert!(findings[0].to_string().ends_with("did you mean `audit`?"));
/// ```
///
/// # Panics
///
/// Panics if registered receivers cannot be connected, as every use of their signal does.
pub fn lint() -> Vec<Finding> {
    let signals = all();
    let mut findings = Vec::new();
    for signal in &signals {
        unknown_names(signal, &mut findings);
        connected_twice(signal, &mut findings);
        piled_up(signal, &mut findings);
    }
    unheard_names(&signals, &mut findings);
    findings
}

fn unknown_names(signal: &SignalInfo, findings: &mut Vec<Finding>) {
    let names = || signal.receivers.iter().map(ReceiverInfo::name);
    for receiver in &signal.receivers {
        let before = receiver.before().map(|name| ("before", name));
        let wanted = before.chain(receiver.after().map(|name| ("after", name)));
        for (option, name) in wanted.filter(|(_, name)| !names().any(|other| other == *name)) {
            let others = names().filter(|other| *other != receiver.name());
            findings.push(Finding::UnknownName {
                signal: signal.name.clone(),
                receiver: receiver.clone(),
                option,
                name: name.to_owned(),
                nearest: nearest(name, others),
            });
        }
    }
}

fn connected_twice(signal: &SignalInfo, findings: &mut Vec<Finding>) {
    let (registered, connected): (Vec<_>, Vec<_>) = signal
        .receivers
        .iter()
        .partition(|receiver| receiver.is_registered());
    for one in registered {
        let is_same = |other: &&&ReceiverInfo| {
            // Two that are bound may be to two senders.
            other.type_name() == one.type_name() && !(one.is_tied() && other.is_tied())
        };
        if let Some(other) = connected.iter().find(is_same) {
            findings.push(Finding::ConnectedTwice {
                signal: signal.name.clone(),
                registered: one.clone(),
                connected: (*other).clone(),
            });
        }
    }
}

fn piled_up(signal: &SignalInfo, findings: &mut Vec<Finding>) {
    let mut lines: BTreeMap<_, (&ReceiverInfo, usize)> = BTreeMap::new();
    let connected = signal.receivers.iter();
    for receiver in connected.filter(|it| !it.is_registered() && !it.is_tied()) {
        let line = (receiver.file(), receiver.line());
        lines.entry(line).or_insert((receiver, 0)).1 += 1;
    }
    for (first, receivers) in lines.into_values().filter(|(_, count)| *count >= PILE) {
        findings.push(Finding::PiledUp {
            signal: signal.name.clone(),
            first: first.clone(),
            receivers,
        });
    }
}

fn unheard_names(signals: &[SignalInfo], findings: &mut Vec<Finding>) {
    let (unheard, heard): (Vec<_>, Vec<_>) = signals
        .iter()
        .partition(|signal| signal.receivers.is_empty());
    let named = process().names();
    for signal in unheard {
        let is_heard = heard.iter().any(|other| other.name == signal.name);
        if is_heard || named.binary_search(&signal.name).is_err() {
            continue;
        }
        let others = heard.iter().map(|other| other.name.as_str());
        if let Some(nearest) = nearest(&signal.name, others) {
            let signal = signal.name.clone();
            findings.push(Finding::UnheardName { signal, nearest });
        }
    }
}

/// Returns the name that `name` was probably meant to be. A function may be meant that goes by its path.
fn nearest<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> Option<String> {
    let tolerance = name.chars().count().max(3) / 3;
    let distance = |other: &str| {
        let function = other.rsplit("::").next().unwrap_or(other);
        let distances = [other, function].map(|other| strsim::osa_distance(name, other));
        distances.into_iter().min()
    };
    let near = others.filter_map(|other| Some((distance(other)?, other)));
    let nearest = near.filter(|(distance, _)| *distance <= tolerance).min();
    nearest.map(|(_, other)| other.to_owned())
}

impl Finding {
    /// Returns the name of the signal in which it was found.
    pub fn signal(&self) -> &str {
        match self {
            Self::UnknownName { signal, .. }
            | Self::ConnectedTwice { signal, .. }
            | Self::PiledUp { signal, .. }
            | Self::UnheardName { signal, .. } => signal,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signal `{}`: ", self.signal())?;
        match self {
            Self::UnknownName {
                receiver,
                option,
                name,
                nearest,
                ..
            } => {
                write!(
                    f,
                    "{receiver} is to run {option} `{name}`, a name that no receiver has: "
                )?;
                match nearest {
                    Some(nearest) => write!(f, "did you mean `{nearest}`?"),
                    None => f.write_str("remove the option, or connect a receiver of that name"),
                }
            }
            Self::ConnectedTwice {
                registered,
                connected,
                ..
            } => write!(
                f,
                "{registered} is registered with `#[receiver]` and also connected in {}:{}, so it runs twice: \
                 remove one of the two",
                connected.file(),
                connected.line()
            ),
            Self::PiledUp {
                first, receivers, ..
            } => write!(
                f,
                "{receivers} receivers are connected in {}:{}: disconnect each when its time is over (`scoped`), tie \
                 it to an owner (`weak`), or give it a `key`",
                first.file(),
                first.line()
            ),
            Self::UnheardName { nearest, .. } => write!(
                f,
                "it was found by name and has no receivers: did you mean `{nearest}`?"
            ),
        }
    }
}
