//! Makes a good answer bad.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;

use crate::answer::Answer;
use crate::faults::delivery::Delivery;

/// What is done to an answer.
#[derive(Debug, Clone)]
pub(crate) enum Spoil {
    Instead(Answer),
    Deliver(Delivery),
    Truncate,
    Set(String, Value),
    SetRaw(String, String),
    Remove(String),
    ScopeArray,
    FormEncoded,
    Header(HeaderName, HeaderValue),
    Status(StatusCode),
}

impl Spoil {
    /// Spoils an honest answer.
    pub(crate) fn apply(&self, answer: &mut Answer) {
        match self {
            Self::Instead(_) | Self::Deliver(_) => {}
            Self::Truncate => {
                let half = answer.body().len() / 2;
                answer.body_mut().truncate(half);
            }
            Self::Status(status) => *answer.status_mut() = *status,
            Self::Header(name, value) => {
                answer.headers_mut().insert(name, value.clone());
            }
            Self::Set(name, value) => edit(answer, |json| json[name] = value.clone()),
            Self::SetRaw(name, raw) => {
                edit(answer, |json| json[name] = RAW_MARK.into());
                let marked = String::from_utf8_lossy(answer.body());
                let body = marked.replace(&format!("\"{RAW_MARK}\""), raw);
                *answer.body_mut() = Bytes::from(body);
            }
            Self::Remove(name) => edit(answer, |json| {
                json.as_object_mut().and_then(|json| json.remove(name));
            }),
            Self::ScopeArray => edit(answer, |json| {
                let scope = json["scope"].as_str().unwrap_or_default();
                json["scope"] = scope.split_whitespace().collect();
            }),
            Self::FormEncoded => form_encode(answer),
        }
    }
}

/// Stands for text that is put in after the JSON was written.
const RAW_MARK: &str = "raw-member-goes-here";

/// Changes a JSON object; another body stays as it is.
fn edit(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if let Ok(mut json @ Value::Object(_)) = serde_json::from_slice(answer.body()) {
        change(&mut json);
        *answer.body_mut() = Bytes::from(json.to_string());
    }
}

fn form_encode(answer: &mut Answer) {
    let Ok(Value::Object(json)) = serde_json::from_slice(answer.body()) else {
        return;
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &json {
        match value {
            Value::String(text) => form.append_pair(name, text),
            other => form.append_pair(name, &other.to_string()),
        };
    }
    *answer.body_mut() = Bytes::from(form.finish());
    answer.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
}
