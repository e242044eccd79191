//! Authenticated encryption of everything that leaves the process: one sub-key per purpose, bound to
//! the place the sealed text is kept in.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::entropy::{Entropy, EntropyError, random};
use crate::key::{Key, KeyRing};

/// What a sealed text is for. Each purpose has keys of its own, so that a text sealed for one never
/// opens as another: the pending login of an attacker's making is not a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Pending,
    Session,
    Flash,
    Token,
}

impl Purpose {
    const ALL: [Self; 4] = [Self::Pending, Self::Session, Self::Flash, Self::Token];

    fn label(self) -> &'static str {
        match self {
            Self::Pending => "pending login",
            Self::Session => "session",
            Self::Flash => "flash messages",
            Self::Token => "token",
        }
    }
}

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// Seals and opens. The envelope is `version ‖ key id ‖ nonce ‖ ciphertext and tag`.
pub(crate) struct Sealer {
    keys: Vec<PurposeKeys>,
}

struct PurposeKeys {
    id: [u8; KEY_ID_BYTES],
    ciphers: [XChaCha20Poly1305; Purpose::ALL.len()],
}

impl PurposeKeys {
    fn derive(key: &Key) -> Self {
        Self {
            id: key.id(),
            ciphers: Purpose::ALL.map(|purpose| {
                let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.bytes())
                    .expect("HMAC takes a key of any length");
                mac.update(b"oauth-dance v1 ");
                mac.update(purpose.label().as_bytes());
                let derived = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
                XChaCha20Poly1305::new((&*derived).into())
            }),
        }
    }

    fn cipher(&self, purpose: Purpose) -> &XChaCha20Poly1305 {
        &self.ciphers[purpose as usize]
    }
}

impl Sealer {
    pub(crate) fn new(keys: &KeyRing) -> Self {
        Self {
            keys: keys.keys().iter().map(PurposeKeys::derive).collect(),
        }
    }

    /// Seals `plaintext` for `purpose`. It opens again only with the same purpose and `place`.
    ///
    /// The nonce is 192 random bits, so that no count of seals makes a repetition likely.
    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        place: &[&str],
        plaintext: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, EntropyError> {
        let key = self.keys.first().expect("a key ring is never empty");
        let nonce: [u8; NONCE_BYTES] = random(entropy)?;
        let payload = Payload {
            msg: plaintext,
            aad: &associated_data(&key.id, place),
        };
        let ciphertext = key
            .cipher(purpose)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("what we seal is far below the cipher's limit of 256 GiB");

        let mut envelope = Vec::with_capacity(HEADER_BYTES + ciphertext.len());
        envelope.push(VERSION);
        envelope.extend_from_slice(&key.id);
        envelope.extend_from_slice(&nonce);
        envelope.extend_from_slice(&ciphertext);
        Ok(envelope)
    }

    /// Opens an envelope. Anything that is not authentic, of this purpose and from this place, under
    /// a key of the ring, is absent.
    pub(crate) fn open(
        &self,
        purpose: Purpose,
        place: &[&str],
        envelope: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (header, ciphertext) = envelope.split_at_checked(HEADER_BYTES)?;
        let (version, header) = header.split_first()?;
        let (key_id, nonce) = header.split_at_checked(KEY_ID_BYTES)?;
        if *version != VERSION {
            return None;
        }
        let nonce = XNonce::from(<[u8; NONCE_BYTES]>::try_from(nonce).ok()?);
        let key = self.keys.iter().find(|key| key.id == key_id)?;
        let payload = Payload {
            msg: ciphertext,
            aad: &associated_data(&key.id, place),
        };
        let plaintext = key.cipher(purpose).decrypt(&nonce, payload).ok()?;
        Some(Zeroizing::new(plaintext))
    }
}

/// Version, key and place, each part behind its length so that no two places look alike.
fn associated_data(key_id: &[u8; KEY_ID_BYTES], place: &[&str]) -> Vec<u8> {
    let mut data = vec![VERSION];
    data.extend_from_slice(key_id);
    for part in place {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;

    fn sealer() -> Sealer {
        Sealer::new(&KeyRing::new(Key::generate().unwrap()))
    }

    fn seal(sealer: &Sealer, purpose: Purpose, place: &[&str]) -> Vec<u8> {
        sealer
            .seal(purpose, place, b"plaintext", &OsEntropy)
            .unwrap()
    }

    #[test]
    fn what_was_sealed_opens() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Token, &["github", "user:1"]);
        let opened = sealer.open(Purpose::Token, &["github", "user:1"], &envelope);
        assert_eq!(opened.unwrap().as_slice(), b"plaintext");
    }

    #[test]
    fn g01_any_flipped_bit_makes_it_absent() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Session, &[]);
        for bit in 0..envelope.len() * 8 {
            let mut flipped = envelope.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(
                sealer.open(Purpose::Session, &[], &flipped).is_none(),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn g02_any_truncation_makes_it_absent() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Session, &[]);
        for length in 0..envelope.len() {
            assert!(
                sealer
                    .open(Purpose::Session, &[], &envelope[..length])
                    .is_none()
            );
        }
    }

    #[test]
    fn g04_no_purpose_opens_what_another_sealed() {
        let sealer = sealer();
        for sealed in Purpose::ALL {
            let envelope = seal(&sealer, sealed, &[]);
            for opened in Purpose::ALL {
                let result = sealer.open(opened, &[], &envelope);
                assert_eq!(
                    result.is_some(),
                    sealed == opened,
                    "{sealed:?} as {opened:?}"
                );
            }
        }
    }

    #[test]
    fn g05_another_place_does_not_open_it() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Pending, &["ab", "c"]);
        assert!(
            sealer
                .open(Purpose::Pending, &["a", "bc"], &envelope)
                .is_none()
        );
        assert!(sealer.open(Purpose::Pending, &["abc"], &envelope).is_none());
    }

    #[test]
    fn g08_an_older_key_opens_and_an_unknown_one_is_absent() {
        let old = Key::generate().unwrap();
        let envelope = seal(
            &Sealer::new(&KeyRing::new(old.clone())),
            Purpose::Token,
            &[],
        );

        let rotated = KeyRing::new(Key::generate().unwrap()).with_older(old);
        assert!(
            Sealer::new(&rotated)
                .open(Purpose::Token, &[], &envelope)
                .is_some()
        );
        assert!(sealer().open(Purpose::Token, &[], &envelope).is_none());
    }

    #[test]
    fn two_seals_of_one_text_differ() {
        let sealer = sealer();
        assert_ne!(
            seal(&sealer, Purpose::Flash, &[]),
            seal(&sealer, Purpose::Flash, &[])
        );
    }
}
