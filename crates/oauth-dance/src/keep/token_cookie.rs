//! A sealed token in the browser's own cookies: the store that needs no set-up.
//!
//! The tokens of all dances share a few slots, so that callbacks that finish at once cannot fill a browser. Each
//! dance begins at a slot of its own, so that short tokens that come at once do not meet. A token that another one
//! has overwritten is absent, and its user signs in again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::keep::budget;
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::slots::{Kind, LABEL_CHARS, Slots};
use crate::values::time::Timestamp;

pub(super) const PREFIX: &str = "token-";

const KIND: Kind = Kind {
    prefix: PREFIX,
    bytes: budget::TOKEN_SLOT,
    count: budget::TOKEN_SLOTS,
};

/// A token to keep.
pub(crate) struct Keeping<'k> {
    pub(crate) sealed: &'k [u8],
    pub(crate) dance: &'k str,
    /// The slot at which the dance begins.
    pub(crate) first_slot: usize,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Keeping<'_> {
    /// Returns the `Set-Cookie` headers that keep the token, and delete what is left of an earlier one. Returns
    /// `None` if it does not fit beside the tokens of the other dances.
    ///
    /// `others` are the dances that the browser stays signed in with; without it, all of them. The tokens of any
    /// further dance are worth nothing, and are deleted.
    pub(crate) fn cookies(
        &self,
        policy: &CookiePolicy,
        request: &RequestCookies,
        others: Option<&[String]>,
    ) -> Option<Vec<HeaderValue>> {
        let own = label(self.dance);
        let others: Option<Vec<String>> =
            others.map(|others| others.iter().map(|dance| label(dance)).collect());
        let slots = Slots::read(KIND, request);
        let mut free = slots.without(|part| {
            part.label != own
                && part.expires_at > self.now.unix_seconds()
                && others
                    .as_ref()
                    .is_none_or(|others| others.iter().any(|other| other == part.label))
        });
        // Where it is already, so that a token of one length stays in its slots.
        let is_own = |slot: usize| {
            let mut parts = slots.parts.iter();
            parts.any(|part| part.slot == slot && part.label == own)
        };
        free.sort_unstable_by_key(|slot| {
            let distance = (slot + KIND.count - self.first_slot) % KIND.count;
            (!is_own(*slot), distance)
        });
        let text = URL_SAFE_NO_PAD.encode(self.sealed);
        let parts = KIND.cut(&text, &own, self.expires_at, policy);
        if parts.len() > free.len() {
            return None;
        }
        let chosen = &free[..parts.len()];
        let lifetime = self.expires_at.since(self.now).as_secs();
        let set = chosen
            .iter()
            .zip(&parts)
            .map(|(slot, part)| policy.set(&KIND.name(*slot), part, Some(lifetime)));
        let unused = slots.unused(&free, chosen);
        let deleted = unused.iter().map(|name| policy.delete(name));
        Some(set.chain(deleted).collect())
    }
}

/// Returns the headers that delete every part of `dance`'s token that the request carries, and what cannot be read
/// as a part of any token.
pub(crate) fn forget(
    dance: &str,
    policy: &CookiePolicy,
    request: &RequestCookies,
) -> Vec<HeaderValue> {
    let slots = Slots::read(KIND, request);
    let names = slots.names(&label(dance));
    let names = names.iter().map(String::as_str).chain(slots.strays());
    names.map(|name| policy.delete(name)).collect()
}

/// Returns the texts that the cookies of `dance`'s token may form. Several cookies of one name may have
/// been sent. Only an authentic one counts, which shows when it is opened.
pub(crate) fn candidates(dance: &str, request: &RequestCookies) -> impl Iterator<Item = Vec<u8>> {
    let texts = Slots::read(KIND, request).texts(&label(dance));
    let sealed = |text: String| URL_SAFE_NO_PAD.decode(text).ok();
    texts.into_iter().filter_map(sealed)
}

/// Returns the slot at which the dance at this position of `count` begins.
pub(crate) fn first_slot(position: usize, count: usize) -> usize {
    position * KIND.count / count.max(1)
}

