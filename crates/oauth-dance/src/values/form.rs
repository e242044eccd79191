//! One part of a form-encoded query, decoded strictly.

use percent_encoding::percent_decode_str;

/// Decodes a name or a value. Malformed escapes and invalid UTF-8 are refused and not replaced: otherwise
/// the text that was sent and the text that is read would differ (attack cases A23 and C06).
pub(crate) fn decode(part: &str) -> Option<String> {
    let bytes = part.as_bytes();
    let complete = bytes.iter().enumerate().all(|(at, byte)| {
        *byte != b'%'
            || bytes
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let spaced = part.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    complete.then(|| decoded.into_owned())
}

/// Returns the pairs of a query, still encoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded() {
        assert_eq!(decode("a+b%20c%C3%A9").as_deref(), Some("a b c\u{e9}"));
    }

    #[test]
    fn a23_what_is_no_text_is_refused() {
        for part in ["%", "%f", "%zz", "%ff", "%c0%af", "%ed%a0%80"] {
            assert_eq!(decode(part), None, "{part}");
        }
    }
}
