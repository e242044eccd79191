//! Signatures by ring: everything but ES512.

use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{self as s, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair, UnparsedPublicKey};

use crate::contract::crypto::{BadSignature, CannotSign, Crypto};
use crate::values::algorithm::Algorithm;
use crate::values::mac_key::MacKey;
use crate::values::public_key::PublicKey;
use crate::values::signing_key::{KeyParts, SigningKey};

const NAME: &str = "ring";

/// The backend [ring](https://docs.rs/ring). It has every algorithm but ES512, and signs with RS256 to PS512,
/// ES256 and EdDSA.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ring;

impl Crypto for Ring {
    fn name(&self) -> &'static str {
        NAME
    }

    fn has(&self, algorithm: Algorithm) -> bool {
        algorithm != Algorithm::Es512
    }

    fn verify(
        &self,
        algorithm: Algorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        if !key.fits(algorithm) {
            return Err(BadSignature);
        }
        match key {
            PublicKey::Rsa(key) => {
                let components = s::RsaPublicKeyComponents {
                    n: key.modulus(),
                    e: key.exponent(),
                };
                let parameters = rsa_parameters(algorithm).ok_or(BadSignature)?;
                components.verify(parameters, message, signature)
            }
            PublicKey::Ec(key) => {
                let curve: &dyn s::VerificationAlgorithm = match algorithm {
                    Algorithm::Es256 => &s::ECDSA_P256_SHA256_FIXED,
                    Algorithm::Es384 => &s::ECDSA_P384_SHA384_FIXED,
                    _ => return Err(BadSignature),
                };
                UnparsedPublicKey::new(curve, key.point()).verify(message, signature)
            }
            PublicKey::Ed25519(key) => {
                UnparsedPublicKey::new(&s::ED25519, key).verify(message, signature)
            }
        }
        .map_err(|_| BadSignature)
    }

    fn verify_mac(
        &self,
        algorithm: Algorithm,
        key: &MacKey,
        message: &[u8],
        tag: &[u8],
    ) -> Result<(), BadSignature> {
        let hash = match algorithm {
            Algorithm::Hs256 => hmac::HMAC_SHA256,
            Algorithm::Hs384 => hmac::HMAC_SHA384,
            Algorithm::Hs512 => hmac::HMAC_SHA512,
            _ => return Err(BadSignature),
        };
        let key = key.bytes_for(algorithm).map_err(|_| BadSignature)?;
        hmac::verify(&hmac::Key::new(hash, key), message, tag).map_err(|_| BadSignature)
    }

    fn sign(
        &self,
        algorithm: Algorithm,
        key: &SigningKey,
        message: &[u8],
    ) -> Result<Vec<u8>, CannotSign> {
        let refused = |_| CannotSign::Key { backend: NAME };
        let failed = |_| CannotSign::Failed { backend: NAME };
        let random = SystemRandom::new();
        match (key.parts(), algorithm) {
            (KeyParts::Rsa { pkcs1 }, _) => {
                let padding = rsa_padding(algorithm).ok_or(CannotSign::Algorithm {
                    backend: NAME,
                    algorithm,
                })?;
                let key = RsaKeyPair::from_der(pkcs1).map_err(refused)?;
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(padding, &random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            (KeyParts::P256 { scalar, point }, Algorithm::Es256) => {
                let point = point.ok_or(CannotSign::NoPublicPart { backend: NAME })?;
                let curve = &s::ECDSA_P256_SHA256_FIXED_SIGNING;
                let key =
                    EcdsaKeyPair::from_private_key_and_public_key(curve, scalar, point, &random)
                        .map_err(refused)?;
                let signature = key.sign(&random, message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            (KeyParts::Ed25519 { seed, public }, Algorithm::EdDsa) => {
                let key = match public {
                    Some(public) => Ed25519KeyPair::from_seed_and_public_key(seed, public),
                    None => Ed25519KeyPair::from_seed_unchecked(seed),
                };
                Ok(key.map_err(refused)?.sign(message).as_ref().to_vec())
            }
            _ => Err(CannotSign::Algorithm {
                backend: NAME,
                algorithm,
            }),
        }
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static s::RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &s::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &s::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &s::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &s::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &s::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &s::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn rsa_padding(algorithm: Algorithm) -> Option<&'static dyn s::RsaEncoding> {
    Some(match algorithm {
        Algorithm::Rs256 => &s::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &s::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &s::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &s::RSA_PSS_SHA256,
        Algorithm::Ps384 => &s::RSA_PSS_SHA384,
        Algorithm::Ps512 => &s::RSA_PSS_SHA512,
        _ => return None,
    })
}
