//! A.12: what reaches `tracing`.
#![cfg(feature = "tracing")]

mod support;

use std::fmt::{self, Write as _};

use signals::{Signal, ToTracing};
use support::Log;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

struct Lines(Log);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if matches!(
            field.name(),
            "message" | "failure" | "outcome" | "why" | "complete"
        ) {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "signals"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.0.note(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a12_tracing_gets_failures_as_warnings_and_the_rest_as_debug_events() {
    let log = Log::default();
    let _watching = signals::observe(ToTracing);
    tracing::subscriber::with_default(Lines(log.clone()), || {
        let signal = Signal::<str, u32, u32>::new("traced").describe(u32::to_string);
        signal.connect(|_: &str, n: &u32| Some(*n));
        signal.connect(|_: &str, _: &u32| Err::<(), _>("lost"));
        signal
            .receiver(|_: &str, _: &u32| ())
            .when(|_, _| false)
            .connect();
        log.take();
        signal.send("s", &4);
    });
    assert_eq!(
        log.take(),
        [
            "DEBUG message=sent",
            "TRACE message=called",
            "DEBUG message=answered outcome=\"4\"",
            "TRACE message=called",
            "WARN message=failed failure=lost",
            "DEBUG message=skipped why=its condition said no",
            "DEBUG message=done complete=true",
            // The signal goes, and its receivers with it.
            "DEBUG message=disconnected",
            "DEBUG message=disconnected",
            "DEBUG message=disconnected",
        ]
    );
}
