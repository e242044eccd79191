//! Reads the bodies of answers: JSON objects and forms, in linear time and with a cap on what they hold.

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::values::json::{self, JsonError};
use crate::values::login_error::LoginError;

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

/// Reads a JSON object in which no member repeats.
pub(crate) fn json_object(body: &[u8]) -> Result<Map<String, Value>, LoginError> {
    json::object(body).map_err(|error| {
        LoginError::ProviderAnswer(match error {
            JsonError::TooMany => "number of members",
            JsonError::NotAnObject => "JSON of the answer",
            JsonError::Repeated => "a repeated member",
        })
    })
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

    #[test]
    fn d11_d12_an_object_that_is_not_read_says_why() {
        let many = format!("[{}0]", "0,".repeat(500_000));
        for (body, part) in [
            (many.as_str(), "number of members"),
            ("{", "JSON of the answer"),
            (r#"{"sub":"1","sub":"2"}"#, "a repeated member"),
        ] {
            let expected = Err(LoginError::ProviderAnswer(part));
            assert_eq!(json_object(body.as_bytes()), expected);
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
            let expected = Err(LoginError::ProviderAnswer("number of members"));
            assert_eq!(read, expected, "{count}");
        }
    }
}
