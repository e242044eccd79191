//! The header of a signed token (RFC 7515 §4): what it says of itself, none of which is trusted.
//!
//! `jwk`, `jku`, `x5u`, `x5c`, `x5t` and `x5t#S256` are not read: a token does not choose the key that it is
//! verified with.

use serde_json::{Map, Value};

use crate::values::algorithm::Algorithm;
use crate::values::json::{self, JsonError};

/// The longest `kid` that is compared, in bytes.
pub(crate) const MAX_KID_BYTES: usize = 1024;

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    /// The media type, in lower case and without `application/`.
    pub(crate) typ: Option<String>,
}

/// Why a header is not that of a token that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("the token's header {0}")]
    Json(JsonError),
    #[error("the token's header has no text `alg`")]
    NoAlgorithm,
    #[error("the token says that it is not signed (`alg` is `none`)")]
    None,
    #[error("the token is signed by an algorithm that is not known")]
    UnknownAlgorithm,
    #[error("the token demands extensions by `crit`, and none is known")]
    Critical,
    #[error("the token's payload is not encoded (`b64`), which no ID token may be")]
    NotEncoded,
    #[error("the token holds another token (`cty` is `JWT`)")]
    Nested,
    #[error("the token's `kid` is not a text of at most {MAX_KID_BYTES} bytes")]
    Kid,
    #[error("the token's `typ` is not a text")]
    Typ,
}

/// Reads a header. A member that is not known is skipped (RFC 7515 §4).
pub(crate) fn parse(text: &[u8]) -> Result<Header, HeaderError> {
    let members = json::object(text).map_err(HeaderError::Json)?;
    let name =
        string(&members, "alg", HeaderError::NoAlgorithm)?.ok_or(HeaderError::NoAlgorithm)?;
    let algorithm = match Algorithm::from_name(name) {
        Some(algorithm) => algorithm,
        None if name.eq_ignore_ascii_case("none") => return Err(HeaderError::None),
        None => return Err(HeaderError::UnknownAlgorithm),
    };
    // An empty list is not allowed, and every entry of another one is an extension.
    if members.contains_key("crit") {
        return Err(HeaderError::Critical);
    }
    // RFC 7797 §3.
    if members.get("b64").is_some_and(|b64| *b64 != true) {
        return Err(HeaderError::NotEncoded);
    }
    // RFC 7519 §5.2.
    let content = members.get("cty").and_then(Value::as_str).map(media_type);
    if content.as_deref() == Some("jwt") {
        return Err(HeaderError::Nested);
    }
    let kid = string(&members, "kid", HeaderError::Kid)?;
    if kid.is_some_and(|kid| kid.len() > MAX_KID_BYTES) {
        return Err(HeaderError::Kid);
    }
    Ok(Header {
        algorithm,
        kid: kid.map(str::to_owned),
        typ: string(&members, "typ", HeaderError::Typ)?.map(media_type),
    })
}

fn string<'m>(
    members: &'m Map<String, Value>,
    name: &str,
    otherwise: HeaderError,
) -> Result<Option<&'m str>, HeaderError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(otherwise),
    }
}

