//! What a developer reads in the log: the events of this crate.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of an event by name; the message is called `message`.
pub(crate) type Fields = BTreeMap<&'static str, String>;

/// Keeps the events of this crate.
#[derive(Clone, Default)]
pub(crate) struct Log(pub(crate) Arc<Mutex<Vec<Fields>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("oauth_dance")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Read(Fields::from([(
            "level",
            event.metadata().level().to_string(),
        )]));
        event.record(&mut fields);
        self.0.lock().push(fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Read(Fields);

impl Visit for Read {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// The events that `run` leaves.
pub(crate) async fn events_of(run: impl Future<Output = ()>) -> Vec<Fields> {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    run.await;
    log.0.lock().clone()
}

#[track_caller]
pub(crate) fn says(event: &Fields, expected: &[(&'static str, &str)]) {
    for (name, value) in expected {
        let said = event.get(name).map(String::as_str);
        assert_eq!(said, Some(*value), "{name} of {event:#?}");
    }
}
