//! A picture of the program: every signal with its receivers, as text or as a Mermaid diagram.

use std::fmt::{self, Write as _};

use crate::in_use::{SignalInfo, all};

/// Every signal in use with its receivers, in the order in which they run. `Display` writes it as text.
///
/// ```
/// static MAPPED: signals::Signal<str, u32, ()> = signals::Signal::new("mapped");
///
/// MAPPED.receiver(|_: &str, _: &u32| ()).named("audit").order(-10).connect();
///
/// let text = signals::map().to_string();
/// assert!(text.starts_with("mapped: Signal<str, u32, ()>\n  1. audit"));
/// assert!(signals::map().mermaid().starts_with("flowchart LR\n"));
/// ```
#[derive(Clone, Debug)]
pub struct Map {
    signals: Vec<SignalInfo>,
}

/// Returns the map of the signals in use, as [`all`] lists them.
pub fn map() -> Map {
    Map { signals: all() }
}

impl Map {
    /// Returns the signals on the map, sorted by name.
    pub fn signals(&self) -> &[SignalInfo] {
        &self.signals
    }

    /// Returns the map as a Mermaid flow chart: signals on the left, receivers on the right, in order.
    pub fn mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for (index, signal) in self.signals.iter().enumerate() {
            let name = escaped(&signal.name);
            // Writing to a string cannot fail.
            let _ = writeln!(chart, "    s{index}{{{{\"{name}\"}}}}");
            for receiver in &signal.receivers {
                let position = receiver.position();
                let (name, file) = (escaped(receiver.name()), escaped(receiver.file()));
                let line = receiver.line();
                let _ = writeln!(
                    chart,
                    "    s{index} -- {} --> s{index}r{position}[\"{name} <br/> {file}:{line}\"]",
                    position + 1
                );
            }
        }
        chart
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for signal in &self.signals {
            let kind = if signal.is_async {
                "AsyncSignal"
            } else {
                "Signal"
            };
            let (sender, payload, outcome) = (signal.sender, signal.payload, signal.outcome);
            writeln!(f, "{}: {kind}<{sender}, {payload}, {outcome}>", signal.name)?;
            for receiver in &signal.receivers {
                write!(f, "  {}. {receiver}", receiver.position() + 1)?;
                if receiver.order() != 0 {
                    write!(f, ", order {}", receiver.order())?;
                }
                for name in receiver.before() {
                    write!(f, ", before {name}")?;
                }
                for name in receiver.after() {
                    write!(f, ", after {name}")?;
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// A text within quotes, in which Mermaid knows entities of its own and takes the rest for HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '"' => escaped.push_str("#quot;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '#' => escaped.push_str("#35;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
