//! Keys, backends and tokens for tests.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha384, Sha512};

use crate::contract::crypto::Crypto;
use crate::steps::jose::algorithms::Algorithms;
use crate::steps::jose::key_set::KeySet;
use crate::steps::jose::sign::Signing;
use crate::steps::jose::verify::{Signed, Trust, VerifyError, verify};
use crate::values::algorithm::Algorithm;
use crate::values::mac_key::MacKey;
use crate::values::signing_key::SigningKey;

pub(crate) const RSA: &str = include_str!("../../../tests/keys/rsa_pkcs8.pem");
pub(crate) const P256: &str = include_str!("../../../tests/keys/p256_pkcs8.pem");
pub(crate) const ED25519: &str = include_str!("../../../tests/keys/ed25519_pkcs8.pem");

/// The public parts of these keys, as `rsa`, `p256` and `ed25519`.
pub(crate) const JWKS: &str = include_str!("../../../tests/keys/jwks.json");

/// The backends of the features that are on.
pub(crate) fn backends() -> Vec<Arc<dyn Crypto>> {
    vec![
        #[cfg(feature = "ring")]
        Arc::new(crate::contract::ring_crypto::Ring),
        #[cfg(feature = "aws-lc-rs")]
        Arc::new(crate::contract::aws_lc_crypto::AwsLcRs),
    ]
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

/// A token with these claims, signed by one of the three keys.
pub(crate) fn token(crypto: &dyn Crypto, kid: &str, algorithm: Algorithm, claims: Value) -> String {
    let pem = match kid {
        "rsa" => RSA,
        "p256" => P256,
        "ed25519" => ED25519,
        other => panic!("no such key: {other}"),
    };
    let signing = Signing {
        crypto,
        key: &SigningKey::from_pem(pem).unwrap(),
        algorithm,
        kid: Some(kid),
        typ: None,
    };
    signing.token(&object(claims)).unwrap()
}

/// A token whose header is written out, signed by HMAC with any bytes: with the hash that `alg` names, or SHA-256.
pub(crate) fn hmac_token(header: &Value, key: &[u8]) -> String {
    let encoded = URL_SAFE_NO_PAD.encode(header.to_string());
    let message = format!("{encoded}.{}", URL_SAFE_NO_PAD.encode("{}"));
    let tag = match header["alg"].as_str() {
        Some("HS384") => tag::<Hmac<Sha384>>(key, &message),
        Some("HS512") => tag::<Hmac<Sha512>>(key, &message),
        _ => tag::<Hmac<Sha256>>(key, &message),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn tag<M: Mac + KeyInit>(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Puts other members into the header of a token, and keeps its signature.
pub(crate) fn with_header(token: &str, members: Value) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap();
    let mut header: Map<String, Value> = serde_json::from_slice(&header).unwrap();
    header.extend(object(members));
    let header = URL_SAFE_NO_PAD.encode(json!(header).to_string());
    format!("{header}.{rest}")
}

/// Verifies with the algorithms of these names, and fails unless the backend has one of them.
pub(crate) fn verify_with(
    crypto: &dyn Crypto,
    algorithms: &[Algorithm],
    keys: &str,
    secret: Option<&MacKey>,
    token: &str,
) -> Result<Signed, VerifyError> {
    let names: Vec<String> = algorithms.iter().map(ToString::to_string).collect();
    let algorithms = Algorithms::offered(Some(&names), crypto, secret.is_some()).unwrap();
    let trust = Trust {
        crypto,
        algorithms: &algorithms,
        keys: &KeySet::parse(keys.as_bytes()).unwrap(),
        secret,
    };
    verify(token, &trust)
}
