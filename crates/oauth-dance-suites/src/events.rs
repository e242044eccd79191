//! What a developer reads in the log: the events of `oauth-dance` on this thread.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

/// An event, by the names of its fields. The text is called `message`. A field that it does not have is empty.
#[derive(Debug, Clone, Default)]
pub struct Event(BTreeMap<&'static str, String>);

impl Index<&str> for Event {
    type Output = str;

    fn index(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }
}

/// Returns the events that `oauth-dance` leaves while `run` runs, on this thread.
pub async fn events_of(run: impl Future<Output = ()>) -> Vec<Event> {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    run.await;
    let events = log.0.lock();
    events.clone()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Event>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("oauth_dance")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(Event::default());
        event.record(&mut fields);
        self.0.lock().push(fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields(Event);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.0.insert(field.name(), value.to_owned());
    }
}
