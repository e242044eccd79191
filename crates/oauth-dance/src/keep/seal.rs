//! Authenticated encryption of everything that leaves the process, bound to the place it is kept in.
//!
//! The cipher is AES-256-GCM-SIV (RFC 8452). Each purpose of each site has one key, which HKDF-SHA-256 (RFC 5869) derives
//! once, when the application starts. The cipher derives keys of its own from each nonce. If a nonce repeats,
//! it shows only whether two texts are the same. Random nonces are therefore safe for any number of envelopes
//! that an application makes (RFC 8452 §9), and no key has to be derived for each envelope here.

use aes_gcm_siv::aead::AeadInOut as _;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _, Nonce, Tag};
use hkdf::Hkdf;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::contract::entropy::{Draws, EntropyError};
use crate::values::key::{Key, KeyRing};

/// The purpose of a sealed text. Each purpose has a key of its own, so that a text sealed for one never
/// opens as another. A pending login that an attacker began does not open as a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Pending,
    Session,
    Flash,
    Token,
    Ended,
}

impl Purpose {
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Session,
        Self::Flash,
        Self::Token,
        Self::Ended,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Pending => "pending login",
            Self::Session => "session",
            Self::Flash => "flash messages",
            Self::Token => "token",
            Self::Ended => "ended login",
        }
    }
}

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// The part in clear before the ciphertext: version, key id and nonce.
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// Room for most of what is sealed, so that no half-written plaintext is left where a buffer grew.
const TYPICAL_BYTES: usize = 640;

/// Seals and opens. An envelope is `version ‖ key id ‖ nonce ‖ ciphertext ‖ tag`; the plaintext is JSON.
pub(crate) struct Sealer {
    keys: Vec<PurposeKeys>,
}

/// One key of the ring, with a cipher for each purpose.
struct PurposeKeys {
    id: [u8; KEY_ID_BYTES],
    ciphers: [Aes256GcmSiv; Purpose::ALL.len()],
}

impl PurposeKeys {
    fn derive(key: &Key, site: &str) -> Self {
        let key_material = Hkdf::<Sha256>::new(None, key.bytes());
        Self {
            id: key.id(),
            ciphers: Purpose::ALL.map(|purpose| {
                let mut derived = Zeroizing::new([0; 32]);
                let label = purpose.label();
                // No label has a zero byte, so no two pairs look alike.
                let info: [&[u8]; 4] =
                    [b"oauth-dance v1 ", label.as_bytes(), b"\0", site.as_bytes()];
                key_material
                    .expand_multi_info(&info, &mut *derived)
                    .expect("HKDF-SHA-256 yields up to 8160 bytes");
                Aes256GcmSiv::new((&*derived).into())
            }),
        }
    }

    fn cipher(&self, purpose: Purpose) -> &Aes256GcmSiv {
        &self.ciphers[purpose as usize]
    }
}

impl Sealer {
    /// Derives the keys of the site called `site`. With the same key ring, what one site has sealed does
    /// not open at another: staging and production, or two tenants.
    pub(crate) fn new(keys: &KeyRing, site: &str) -> Self {
        let keys = keys.keys().iter();
        Self {
            keys: keys.map(|key| PurposeKeys::derive(key, site)).collect(),
        }
    }

    /// Seals `value` for `purpose`. It opens again only with the same purpose and `place`.
    pub(crate) fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        place: &[&str],
        value: &T,
        draws: &mut Draws<'_>,
    ) -> Result<Vec<u8>, EntropyError> {
        let key = self.keys.first().expect("a key ring is never empty");
        let nonce: [u8; NONCE_BYTES] = draws.bytes()?;
        let mut envelope = Vec::with_capacity(TYPICAL_BYTES);
        envelope.push(VERSION);
        envelope.extend_from_slice(&key.id);
        envelope.extend_from_slice(&nonce);
        // Straight to where it is encrypted in place, so that no copy of it has to be wiped.
        serde_json::to_writer(&mut envelope, value).expect("our own types serialize to JSON");
        let tag = key
            .cipher(purpose)
            .encrypt_inout_detached(
                &Nonce::from(nonce),
                &associated_data(&key.id, place),
                (&mut envelope[HEADER_BYTES..]).into(),
            )
            .expect("what we seal is far below the cipher's limit of 64 GiB");
        envelope.extend_from_slice(&tag);
        Ok(envelope)
    }

    /// Opens an envelope. Returns `None` if it is not authentic, is of another purpose or from another
    /// place, was sealed under a key that is not in the ring, or was written in the form of another
    /// version of this crate.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        place: &[&str],
        envelope: Vec<u8>,
    ) -> Option<T> {
        let mut envelope = Zeroizing::new(envelope);
        let plaintext = self.decrypt(purpose, place, &mut envelope)?;
        serde_json::from_slice(plaintext).ok()
    }

    fn decrypt<'e>(
        &self,
        purpose: Purpose,
        place: &[&str],
        envelope: &'e mut [u8],
    ) -> Option<&'e [u8]> {
        let (version, rest) = envelope.split_first_mut()?;
        let (key_id, rest) = rest.split_first_chunk_mut::<KEY_ID_BYTES>()?;
        let (nonce, rest) = rest.split_first_chunk_mut::<NONCE_BYTES>()?;
        let (text, tag) = rest.split_last_chunk_mut::<TAG_BYTES>()?;
        if *version != VERSION {
            return None;
        }
        let key = self.keys.iter().find(|key| key.id == *key_id)?;
        key.cipher(purpose)
            .decrypt_inout_detached(
                &Nonce::from(*nonce),
                &associated_data(&key.id, place),
                (&mut *text).into(),
                &Tag::from(*tag),
            )
            .ok()?;
        Some(text)
    }
}

