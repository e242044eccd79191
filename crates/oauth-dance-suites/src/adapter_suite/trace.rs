//! Everything that the process says to `tracing` and `log`, down to TRACE, kept for the search for
//! secrets.

use std::fmt::{self, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static TEXT: Mutex<String> = Mutex::new(String::new());

/// Starts to keep what is said, for the whole process. Only the first call does something.
///
/// # Panics
///
/// If the process has another subscriber or logger: the search for secrets would then find nothing,
/// ever.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        tracing::subscriber::set_global_default(Sink::default()).expect(
            "the adapter suite reads the process's traces, so no test installs a subscriber",
        );
        log::set_logger(&Logger).expect("nor a logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// What was said, by everybody, since `mark`.
pub(crate) fn since(mark: Mark) -> String {
    TEXT.lock()[mark.0..].to_owned()
}

/// A place in what was said.
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

/// The place where the next word will be.
pub(crate) fn mark() -> Mark {
    Mark(TEXT.lock().len())
}

#[derive(Default)]
struct Sink {
    spans: AtomicU64,
}

impl Subscriber for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(format!("span {}", span.metadata().name()));
        span.record(&mut line);
        line.keep();
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line("record".to_owned());
        values.record(&mut line);
        line.keep();
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut line);
        line.keep();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        Line(format!(
            "{} {} {}",
            record.level(),
            record.target(),
            record.args()
        ))
        .keep();
    }

    fn flush(&self) {}
}

/// One event with all its fields.
struct Line(String);

impl Line {
    fn keep(self) {
        let mut text = TEXT.lock();
        text.push_str(&self.0);
        text.push('\n');
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String does not fail.
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}
