//! Vectors of third parties: Project Wycheproof, RFC 7515, RFC 8037, and a token by OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::contract::crypto::Crypto;
use crate::steps::jose::fixtures::{backends, verify_with};
use crate::steps::jose::verify::VerifyError;
use crate::values::algorithm::Algorithm;
use crate::values::mac_key::MacKey;
use crate::values::signing_key::SigningKey;

const WYCHEPROOF: &str = include_str!("../../../tests/vectors/wycheproof_jws.json");

/// Valid tokens whose key is for another algorithm by its `alg`, which is PS256 or the misspelt `ES521`.
const KEY_IS_FOR_ANOTHER: [u64; 4] = [346, 347, 350, 351];

/// Valid tokens with a character outside of base64url, which lenient readers skip.
const NOT_BASE64URL: [u64; 2] = [372, 373];

/// Tokens that are said to have bad padding, which the file has lost: each is the text of the valid token 357.
const LOST_ITS_PADDING: [u64; 2] = [367, 370];

fn groups() -> Vec<Value> {
    let vectors: Value = serde_json::from_str(WYCHEPROOF).unwrap();
    vectors["groups"].as_array().unwrap().clone()
}

/// Verifies a token with one key, which is in the set if it is public, and the client secret if it is not.
fn is_taken(crypto: &dyn Crypto, key: &Value, token: &str) -> bool {
    let secret = key["k"].as_str().map(|secret| {
        let bytes = URL_SAFE_NO_PAD.decode(secret).unwrap();
        MacKey::of_bytes(&bytes)
    });
    let keys = match secret {
        Some(_) => json!({ "keys": [] }),
        None => json!({ "keys": [key] }),
    };
    let all = Algorithm::ALL;
    verify_with(crypto, &all, &keys.to_string(), secret.as_ref(), token).is_ok()
}

fn algorithm_of(token: &str) -> Option<Algorithm> {
    let (header, _) = token.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    Algorithm::from_name(header["alg"].as_str()?)
}

#[test]
fn e33_e34_wycheproof_has_its_results() {
    for crypto in backends() {
        let (mut taken, mut refused) = (0, 0);
        for group in groups() {
            for test in group["tests"].as_array().unwrap() {
                let id = test["tcId"].as_u64().unwrap();
                let token = test["jws"].as_str().unwrap();
                let is_strict = KEY_IS_FOR_ANOTHER.contains(&id) || NOT_BASE64URL.contains(&id);
                let is_valid = test["result"] == "valid" && !is_strict;
                let is_valid = is_valid || LOST_ITS_PADDING.contains(&id);
                let found = is_taken(&*crypto, &group["key"], token);
                assert_eq!(
                    found,
                    is_valid,
                    "{} {id}: {}",
                    crypto.name(),
                    test["comment"]
                );
                taken += u32::from(found);
                refused += u32::from(!found);
            }
        }
        assert_eq!((taken, refused), (42, 359), "{}", crypto.name());
    }
}

#[test]
fn the_vectors_that_lost_their_padding_are_the_text_of_a_valid_one() {
    let tests = groups().into_iter().flat_map(|group| {
        let tests = group["tests"].as_array().unwrap();
        tests.clone()
    });
    let tests: Vec<Value> = tests.collect();
    let token = |id: u64| &tests.iter().find(|test| test["tcId"] == id).unwrap()["jws"];
    for id in LOST_ITS_PADDING {
        assert_eq!(token(id), token(357));
    }
}

#[test]
fn wycheproofs_tokens_are_verified_when_their_keys_do_not_name_another_algorithm() {
    for crypto in backends() {
        let mut tried = 0;
        for mut group in groups() {
            group["key"].as_object_mut().unwrap().remove("alg");
            for test in group["tests"].as_array().unwrap() {
                let id = test["tcId"].as_u64().unwrap();
                if KEY_IS_FOR_ANOTHER.contains(&id) {
                    let token = test["jws"].as_str().unwrap();
                    let has = crypto.has(algorithm_of(token).unwrap());
                    let found = is_taken(&*crypto, &group["key"], token);
                    assert_eq!(found, has, "{} {id}", crypto.name());
                    tried += 1;
                }
            }
        }
        assert_eq!(tried, KEY_IS_FOR_ANOTHER.len());
    }
}

/// RFC 7515 Appendix A.1 and A.3 have the same claims.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn the_tokens_of_rfc_7515_are_verified() {
    let hs256 = format!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    let secret = json!({
        "kty": "oct",
        "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    });
    let es256 = format!(
        "eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let p256 = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    for crypto in backends() {
        assert!(is_taken(&*crypto, &secret, &hs256), "{}", crypto.name());
        assert!(is_taken(&*crypto, &p256, &es256), "{}", crypto.name());
    }
}

#[test]
fn a_token_that_openssl_has_signed_with_es384_is_verified() {
    let p384 = json!({
        "kty": "EC",
        "crv": "P-384",
        "x": "O12nE-hBIleZcYt6uEuDct6vJbVB8XEYAvCgQcLaNCD7WhnBfwZw10mteLKlBJXq",
        "y": "Qzj2mfh7JoF_tRGQkBlN9cP7YyrlwVO1jYbRoN0V985aT4FwQwRCCz_fRru14fBH",
    });
    let token = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJhZGEifQ.gGuiwtHSZLAmsmeJ59HtbNJ_LroaLSLjV9xGCmywOsZAoqjiQAQov9imrqxjMG2IRf4C1IThK0giV0jnmMWPv1Lflh_ug_3ttfygHLUqNfSB9eBXSxTC82IJfvg3Ql2-";
    for crypto in backends() {
        assert!(is_taken(&*crypto, &p384, token), "{}", crypto.name());
    }
}

#[test]
fn the_token_of_rfc_8037_is_verified_and_signed() {
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let public = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let mut private = public.clone();
    private["d"] = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".into();
    let key = SigningKey::from_jwk(&private.to_string()).unwrap();
    for crypto in backends() {
        let token = format!("{message}.{signature}");
        assert!(is_taken(&*crypto, &public, &token), "{}", crypto.name());
        let signed = crypto.sign(Algorithm::EdDsa, &key, message.as_bytes());
        let signed = signed.map(|signature| URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(signed.as_deref(), Ok(signature), "{}", crypto.name());
    }
}

#[test]
fn e33_a_signature_in_der_is_refused() {
    let message = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
    let fixed = URL_SAFE_NO_PAD
        .decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
        .unwrap();
    // The second number has its highest bit set.
    let der = [
        &[0x30, 69, 2, 32][..],
        &fixed[..32],
        &[2, 33, 0],
        &fixed[32..],
    ]
    .concat();
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(der));
    let keys = json!({ "keys": [{
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }]})
    .to_string();
    for crypto in backends() {
        let refused = verify_with(&*crypto, &[Algorithm::Es256], &keys, None, &token);
        assert_eq!(refused.unwrap_err(), VerifyError::Signature);
    }
}
