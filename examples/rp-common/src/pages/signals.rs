//! `GET /signals`: the sends of this process so far, each with its receivers and what they said.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use signals::{CallRecord, Ran, Recorder, SendRecord};

use super::respond;

pub(crate) fn signals(recorder: &Recorder) -> Response<Bytes> {
    let sends: Vec<Value> = recorder.sends().iter().map(send).collect();
    respond::json(StatusCode::OK, &json!({ "sends": sends }))
}

fn send(send: &SendRecord) -> Value {
    json!({
        "signal": send.signal,
        "complete": send.complete,
        "receivers": send.calls.iter().map(call).collect::<Vec<_>>(),
    })
}

fn call(call: &CallRecord) -> Value {
    let (ran, text) = match &call.ran {
        Ran::Running => ("running", None),
        Ran::Nothing => ("nothing", None),
        Ran::Outcome(text) => ("outcome", Some(text.clone())),
        Ran::Failed(text) => ("failed", Some(text.clone())),
        Ran::Skipped(why) => ("skipped", Some(why.to_string())),
        Ran::Abandoned => ("abandoned", None),
        _ => ("unknown", None),
    };
    json!({
        "name": call.receiver.name(),
        "order": call.receiver.order(),
        "position": call.receiver.position(),
        "ran": ran,
        "text": text,
    })
}