fn label(dance: &str) -> String {
    let mut label = URL_SAFE_NO_PAD.encode(Sha256::digest(dance));
    label.truncate(LABEL_CHARS);
    label
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::COOKIE;

    use super::*;

    fn policy() -> CookiePolicy {
        CookiePolicy::secure("od")
    }

    /// The cookies that a browser sends after these `Set-Cookie` headers.
    fn sent_back<'h>(headers: impl IntoIterator<Item = &'h HeaderValue>) -> RequestCookies {
        let map: HeaderMap = headers
            .into_iter()
            .filter_map(|header| header.to_str().ok()?.split(';').next())
            .map(|pair| (COOKIE, HeaderValue::from_str(pair).unwrap()))
            .collect();
        RequestCookies::read(&map, &policy())
    }

    fn read(dance: &str, request: &RequestCookies) -> Option<Vec<u8>> {
        candidates(dance, request).next()
    }

    fn keep(
        sealed: &[u8],
        dance: &str,
        request: &RequestCookies,
        others: Option<&[String]>,
    ) -> Option<Vec<HeaderValue>> {
        let keeping = Keeping {
            sealed,
            dance,
            first_slot: 0,
            now: Timestamp::from_unix_seconds(1_800_000_000),
            expires_at: Timestamp::from_unix_seconds(1_800_000_060),
        };
        keeping.cookies(&policy(), request, others)
    }

    fn keep_new(sealed: &[u8]) -> Option<Vec<HeaderValue>> {
        keep(sealed, "op", &RequestCookies::default(), None)
    }

    /// How many bytes of a request's header these take.
    fn bytes(headers: &[HeaderValue]) -> usize {
        let pairs = headers.iter().filter_map(|header| header.to_str().ok());
        let pairs = pairs.filter_map(|header| header.split(';').next()?.split_once('='));
        pairs.map(|(name, value)| budget::size(name, value)).sum()
    }

    #[test]
    fn g09_every_length_up_to_the_cap_comes_back_exact_multiples_included() {
        let mut longest = 0;
        for length in 0..3000 {
            let sealed = vec![7; length];
            let Some(headers) = keep_new(&sealed) else {
                break;
            };
            longest = length;
            assert_eq!(read("op", &sent_back(&headers)), Some(sealed), "{length}");
        }
        assert!(longest > 2700, "{longest}");
        assert!(bytes(&keep_new(&vec![7; longest]).unwrap()) <= 4096);
        // And no more than that.
        assert!(keep_new(&vec![7; 4000]).is_none());
    }

    #[test]
    fn g09_a_missing_part_is_absent() {
        let headers = keep_new(&[7; 1000]).unwrap();
        assert!(headers.len() > 1);
        for missing in 0..headers.len() {
            let mut sent = headers.clone();
            sent.remove(missing);
            assert_eq!(read("op", &sent_back(&sent)), None);
        }
    }

    #[test]
    fn g10_a_token_has_the_room_that_the_others_leave() {
        let large = keep_new(&[7; 2600]).unwrap();
        let carried = sent_back(&large);
        assert!(keep(&[8; 1000], "other", &carried, None).is_none());
        let signed_in = ["op".to_owned()];
        assert!(keep(&[8; 1000], "other", &carried, Some(&signed_in)).is_none());
        // The browser is signed out of the other dance, whose token goes.
        let kept = keep(&[8; 1000], "other", &carried, Some(&[])).unwrap();
        let sent = sent_back(&kept);
        assert_eq!(read("other", &sent), Some(vec![8; 1000]));
        assert_eq!(kept.len(), large.len());
        // A successor always fits in its place.
        assert!(keep(&[8; 1000], "op", &carried, None).is_some());
    }

    #[test]
    fn g10_a_token_that_expires_now_leaves_its_room() {
        let carried = sent_back(&keep_new(&[7; 2600]).unwrap());
        let at = |now: u64| {
            let keeping = Keeping {
                sealed: &[8; 2600],
                dance: "other",
                first_slot: 0,
                now: Timestamp::from_unix_seconds(now),
                expires_at: Timestamp::from_unix_seconds(1_900_000_000),
            };
            keeping.cookies(&policy(), &carried, None)
        };
        assert!(at(1_800_000_059).is_none());
        assert!(at(1_800_000_060).is_some());
    }

    #[test]
    fn g10_each_dance_begins_at_a_slot_of_its_own() {
        for count in 1..=KIND.count {
            let mut firsts: Vec<usize> = (0..count).map(|it| first_slot(it, count)).collect();
            firsts.dedup();
            assert_eq!(firsts.len(), count);
        }
        assert!((0..100).all(|position| first_slot(position, 100) < KIND.count));
    }
}
