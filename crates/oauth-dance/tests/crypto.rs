//! The backends of signatures and the keys, as an application and the author of a backend see them.

use std::sync::Arc;

use oauth_dance::ClientSecret;
use oauth_dance::crypto::{
    Algorithm, BadSignature, CannotSign, Crypto, Curve, EcPublicKey, KeyParts, MacKey, PublicKey,
    SigningKey,
};

const P256: &str = include_str!("keys/p256_pkcs8.pem");

/// The backends of the features that are on.
fn backends() -> Vec<Arc<dyn Crypto>> {
    vec![
        #[cfg(feature = "ring")]
        Arc::new(oauth_dance::crypto::Ring),
        #[cfg(feature = "aws-lc-rs")]
        Arc::new(oauth_dance::crypto::AwsLcRs),
    ]
}

fn key() -> (SigningKey, PublicKey) {
    let key = SigningKey::from_pem(P256).unwrap();
    let KeyParts::P256 {
        point: Some(point), ..
    } = key.parts()
    else {
        panic!("not a key of P-256 with its public part");
    };
    let public = EcPublicKey::new(Curve::P256, &point[1..33], &point[33..]).unwrap();
    (key, PublicKey::Ec(public))
}

#[test]
fn what_a_backend_signs_it_verifies() {
    let (key, public) = key();
    for crypto in backends() {
        let signature = crypto.sign(key.algorithm(), &key, b"a text").unwrap();
        assert_eq!(signature.len(), 64, "two numbers, and not DER");
        for (text, result) in [(b"a text", Ok(())), (b"b text", Err(BadSignature))] {
            let found = crypto.verify(Algorithm::Es256, &public, text, &signature);
            assert_eq!(found, result, "{}", crypto.name());
        }
    }
}

#[test]
fn only_aws_lc_rs_has_es512() {
    for crypto in backends() {
        for algorithm in Algorithm::ALL {
            let expected = crypto.name() == "aws-lc-rs" || algorithm != Algorithm::Es512;
            assert_eq!(crypto.has(algorithm), expected, "{algorithm}");
        }
    }
}

#[test]
fn e02_a_public_key_verifies_nothing_of_another_family() {
    let (key, public) = key();
    for crypto in backends() {
        let signature = crypto.sign(Algorithm::Es256, &key, b"a text").unwrap();
        for algorithm in Algorithm::ALL {
            let found = crypto.verify(algorithm, &public, b"a text", &signature);
            assert_eq!(found.is_ok(), algorithm == Algorithm::Es256, "{algorithm}");
        }
    }
}

#[test]
fn e02_a_secret_verifies_nothing_but_hmac() {
    let secret = MacKey::new(&ClientSecret::new("s".repeat(64))).unwrap();
    for crypto in backends() {
        for algorithm in Algorithm::ALL {
            let found = crypto.verify_mac(algorithm, &secret, b"a text", &[0; 32]);
            assert_eq!(found, Err(BadSignature), "{algorithm}");
        }
    }
}

#[test]
fn a_key_signs_with_its_own_algorithms_only() {
    let (key, _) = key();
    for crypto in backends() {
        let refused = crypto.sign(Algorithm::Rs256, &key, b"a text");
        let expected = CannotSign::Algorithm {
            backend: crypto.name(),
            algorithm: Algorithm::Rs256,
        };
        assert_eq!(refused, Err(expected));
    }
}

/// Both backends in one process, at the same time: none is installed for the process.
#[test]
fn l07_backends_stand_beside_each_other() {
    let (key, public) = key();
    for signer in backends() {
        for verifier in backends() {
            let signature = signer.sign(Algorithm::Es256, &key, b"a text").unwrap();
            let found = verifier.verify(Algorithm::Es256, &public, b"a text", &signature);
            assert_eq!(found, Ok(()), "{} {}", signer.name(), verifier.name());
        }
    }
}