/// Returns version, key and place. Each part is preceded by its length, so that no two places look alike.
fn associated_data(key_id: &[u8; KEY_ID_BYTES], place: &[&str]) -> Vec<u8> {
    let length = place
        .iter()
        .map(|part| size_of::<u64>() + part.len())
        .sum::<usize>();
    let mut data = Vec::with_capacity(1 + KEY_ID_BYTES + length);
    data.push(VERSION);
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
    use crate::contract::entropy::OsEntropy;

    const SITE: &str = "https://app.example od";

    fn sealer() -> Sealer {
        Sealer::new(&KeyRing::new(Key::generate().unwrap()), SITE)
    }

    fn seal(sealer: &Sealer, purpose: Purpose, place: &[&str]) -> Vec<u8> {
        sealer
            .seal(purpose, place, &"plaintext", &mut Draws::from(&OsEntropy))
            .unwrap()
    }

    fn open(sealer: &Sealer, purpose: Purpose, place: &[&str], envelope: &[u8]) -> Option<String> {
        sealer.open(purpose, place, envelope.to_vec())
    }

    #[test]
    fn what_was_sealed_opens() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Token, &["github", "user:1"]);
        let opened = open(&sealer, Purpose::Token, &["github", "user:1"], &envelope);
        assert_eq!(opened.as_deref(), Some("plaintext"));
    }

    #[test]
    fn g01_any_flipped_bit_makes_it_absent() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Session, &[]);
        for bit in 0..envelope.len() * 8 {
            let mut flipped = envelope.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(
                open(&sealer, Purpose::Session, &[], &flipped).is_none(),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn g02_any_truncation_makes_it_absent() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Session, &[]);
        for length in 0..envelope.len() {
            let opened = open(&sealer, Purpose::Session, &[], &envelope[..length]);
            assert_eq!(opened, None, "{length} bytes");
        }
    }

    #[test]
    fn g04_no_purpose_opens_what_another_sealed() {
        let sealer = sealer();
        for sealed in Purpose::ALL {
            let envelope = seal(&sealer, sealed, &[]);
            for opened in Purpose::ALL {
                let result = open(&sealer, opened, &[], &envelope);
                assert_eq!(
                    result.is_some(),
                    sealed == opened,
                    "{sealed:?} as {opened:?}"
                );
            }
        }
    }

    #[test]
    fn g05_no_site_opens_what_another_sealed() {
        let keys = KeyRing::new(Key::generate().unwrap());
        let sites = [
            "https://app.example od",
            "https://app.example od2",
            "https://staging.app.example od",
            "",
        ];
        for purpose in Purpose::ALL {
            for sealed_at in sites {
                let envelope = seal(&Sealer::new(&keys, sealed_at), purpose, &["op"]);
                for opened_at in sites {
                    let opened = open(&Sealer::new(&keys, opened_at), purpose, &["op"], &envelope);
                    assert_eq!(
                        opened.is_some(),
                        sealed_at == opened_at,
                        "{purpose:?}: {sealed_at} at {opened_at}"
                    );
                }
            }
        }
    }

    #[test]
    fn g05_another_place_does_not_open_it() {
        let sealer = sealer();
        let envelope = seal(&sealer, Purpose::Pending, &["ab", "c"]);
        for place in [&["a", "bc"][..], &["abc"], &["ab"], &["ab", "c", ""]] {
            let opened = open(&sealer, Purpose::Pending, place, &envelope);
            assert_eq!(opened, None, "{place:?}");
        }
    }

    #[test]
    fn f19_g08_an_older_key_opens_and_an_unknown_one_is_absent() {
        let old = Key::generate().unwrap();
        let envelope = seal(
            &Sealer::new(&KeyRing::new(old.clone()), SITE),
            Purpose::Token,
            &[],
        );

        let rotated = KeyRing::new(Key::generate().unwrap()).with_older(old);
        let rotated = Sealer::new(&rotated, SITE);
        assert!(open(&rotated, Purpose::Token, &[], &envelope).is_some());
        assert!(open(&sealer(), Purpose::Token, &[], &envelope).is_none());
    }

    #[test]
    fn f20_no_two_seals_of_one_text_are_alike() {
        let sealer = sealer();
        let seals: std::collections::HashSet<_> = (0..10_000)
            .map(|_| seal(&sealer, Purpose::Flash, &[]))
            .collect();
        assert_eq!(seals.len(), 10_000);
    }

    #[test]
    fn g08_the_name_of_a_key_opens_nothing() {
        let (ours, mut theirs) = (sealer(), sealer());
        let envelope = seal(&ours, Purpose::Token, &[]);
        theirs.keys[0].id = ours.keys[0].id;
        assert_eq!(open(&theirs, Purpose::Token, &[], &envelope), None);
    }
}
