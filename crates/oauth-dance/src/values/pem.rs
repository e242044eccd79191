//! Finds the private key in a PEM text (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::values::signing_key_error::SigningKeyError;

/// The longest text that is read, in bytes. A key of RSA with 8192 bits has about 6,500.
const MAX_BYTES: usize = 64 * 1024;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The form of a private key, by the label of its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Pkcs8,
    Pkcs1,
    Sec1,
}

/// Returns the form and the bytes of the first private key. Blocks of curve parameters and certificates before
/// it are skipped.
pub(crate) fn private_key(text: &str) -> Result<(Form, Zeroizing<Vec<u8>>), SigningKeyError> {
    if text.len() > MAX_BYTES {
        return Err(SigningKeyError::Unreadable);
    }
    let mut rest = text;
    let mut is_public = false;
    while let Some((_, block)) = rest.split_once(BEGIN) {
        let (label, block) = block
            .split_once(DASHES)
            .ok_or(SigningKeyError::Unreadable)?;
        let (body, behind) = block.split_once(END).ok_or(SigningKeyError::Unreadable)?;
        rest = behind;
        let form = match label {
            "PRIVATE KEY" => Form::Pkcs8,
            "RSA PRIVATE KEY" => Form::Pkcs1,
            "EC PRIVATE KEY" => Form::Sec1,
            "ENCRYPTED PRIVATE KEY" => return Err(SigningKeyError::Encrypted),
            "EC PARAMETERS" => continue,
            "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => {
                is_public = true;
                continue;
            }
            _ => return Err(SigningKeyError::Unreadable),
        };
        // RFC 1421 §4.6.1.1, which OpenSSL still writes for PKCS#1 and SEC 1.
        if body.contains("ENCRYPTED") {
            return Err(SigningKeyError::Encrypted);
        }
        return Ok((form, bytes(body)?));
    }
    Err(if is_public {
        SigningKeyError::Public
    } else {
        SigningKeyError::NotPem
    })
}

fn bytes(body: &str) -> Result<Zeroizing<Vec<u8>>, SigningKeyError> {
    // With their full capacity from the beginning, so that no copies are left behind.
    let mut base64 = Zeroizing::new(Vec::with_capacity(body.len()));
    base64.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(body.len()));
    STANDARD
        .decode_vec(&*base64, &mut bytes)
        .map_err(|_| SigningKeyError::Unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> SigningKeyError {
        private_key(text).unwrap_err()
    }

    fn block(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    #[test]
    fn each_form_has_its_label() {
        for (label, form) in [
            ("PRIVATE KEY", Form::Pkcs8),
            ("RSA PRIVATE KEY", Form::Pkcs1),
            ("EC PRIVATE KEY", Form::Sec1),
        ] {
            let (found, bytes) = private_key(&block(label, "AQ\r\nI=")).unwrap();
            assert_eq!((found, bytes.as_slice()), (form, &[1, 2][..]));
        }
    }

    #[test]
    fn other_blocks_before_the_key_are_skipped() {
        let key = block("PRIVATE KEY", "AQID");
        for before in ["EC PARAMETERS", "CERTIFICATE", "PUBLIC KEY"] {
            let text = format!("Bag Attributes\n{}{key}", block(before, "AA=="));
            assert!(private_key(&text).is_ok(), "{before}");
        }
    }

    #[test]
    fn a_text_without_a_private_key_says_what_it_is() {
        assert_eq!(error(""), SigningKeyError::NotPem);
        assert_eq!(error("AQID"), SigningKeyError::NotPem);
        for label in ["PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"] {
            assert_eq!(error(&block(label, "AQID")), SigningKeyError::Public);
        }
        let encrypted = block("ENCRYPTED PRIVATE KEY", "AQID");
        assert_eq!(error(&encrypted), SigningKeyError::Encrypted);
        let old = block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAQID");
        assert_eq!(error(&old), SigningKeyError::Encrypted);
    }

    #[test]
    fn a_text_has_a_bounded_length() {
        let mut text = block("PRIVATE KEY", "AQID");
        text.push_str(&"\n".repeat(MAX_BYTES - text.len()));
        assert!(private_key(&text).is_ok());
        text.push('\n');
        assert_eq!(error(&text), SigningKeyError::Unreadable);
    }

    #[test]
    fn a_broken_block_is_unreadable() {
        let long = block("PRIVATE KEY", &"A".repeat(MAX_BYTES));
        for text in [
            "-----BEGIN PRIVATE KEY",
            "-----BEGIN PRIVATE KEY-----\nAQID",
            &block("PRIVATE KEY", "AQI"),
            &block("PRIVATE KEY", "A?ID"),
            &block("OPENSSH PRIVATE KEY", "AQID"),
            &long,
        ] {
            assert_eq!(error(text), SigningKeyError::Unreadable);
        }
    }
}
