//! Reads the bodies of answers: JSON objects and forms, in linear time and with a cap on what they hold.

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::values::login_error::LoginError;

/// The most values of an answer, at any depth. The reader of JSON bounds the depth, at 128.
const MAX_VALUES: usize = 16 * 1024;

/// The most parameters of a form.
const MAX_PARAMETERS: usize = 256;

/// Returns the essence of the content type: lower-case, without parameters.
pub(crate) fn content_type(response: &Response<Bytes>) -> String {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase())
        .unwrap_or_default()
}

/// Reads a JSON object in which no member repeats, at any depth: of two access tokens, neither is the right one.
pub(crate) fn json_object(body: &[u8]) -> Result<Map<String, Value>, LoginError> {
    let written = Tally::of_text(body);
    if written.values > MAX_VALUES {
        return Err(LoginError::ProviderAnswer("number of members"));
    }
    let members: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| LoginError::ProviderAnswer("JSON of the answer"))?;
    // The reader keeps one of several members of a name.
    if members_in(&members) != written.members {
        return Err(LoginError::ProviderAnswer("a repeated member"));
    }
    Ok(members)
}

/// What a JSON text holds, counted without reading it.
#[derive(Default)]
struct Tally {
    values: usize,
    members: usize,
}

impl Tally {
    /// Counts by the signs outside of strings: each value but the first follows a `,` or opens a list or an
    /// object. A text that is not JSON is counted too, but never read.
    fn of_text(text: &[u8]) -> Self {
        let mut tally = Self::default();
        let mut in_string = false;
        let mut is_escaped = false;
        for byte in text {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = in_string,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b',' | b'[' | b'{' => tally.values += 1,
                b':' => tally.members += 1,
                _ => {}
            }
        }
        tally
    }
}

fn members_in(members: &Map<String, Value>) -> usize {
    members.len() + members.values().map(members_under).sum::<usize>()
}

fn members_under(value: &Value) -> usize {
    match value {
        Value::Object(members) => members_in(members),
        Value::Array(values) => values.iter().map(members_under).sum(),
        _ => 0,
    }
}

/// Reads a form in which no parameter repeats.
pub(crate) fn form_object(body: &[u8]) -> Result<Map<String, Value>, LoginError> {
    let mut members = Map::new();
    for (index, (name, value)) in form_urlencoded::parse(body).enumerate() {
        if index == MAX_PARAMETERS {
            return Err(LoginError::ProviderAnswer("number of members"));
        }
        if members
            .insert(name.into_owned(), value.into_owned().into())
            .is_some()
        {
            return Err(LoginError::ProviderAnswer("a repeated member"));
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(part: &'static str) -> LoginError {
        LoginError::ProviderAnswer(part)
    }

    #[test]
    fn d12_a_member_repeats_at_no_depth() {
        for body in [
            r#"{"sub":"1","sub":"2"}"#,
            r#"{"a":[{"sub":"1","sub":"2"}]}"#,
            r#"{"a":{"b":{"sub":"1","\u0073ub":"2"}}}"#,
        ] {
            let read = json_object(body.as_bytes());
            assert_eq!(read, Err(wrong("a repeated member")), "{body}");
        }
    }

    #[test]
    fn d12_signs_in_texts_are_no_members() {
        for body in [
            r#"{"a:b,{[":"c:d\\","e":"\":\",","f":[{"g":{}},[]]}"#,
            r#"{"a\\\"":":"}"#,
            "{}",
            " { } ",
        ] {
            let expected: Value = serde_json::from_str(body).unwrap();
            assert_eq!(
                json_object(body.as_bytes()).map(Value::Object),
                Ok(expected)
            );
        }
    }

    #[test]
    fn d11_an_answer_has_a_bounded_number_of_values() {
        let members = |count: usize| -> String {
            let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        let elements = |count: usize| format!("{{\"a\":[{}]}}", vec!["0"; count].join(","));
        // The list is a value too.
        assert!(json_object(members(MAX_VALUES).as_bytes()).is_ok());
        assert!(json_object(elements(MAX_VALUES - 1).as_bytes()).is_ok());
        // As many as fit into the largest body.
        for body in [members(MAX_VALUES + 1), members(90_000), elements(500_000)] {
            assert_eq!(
                json_object(body.as_bytes()),
                Err(wrong("number of members"))
            );
        }
    }

    #[test]
    fn d11_a_form_has_a_bounded_number_of_parameters() {
        let form = |count: usize| -> String {
            let pairs: Vec<String> = (0..count).map(|n| format!("{n}=0")).collect();
            pairs.join("&")
        };
        assert!(form_object(form(MAX_PARAMETERS).as_bytes()).is_ok());
        for count in [MAX_PARAMETERS + 1, 150_000] {
            let read = form_object(form(count).as_bytes());
            assert_eq!(read, Err(wrong("number of members")), "{count}");
        }
    }
}
