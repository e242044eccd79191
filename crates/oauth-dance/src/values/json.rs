//! Reads JSON objects strictly: in linear time, with a cap on what they hold, and without repeated members.

use serde_json::{Map, Value};

/// The most values of an object, at any depth. The reader of JSON bounds the depth, at 128.
const MAX_VALUES: usize = 16 * 1024;

/// Why a text is not an object that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    #[error("has too many members")]
    TooMany,
    #[error("is not a JSON object")]
    NotAnObject,
    #[error("repeats a member")]
    Repeated,
}

/// Reads a JSON object in which no member repeats, at any depth: of two access tokens, neither is the right one.
pub(crate) fn object(text: &[u8]) -> Result<Map<String, Value>, JsonError> {
    let written = Tally::of_text(text);
    if written.values > MAX_VALUES {
        return Err(JsonError::TooMany);
    }
    let members: Map<String, Value> =
        serde_json::from_slice(text).map_err(|_| JsonError::NotAnObject)?;
    // The reader keeps one of several members of a name.
    if members_in(&members) != written.members {
        return Err(JsonError::Repeated);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d12_e28_a_member_repeats_at_no_depth() {
        for text in [
            r#"{"sub":"1","sub":"2"}"#,
            r#"{"a":[{"sub":"1","sub":"2"}]}"#,
            r#"{"a":{"b":{"sub":"1","\u0073ub":"2"}}}"#,
        ] {
            let read = object(text.as_bytes());
            assert_eq!(read, Err(JsonError::Repeated), "{text}");
        }
    }

    #[test]
    fn d12_signs_in_texts_are_no_members() {
        for text in [
            r#"{"a:b,{[":"c:d\\","e":"\":\",","f":[{"g":{}},[]]}"#,
            r#"{"a\\\"":":"}"#,
            "{}",
            " { } ",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(object(text.as_bytes()).map(Value::Object), Ok(expected));
        }
    }

    #[test]
    fn d11_an_object_has_a_bounded_number_of_values() {
        let members = |count: usize| -> String {
            let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        let elements = |count: usize| format!("{{\"a\":[{}]}}", vec!["0"; count].join(","));
        // The list is a value too.
        assert!(object(members(MAX_VALUES).as_bytes()).is_ok());
        assert!(object(elements(MAX_VALUES - 1).as_bytes()).is_ok());
        // As many as fit into the largest body.
        for text in [members(MAX_VALUES + 1), members(90_000), elements(500_000)] {
            assert_eq!(object(text.as_bytes()), Err(JsonError::TooMany));
        }
    }
}
