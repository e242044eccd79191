//! The compact form of a signed token (RFC 7515 §7.1): three parts of base64url, in one spelling only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest token that is read, in bytes. ID tokens with all groups of a user have about 16 KiB.
pub(crate) const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// The longest header that is read, in characters. Certificate chains, which are ignored, have about 8 KiB.
pub(crate) const MAX_HEADER_CHARS: usize = 16 * 1024;

/// The longest signature in characters: that of RSA with 8192 bits.
const MAX_SIGNATURE_CHARS: usize = 1366;

/// The parts of a token. Nothing has been verified yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compact<'t> {
    /// The header, a JSON text.
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    /// Not empty.
    pub(crate) signature: Vec<u8>,
    /// What is signed: header and payload as they were written, with the dot between them.
    pub(crate) signing_input: &'t [u8],
}

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Header,
    Payload,
    Signature,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a text is not the compact form of a signed token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CompactError {
    #[error("the token has {bytes} bytes: at most {MAX_TOKEN_BYTES} are read")]
    TooLong { bytes: usize },
    #[error("the token is encrypted: register the client for tokens that are signed only")]
    Encrypted,
    #[error("the token does not have the three parts of a signed token")]
    Parts,
    #[error("the token's header or signature is longer than any that is in use")]
    PartTooLong(Part),
    #[error("the token is not signed")]
    Unsigned,
    #[error("the token's {0} is not base64url in its one spelling (RFC 7515 §2)")]
    Base64(Part),
}

/// Takes a token apart. It reads the text once, and at most [`MAX_TOKEN_BYTES`] of it.
pub(crate) fn parse(token: &str) -> Result<Compact<'_>, CompactError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(CompactError::TooLong { bytes: token.len() });
    }
    let mut parts = token.splitn(6, '.');
    let (Some(header), Some(payload), Some(signature)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(CompactError::Parts);
    };
    match parts.count() {
        0 => {}
        // The compact form of an encrypted token has five (RFC 7516 §7.1).
        2 => return Err(CompactError::Encrypted),
        _ => return Err(CompactError::Parts),
    }
    if header.len() > MAX_HEADER_CHARS {
        return Err(CompactError::PartTooLong(Part::Header));
    }
    if signature.len() > MAX_SIGNATURE_CHARS {
        return Err(CompactError::PartTooLong(Part::Signature));
    }
    if signature.is_empty() {
        return Err(CompactError::Unsigned);
    }
    let signed_bytes = header.len() + 1 + payload.len();
    Ok(Compact {
        signing_input: &token.as_bytes()[..signed_bytes],
        header: decode(header, Part::Header)?,
        payload: decode(payload, Part::Payload)?,
        signature: decode(signature, Part::Signature)?,
    })
}

