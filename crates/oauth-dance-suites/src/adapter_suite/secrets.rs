//! Secrets that must not show, in every spelling that would give them away.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret, and what it is.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) kind: &'static str,
    pub(crate) value: String,
}

impl Secret {
    pub(crate) fn new(kind: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        // A shorter one could turn up by accident.
        assert!(value.len() >= 12, "the {kind} is too short to search for");
        Self { kind, value }
    }

    /// The spelling in which `text` holds this secret, if it does.
    pub(crate) fn spelled_in(&self, text: &str) -> Option<String> {
        spellings(&self.value)
            .into_iter()
            .find(|spelling| text.contains(spelling.as_str()))
    }
}

/// Fails if `text`, which `place` says where it is from, holds one of the secrets.
pub(crate) fn assert_none_in<'s>(
    secrets: impl IntoIterator<Item = &'s Secret>,
    text: &str,
    place: &str,
) {
    for secret in secrets {
        if let Some(spelling) = secret.spelled_in(text) {
            let at = text.find(&spelling).unwrap_or_default();
            let line = text[..at].lines().count();
            panic!(
                "the {} shows in {place}, line {line}, as {spelling:?}",
                secret.kind
            );
        }
    }
}

/// The secret in clear, form-encoded, in hexadecimal, as bytes of `Debug`, and inside base64 at any
/// offset.
fn spellings(secret: &str) -> Vec<String> {
    let hex = secret.bytes().fold(String::new(), |mut hex, byte| {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let bytes = format!("{:?}", secret.as_bytes());
    let mut spellings = vec![
        secret.to_owned(),
        form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        hex.to_uppercase(),
        hex,
        bytes.trim_matches(['[', ']']).to_owned(),
    ];
    for offset in 0..3 {
        let mut padded = vec![0; offset];
        padded.extend_from_slice(secret.as_bytes());
        // The characters at the edges also say something about the neighbours.
        let first = (offset * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        for text in [
            STANDARD_NO_PAD.encode(&padded),
            URL_SAFE_NO_PAD.encode(&padded),
        ] {
            spellings.push(text[first..last].to_owned());
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let secret = Secret::new("canary", "a canary/with+signs");
        for offset in 0..4 {
            let around = format!("{}{}?", "x".repeat(offset), secret.value);
            assert!(secret.spelled_in(&around).is_some());
            assert!(secret.spelled_in(&STANDARD.encode(&around)).is_some());
            assert!(
                secret
                    .spelled_in(&URL_SAFE_NO_PAD.encode(&around))
                    .is_some()
            );
        }
        for text in [
            "x=a+canary%2Fwith%2Bsigns",
            "612063616e6172792f776974682b7369676e73",
            &format!("{:?}", b"a canary/with+signs"),
            &format!("{:?}", "a canary/with+signs".as_bytes()),
        ] {
            assert!(secret.spelled_in(text).is_some(), "{text}");
        }
        assert!(secret.spelled_in("a canary").is_none());
    }
}
