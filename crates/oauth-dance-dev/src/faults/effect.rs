//! What is done to an honest answer.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::answer::Answer;

/// What is done about a [`Fault`](super::Fault).
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// This is answered, and nothing done.
    Instead(Answer),
    /// The browser is sent back with these parameters, and no person is asked.
    Refuse(Vec<(String, String)>),
    IgnorePkce,
    Set(String, Value),
    SetRaw(String, String),
    Remove(String),
    Repeat(String),
    ScopeArray,
    FormEncode,
    Truncate,
    Header(HeaderName, HeaderValue),
    Status(StatusCode),
    Endless,
    Slow(Duration),
    Never,
    HangUp,
    Raw(Bytes),
}

impl Effect {
    /// Whether a test that injects this at `endpoint` can see it.
    pub(crate) fn shows_at(&self, endpoint: Endpoint) -> bool {
        match self {
            Self::Refuse(_) | Self::IgnorePkce => endpoint == Endpoint::Authorization,
            Self::SetRaw(..) | Self::ScopeArray | Self::FormEncode => {
                endpoint != Endpoint::Authorization
            }
            _ => true,
        }
    }

    /// Whether members of the body, or parameters of the redirect, change.
    pub(crate) fn is_about_fields(&self) -> bool {
        matches!(self, Self::Set(..) | Self::Remove(_) | Self::Repeat(_))
    }

    /// Whether the answer changes, whatever it says.
    pub(crate) fn is_about_http(&self) -> bool {
        !self.is_about_fields() && !matches!(self, Self::Refuse(_) | Self::IgnorePkce)
    }

    /// Changes the honest answer of an endpoint.
    pub(crate) fn spoil(&self, answer: &mut Answer) {
        match self {
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
            Self::Repeat(name) => repeat(answer, name),
            Self::ScopeArray => edit(answer, |json| {
                let scope = json["scope"].as_str().unwrap_or_default();
                json["scope"] = scope.split_whitespace().collect();
            }),
            Self::FormEncode => form_encode(answer),
            Self::Truncate => {
                let half = answer.body().len() / 2;
                answer.body_mut().truncate(half);
            }
            Self::Header(name, value) => {
                answer.headers_mut().insert(name, value.clone());
            }
            Self::Status(status) => *answer.status_mut() = *status,
            Self::Instead(_)
            | Self::Refuse(_)
            | Self::IgnorePkce
            | Self::Endless
            | Self::Slow(_)
            | Self::Never
            | Self::HangUp
            | Self::Raw(_) => {}
        }
    }

    /// Changes the parameters of a redirect to the application.
    pub(crate) fn spoil_parameters(&self, parameters: &mut Vec<(String, String)>) {
        match self {
            Self::Set(name, value) => {
                parameters.retain(|(known, _)| known != name);
                parameters.push((name.clone(), text(value)));
            }
            Self::Remove(name) => parameters.retain(|(known, _)| known != name),
            Self::Repeat(name) => {
                let repeated = parameters.iter().find(|(known, _)| known == name).cloned();
                parameters.extend(repeated);
            }
            _ => {}
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

/// Writes a member of a JSON object a second time, which no JSON library does.
fn repeat(answer: &mut Answer, name: &str) {
    let Ok(Value::Object(json)) = serde_json::from_slice(answer.body()) else {
        return;
    };
    if let Some(value) = json.get(name) {
        let repeated = format!(",{}:{value}}}", Value::from(name));
        let mut body = Value::Object(json.clone()).to_string();
        body.pop();
        *answer.body_mut() = Bytes::from(body + &repeated);
    }
}

fn form_encode(answer: &mut Answer) {
    let Ok(Value::Object(json)) = serde_json::from_slice(answer.body()) else {
        return;
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &json {
        form.append_pair(name, &text(value));
    }
    *answer.body_mut() = Bytes::from(form.finish());
    answer.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