/// The engine refuses padding, other alphabets, white space, and last bits that are not zero.
fn decode(text: &str, part: Part) -> Result<Vec<u8>, CompactError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| CompactError::Base64(part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `{"alg":"none"}`, `{}`, and two bytes.
    const TOKEN: &str = "eyJhbGciOiJub25lIn0.e30.AQI";

    #[test]
    fn a_token_is_taken_apart() {
        let compact = parse(TOKEN).unwrap();
        assert_eq!(compact.header, br#"{"alg":"none"}"#);
        assert_eq!(compact.payload, b"{}");
        assert_eq!(compact.signature, [1, 2]);
        assert_eq!(compact.signing_input, b"eyJhbGciOiJub25lIn0.e30");
    }

    #[test]
    fn e25_an_encrypted_token_says_so() {
        for token in ["a.b.c.d.e", "...."] {
            assert_eq!(parse(token), Err(CompactError::Encrypted), "{token}");
        }
    }

    #[test]
    fn e26_a_token_has_three_parts() {
        for token in [
            "",
            "e30",
            "e30.e30",
            "e30.e30.AQI.",
            "e30.e30.AQI.e30",
            ".....",
            ".......",
        ] {
            assert_eq!(parse(token), Err(CompactError::Parts), "{token}");
        }
    }

    #[test]
    fn e01_an_empty_signature_is_none() {
        assert_eq!(parse("e30.e30."), Err(CompactError::Unsigned));
    }

    #[test]
    fn e26_each_part_has_one_spelling() {
        for (bad, why) in [
            ("e30=", "padding"),
            ("e3", "an end that is cut off"),
            ("e31", "last bits that are not zero"),
            ("e3+", "the other alphabet"),
            ("e3/", "the other alphabet"),
            ("e3 0", "white space"),
            ("e30\n", "white space"),
            ("e3\u{e9}", "another alphabet"),
            ("e", "one character"),
        ] {
            for (token, part) in [
                (format!("{bad}.e30.AQI"), Part::Header),
                (format!("e30.{bad}.AQI"), Part::Payload),
                (format!("e30.e30.{bad}"), Part::Signature),
            ] {
                assert_eq!(parse(&token), Err(CompactError::Base64(part)), "{why}");
            }
        }
    }

    #[test]
    fn an_error_names_the_part() {
        for (part, name) in [
            (Part::Header, "header"),
            (Part::Payload, "payload"),
            (Part::Signature, "signature"),
        ] {
            let text = CompactError::Base64(part).to_string();
            assert!(
                text.contains(&format!("the token's {name} is not")),
                "{text}"
            );
        }
    }

    #[test]
    fn e27_a_mebibyte_is_not_read() {
        for token in [".".repeat(1 << 20), "A".repeat(1 << 20)] {
            let bytes = token.len();
            assert_eq!(parse(&token), Err(CompactError::TooLong { bytes }));
        }
    }

    #[test]
    fn e27_the_caps_are_exact() {
        let fill = |bytes: usize| format!("e30.{}.AQI", "A".repeat(bytes - "e30..AQI".len()));
        assert!(parse(&fill(MAX_TOKEN_BYTES)).is_ok());
        let bytes = MAX_TOKEN_BYTES + 4;
        assert_eq!(parse(&fill(bytes)), Err(CompactError::TooLong { bytes }));
        let dots = ".".repeat(MAX_TOKEN_BYTES);
        assert_eq!(parse(&dots), Err(CompactError::Parts));

        let header = |chars: usize| format!("{}.e30.AQI", "A".repeat(chars));
        assert!(parse(&header(MAX_HEADER_CHARS)).is_ok());
        let refused = Err(CompactError::PartTooLong(Part::Header));
        assert_eq!(parse(&header(MAX_HEADER_CHARS + 1)), refused);

        let signature = |chars: usize| format!("e30.e30.{}", "A".repeat(chars));
        assert!(parse(&signature(MAX_SIGNATURE_CHARS)).is_ok());
        let refused = Err(CompactError::PartTooLong(Part::Signature));
        assert_eq!(parse(&signature(MAX_SIGNATURE_CHARS + 1)), refused);
    }

    fn write(compact: &Compact<'_>) -> String {
        [&compact.header, &compact.payload, &compact.signature]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".")
    }

    proptest! {
        #[test]
        fn e26_what_is_read_has_one_spelling(token in "[A-Za-z0-9_=+/. -]{0,24}(\\.[A-Za-z0-9_-]{0,12}){0,3}") {
            if let Ok(compact) = parse(&token) {
                prop_assert_eq!(write(&compact), token);
            }
        }

        #[test]
        fn any_parts_are_read_as_they_were_written(
            header: Vec<u8>, payload: Vec<u8>, signature in proptest::collection::vec(any::<u8>(), 1..64)
        ) {
            let written = Compact { header, payload, signature, signing_input: b"" };
            let token = write(&written);
            let read = parse(&token).unwrap();
            prop_assert_eq!(read.header, written.header);
            prop_assert_eq!(read.payload, written.payload);
            prop_assert_eq!(read.signature, written.signature);
        }

        #[test]
        fn no_text_panics(token in any::<String>()) {
            let _ = parse(&token);
        }
    }
}
