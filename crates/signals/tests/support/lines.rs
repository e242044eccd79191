//! What reaches `tracing`, written out line by line.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;

use crate::support::Log;

/// Writes a line for each event and each span that closes, with the spans that it is in.
pub(crate) struct Lines {
    log: Log,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    /// What is known of the open spans: a name, and how many hold it.
    open: HashMap<u64, (String, u32)>,
    entered: Vec<u64>,
    metadata: HashMap<u64, &'static Metadata<'static>>,
}

impl Lines {
    pub(crate) fn new(log: &Log) -> Self {
        Self {
            log: log.clone(),
            state: Mutex::default(),
        }
    }
}

/// The fields that do not change from run to run; of an event those that are not of its span.
struct Text {
    text: String,
    is_event: bool,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => write!(self.text, "{value:?}").unwrap(),
            "took" | "send" => {}
            "signal" | "receiver" if self.is_event => {}
            // Its source line follows.
            "receiver" => {
                let receiver = format!("{value:?}");
                let name = receiver.split(' ').next().unwrap_or_default();
                write!(self.text, " receiver={name}").unwrap();
            }
            name => write!(self.text, " {name}={value:?}").unwrap(),
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut state = self.state.lock().unwrap();
        let mut text = Text {
            text: span.metadata().name().to_owned(),
            is_event: false,
        };
        span.record(&mut text);
        let parent = span.parent().map(Id::into_u64);
        let parent = parent.or_else(|| state.entered.last().copied());
        if let Some((parent, _)) = parent.and_then(|id| state.open.get(&id)) {
            text.text = format!("{parent} > {}", text.text);
        }
        state.next += 1;
        let id = state.next;
        state.open.insert(id, (text.text, 1));
        state.metadata.insert(id, span.metadata());
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut state = self.state.lock().unwrap();
        let (text, _) = state.open.get_mut(&span.into_u64()).unwrap();
        let mut added = Text {
            text: std::mem::take(text),
            is_event: false,
        };
        values.record(&mut added);
        *text = added.text;
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let state = self.state.lock().unwrap();
        let span = state.entered.last().map(|id| state.open[id].0.as_str());
        let mut text = Text {
            text: format!("{} [{}] ", event.metadata().level(), span.unwrap_or("")),
            is_event: true,
        };
        event.record(&mut text);
        self.log.note(text.text);
    }

    fn current_span(&self) -> Current {
        let state = self.state.lock().unwrap();
        state.entered.last().map_or_else(Current::none, |id| {
            Current::new(Id::from_u64(*id), state.metadata[id])
        })
    }

    fn enter(&self, span: &Id) {
        self.state.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        let entered = self.state.lock().unwrap().entered.pop();
        assert_eq!(entered, Some(span.into_u64()));
    }

    fn clone_span(&self, span: &Id) -> Id {
        let mut state = self.state.lock().unwrap();
        state.open.get_mut(&span.into_u64()).unwrap().1 += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let mut state = self.state.lock().unwrap();
        let (text, holders) = state.open.get_mut(&span.into_u64()).unwrap();
        *holders -= 1;
        if *holders > 0 {
            return false;
        }
        self.log.note(format!("closed [{text}]"));
        state.open.remove(&span.into_u64());
        true
    }
}
