//! Reads claims by their type. A claim of another type is an error and never a claim that is missing.

use serde_json::{Map, Value};

use crate::steps::oidc::id_token_error::IdTokenError;
use crate::values::time::Timestamp;

/// The last second of the year 9999.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// The longest text of a token that an error shows, in characters.
const MAX_SHOWN: usize = 200;

/// The most texts that an error shows.
const MAX_SHOWN_TEXTS: usize = 8;

/// Returns a text, or `None` if the claim is missing.
pub(crate) fn text<'c>(
    claims: &'c Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'c str>, IdTokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(IdTokenError::NotText(name)),
    }
}

/// Returns a time (RFC 7519 §2, `NumericDate`), or `None` if the claim is missing. Fractions are cut off.
pub(crate) fn time(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Timestamp>, IdTokenError> {
    let number = match claims.get(name) {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(_) => return Err(IdTokenError::NotNumber(name)),
    };
    let seconds = number.filter(|seconds| (0.0..=LAST_SECOND).contains(seconds));
    let seconds = seconds.ok_or(IdTokenError::OutOfRange(name))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie between zero and a value far below u64::MAX"
    )]
    Ok(Some(Timestamp::from_unix_seconds(seconds as u64)))
}

/// Returns the value of a claim that there has to be.
pub(crate) fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, IdTokenError> {
    claim.ok_or(IdTokenError::Missing(name))
}

/// Returns the audience: a text, or a list of texts (RFC 7519 §4.1.3).
pub(crate) fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, IdTokenError> {
    match required(claims.get("aud"), "aud")? {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(several) => several
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or(IdTokenError::AudienceType),
        _ => Err(IdTokenError::AudienceType),
    }
}

/// Returns the beginning of a text, as far as an error shows it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

/// Returns the beginnings of the first texts, as far as an error shows them.
pub(crate) fn all_shown<'t>(texts: impl IntoIterator<Item = &'t String>) -> Vec<String> {
    let texts = texts.into_iter().take(MAX_SHOWN_TEXTS);
    texts.map(|text| shown(text)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exp(value: &str) -> Result<Option<u64>, IdTokenError> {
        let claims = serde_json::from_str(&format!(r#"{{"exp":{value}}}"#)).unwrap();
        time(&claims, "exp").map(|time| time.map(Timestamp::unix_seconds))
    }

    #[test]
    fn e19_numbers_in_range_are_times() {
        for (value, seconds) in [
            ("0", 0),
            ("-0.0", 0),
            ("1", 1),
            ("1700000000.9", 1_700_000_000),
            ("1.7e9", 1_700_000_000),
            ("253402300799", 253_402_300_799),
        ] {
            assert_eq!(exp(value), Ok(Some(seconds)), "{value}");
        }
        assert_eq!(time(&Map::new(), "exp"), Ok(None));
    }

    #[test]
    fn e19_absurd_numbers_are_out_of_range() {
        for value in [
            "-1",
            "-0.1",
            "1e300",
            "-1e300",
            "253402300800",
            "18446744073709551615",
        ] {
            assert_eq!(exp(value), Err(IdTokenError::OutOfRange("exp")), "{value}");
        }
    }

    #[test]
    fn e19_e20_what_is_not_a_number_is_not_missing() {
        for value in ["null", "\"1700000000\"", "true", "[]", "{}"] {
            assert_eq!(exp(value), Err(IdTokenError::NotNumber("exp")), "{value}");
        }
    }

    #[test]
    fn texts_are_shown_cut() {
        assert_eq!(shown(&"\u{e9}".repeat(300)), "\u{e9}".repeat(200));
        let many = vec!["a".repeat(300); 20];
        assert_eq!(all_shown(&many), vec!["a".repeat(200); 8]);
    }

    #[test]
    fn e16_an_audience_is_a_text_or_a_list_of_texts() {
        let read = |aud: Value| match json!({ "aud": aud }) {
            Value::Object(claims) => audience(&claims),
            _ => unreachable!(),
        };
        assert_eq!(read(json!("us")), Ok(vec!["us".to_owned()]));
        assert_eq!(read(json!(["us"])), Ok(vec!["us".to_owned()]));
        assert_eq!(read(json!([])), Ok(Vec::new()));
        for bad in [
            json!(1),
            json!(null),
            json!([["us"]]),
            json!(["us", 1]),
            json!({ "us": 1 }),
        ] {
            assert_eq!(read(bad.clone()), Err(IdTokenError::AudienceType), "{bad}");
        }
        assert_eq!(audience(&Map::new()), Err(IdTokenError::Missing("aud")));
    }
}