/// Returns a media type in the form in which it is compared (RFC 7515 §4.1.9).
fn media_type(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    match text.strip_prefix("application/") {
        Some(short) if !short.contains('/') => short.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(members: &str) -> Result<Header, HeaderError> {
        parse(format!(r#"{{"alg":"RS256",{members}}}"#).as_bytes())
    }

    #[test]
    fn a_header_is_read() {
        let expected = Header {
            algorithm: Algorithm::Rs256,
            kid: Some("a".to_owned()),
            typ: Some("jwt".to_owned()),
        };
        for typ in ["JWT", "jwt", "application/JWT", "APPLICATION/jwt"] {
            let read = with(&format!(r#""kid":"a","typ":"{typ}","other":{{"a":[1]}}"#));
            assert_eq!(read.as_ref(), Ok(&expected), "{typ}");
        }
        assert_eq!(
            with(r#""typ":"application/a/b""#).unwrap().typ.unwrap(),
            "application/a/b"
        );
    }

    #[test]
    fn e01_none_in_any_case_and_a_missing_algorithm_are_refused() {
        for name in ["none", "nOnE", "NONE"] {
            let read = parse(format!(r#"{{"alg":"{name}"}}"#).as_bytes());
            assert_eq!(read, Err(HeaderError::None), "{name}");
        }
        for text in [
            "{}",
            r#"{"alg":null}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":0}"#,
        ] {
            assert_eq!(
                parse(text.as_bytes()),
                Err(HeaderError::NoAlgorithm),
                "{text}"
            );
        }
        for name in ["", "rs256", "RS1", "HS1", "ES256K", "dir", "RSA-OAEP"] {
            let read = parse(format!(r#"{{"alg":"{name}"}}"#).as_bytes());
            assert_eq!(read, Err(HeaderError::UnknownAlgorithm), "{name}");
        }
    }

    #[test]
    fn e03_keys_in_a_header_are_not_read() {
        for member in [
            r#""jwk":{"kty":"oct","k":"AAAA"}"#,
            r#""jku":"https://evil.test/jwks""#,
            r#""x5u":"https://evil.test/cert""#,
            r#""x5c":["AAAA"]"#,
        ] {
            let plain = parse(br#"{"alg":"RS256"}"#);
            assert_eq!(with(member), plain, "{member}");
        }
    }

    #[test]
    fn e05_a_key_identifier_is_a_text_of_bounded_length() {
        let long = |bytes: usize| with(&format!(r#""kid":"{}""#, "k".repeat(bytes)));
        assert!(long(MAX_KID_BYTES).is_ok());
        assert_eq!(long(MAX_KID_BYTES + 1), Err(HeaderError::Kid));
        for kid in ["1", "null", "[]", "{}"] {
            assert_eq!(
                with(&format!(r#""kid":{kid}"#)),
                Err(HeaderError::Kid),
                "{kid}"
            );
        }
        // It is compared, and never a path, a query or a header.
        for kid in ["../../etc/passwd", "' OR 1=1 --", r"a\r\nb: c"] {
            assert!(with(&format!(r#""kid":"{kid}""#)).is_ok(), "{kid}");
        }
    }

    #[test]
    fn e24_extensions_and_other_contents_are_refused() {
        for crit in [
            r#"["x"]"#,
            r#"["exp"]"#,
            "[]",
            "null",
            r#""x""#,
            r#"["b64"]"#,
        ] {
            let read = with(&format!(r#""crit":{crit},"x":1"#));
            assert_eq!(read, Err(HeaderError::Critical), "{crit}");
        }
        for b64 in ["false", "null", "0", r#""true""#] {
            let read = with(&format!(r#""b64":{b64}"#));
            assert_eq!(read, Err(HeaderError::NotEncoded), "{b64}");
        }
        assert!(with(r#""b64":true"#).is_ok());
        for cty in ["JWT", "jwt", "application/jwt"] {
            let read = with(&format!(r#""cty":"{cty}""#));
            assert_eq!(read, Err(HeaderError::Nested), "{cty}");
        }
        assert!(with(r#""cty":"json""#).is_ok());
    }

    #[test]
    fn e28_a_header_is_an_object_whose_members_do_not_repeat() {
        let repeated = Err(HeaderError::Json(JsonError::Repeated));
        assert_eq!(with(r#""alg":"none""#), repeated);
        assert_eq!(with(r#""kid":"a","kid":"b""#), repeated);
        for text in [
            "",
            "[]",
            "null",
            "\"RS256\"",
            "{",
            "{}x",
            "\u{feff}{}",
            "\u{0}",
        ] {
            let read = parse(text.as_bytes());
            assert_eq!(
                read,
                Err(HeaderError::Json(JsonError::NotAnObject)),
                "{text}"
            );
        }
        let bytes = [b"{\"alg\":\"RS256\",\"a\":\"", &[0xff][..], b"\"}"].concat();
        assert_eq!(
            parse(&bytes),
            Err(HeaderError::Json(JsonError::NotAnObject))
        );
    }

    #[test]
    fn e29_a_type_is_a_text() {
        for typ in ["1", "null", "[]"] {
            assert_eq!(
                with(&format!(r#""typ":{typ}"#)),
                Err(HeaderError::Typ),
                "{typ}"
            );
        }
    }
}
