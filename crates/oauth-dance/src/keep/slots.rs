//! Named slots: a fixed number of cookies of a fixed size.
//!
//! Many tabs may begin or finish a login at once, each without knowing of the others. Names that are fixed bound
//! what the browser has afterwards, whichever response comes last. A text that needs more than one slot is cut
//! into parts.
//!
//! What is in a slot is `expiry.label.part.payload`. The first three are in clear, so that a text can be found, and
//! the oldest be given up, without opening any. `part` is two digits: which part this is, from 0, and how many
//! there are.

use crate::keep::budget;
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::values::time::Timestamp;

/// How many characters a label has.
pub(super) const LABEL_CHARS: usize = 11;

/// How many texts are tried for one label. Several cookies of one name may have been sent, and only an
/// authentic one counts.
const MAX_TRIED: usize = 4;

/// The slots for one kind of texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// What the names begin with. A digit follows.
    pub(super) prefix: &'static str,
    /// How many bytes of a `Cookie` header one slot has.
    pub(super) bytes: usize,
    pub(super) count: usize,
}

/// A part of a text, as a slot of the request holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'r> {
    pub(super) slot: usize,
    /// In seconds since the Unix epoch.
    pub(super) expires_at: u64,
    pub(super) label: &'r str,
    index: usize,
    count: usize,
    payload: &'r str,
}

impl<'r> Part<'r> {
    fn read(slot: usize, text: &'r str) -> Option<Self> {
        let mut fields = text.splitn(4, '.');
        let (expiry, label, part, payload) = (
            fields.next()?,
            fields.next()?,
            fields.next()?,
            fields.next()?,
        );
        let digit = |byte: u8| char::from(byte).to_digit(10).map(|digit| digit as usize);
        let &[index, count] = part.as_bytes() else {
            return None;
        };
        let (index, count) = (digit(index)?, digit(count)?);
        (label.len() == LABEL_CHARS && index < count).then_some(Self {
            slot,
            expires_at: expiry.parse().ok()?,
            label,
            index,
            count,
            payload,
        })
    }
}

/// The slots of one browser, as one request sees them.
pub(super) struct Slots<'r> {
    kind: Kind,
    pub(super) parts: Vec<Part<'r>>,
    /// The cookies whose names begin like those of slots.
    carried: Vec<&'r str>,
}

impl<'r> Slots<'r> {
    /// Reads the slots of a request.
    pub(super) fn read(kind: Kind, request: &'r RequestCookies) -> Self {
        let (mut parts, mut carried) = (Vec::new(), Vec::new());
        for (name, text) in request.starting_with(kind.prefix) {
            carried.push(name);
            if let Some(slot) = kind.slot(name) {
                parts.extend(Part::read(slot, text));
            }
        }
        Self {
            kind,
            parts,
            carried,
        }
    }

    /// Returns the texts that the request may hold under this label, a few at most.
    pub(super) fn texts(&self, label: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for count in 1..=self.kind.count {
            let of_part = |index: usize| -> Vec<&str> {
                let parts = self.parts.iter();
                parts
                    .filter(|part| (part.label, part.index, part.count) == (label, index, count))
                    .map(|part| part.payload)
                    .take(MAX_TRIED)
                    .collect()
            };
            let parts: Vec<Vec<&str>> = (0..count).map(of_part).collect();
            let combinations = parts
                .iter()
                .fold(1, |product: usize, part| product.saturating_mul(part.len()));
            for number in 0..combinations.min(MAX_TRIED - texts.len()) {
                let mut rest = number;
                let text = parts.iter().map(|part| {
                    let payload = part[rest % part.len()];
                    rest /= part.len();
                    payload
                });
                texts.push(text.collect());
            }
        }
        texts
    }

    /// Returns the names of the slots that hold a part of the text under this label.
    pub(super) fn names(&self, label: &str) -> Vec<String> {
        let slots = 0..self.kind.count;
        slots
            .filter(|slot| {
                let mut parts = self.parts.iter();
                parts.any(|part| (part.slot, part.label) == (*slot, label))
            })
            .map(|slot| self.kind.name(slot))
            .collect()
    }

    /// Returns the slots without a part that `stays`.
    pub(super) fn without(&self, stays: impl Fn(&Part<'r>) -> bool) -> Vec<usize> {
        let is_taken = |slot: usize| {
            let mut parts = self.parts.iter();
            parts.any(|part| part.slot == slot && stays(part))
        };
        let slots = 0..self.kind.count;
        slots.filter(|slot| !is_taken(*slot)).collect()
    }

    /// Returns the cookies whose names begin like those of slots and that hold no part of a text.
    pub(super) fn strays(&self) -> impl Iterator<Item = &'r str> {
        let holds_a_part = |name: &str| {
            let slot = self.kind.slot(name);
            let mut parts = self.parts.iter();
            parts.any(|part| Some(part.slot) == slot)
        };
        let carried = self.carried.iter().copied();
        carried.filter(move |name| !holds_a_part(name))
    }

    /// Returns the cookies of the request that are in none of the slots in use, nor in those that get a new text.
    pub(super) fn unused(&self, free: &[usize], chosen: &[usize]) -> Vec<String> {
        let is_unused = |name: &&&str| match self.kind.slot(name) {
            Some(slot) => free.contains(&slot) && !chosen.contains(&slot),
            None => true,
        };
        let unused = self.carried.iter().filter(is_unused);
        unused.map(|name| (*name).to_owned()).collect()
    }
}

impl Kind {
    pub(super) fn name(&self, slot: usize) -> String {
        format!("{}{slot}", self.prefix)
    }

    fn slot(&self, name: &str) -> Option<usize> {
        match name.strip_prefix(self.prefix)?.as_bytes() {
            [digit @ b'0'..=b'9'] => Some(usize::from(digit - b'0')).filter(|it| *it < self.count),
            _ => None,
        }
    }

    /// Cuts a text into parts, each as long as a slot. There is at least one.
    pub(super) fn cut(
        &self,
        text: &str,
        label: &str,
        expires_at: Timestamp,
        policy: &CookiePolicy,
    ) -> Vec<String> {
        let header = |part: usize, parts: usize| format!("{expires_at}.{label}.{part}{parts}.");
        let taken = budget::size(&policy.name(&self.name(0)), &header(0, 1));
        let room = self.bytes.saturating_sub(taken).max(1);
        let parts = text.len().div_ceil(room).max(1);
        (0..parts)
            .map(|index| {
                let from = index * room;
                header(index, parts) + &text[from..text.len().min(from + room)]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, HeaderMap, HeaderValue};

    use super::*;

    const KIND: Kind = Kind {
        prefix: "login-",
        bytes: 704,
        count: 9,
    };

    const LABEL: &str = "label-label";

    /// A request with a cookie for each of these: the slot, which part of how many, and the payload.
    fn request(parts: &[(usize, &str, &str)]) -> RequestCookies {
        let headers: HeaderMap = parts
            .iter()
            .map(|(slot, part, payload)| {
                let cookie = format!("__Host-od-login-{slot}=99.{LABEL}.{part}.{payload}");
                (COOKIE, HeaderValue::try_from(cookie).unwrap())
            })
            .collect();
        RequestCookies::read(&headers, &CookiePolicy::secure("od"))
    }

    fn texts(parts: &[(usize, &str, &str)]) -> Vec<String> {
        let mut texts = Slots::read(KIND, &request(parts)).texts(LABEL);
        texts.sort();
        texts
    }

    #[test]
    fn a13_every_combination_of_repeated_parts_is_tried() {
        let twice = [
            (0, "02", "a"),
            (0, "02", "A"),
            (1, "12", "b"),
            (1, "12", "B"),
        ];
        assert_eq!(texts(&twice), ["AB", "Ab", "aB", "ab"]);
    }

    #[test]
    fn a13_of_many_combinations_a_few_are_tried() {
        // Texts of one part, of two parts and of three, each of them repeated.
        let kinds = ["01", "02", "12", "03", "13", "23"];
        let parts: Vec<_> = kinds
            .into_iter()
            .enumerate()
            .flat_map(|(slot, part)| [(slot, part, "x"), (slot, part, "y"), (slot, part, "z")])
            .collect();
        assert_eq!(texts(&parts).len(), MAX_TRIED);
    }

    #[test]
    fn a10_what_is_no_part_of_a_text_takes_no_slot() {
        let free = |part: &str| {
            let request = request(&[(0, part, "x")]);
            let free = Slots::read(KIND, &request).without(|_| true);
            free.len()
        };
        assert_eq!(free("02"), 8);
        for none in ["00", "10", "22", "0", "012", "a1", "0b"] {
            assert_eq!(free(none), 9, "{none}");
        }
    }

    #[test]
    fn g10_each_part_has_the_size_of_a_slot() {
        let policy = CookiePolicy::secure("od");
        let name = policy.name(&KIND.name(0));
        let until = Timestamp::from_unix_seconds(1_800_000_000);
        for length in [0, 1, 600, 700, 1400, 5000] {
            let parts = KIND.cut(&"x".repeat(length), LABEL, until, &policy);
            assert!(!parts.is_empty());
            let sizes = parts.iter().map(|part| budget::size(&name, part));
            assert!(sizes.clone().all(|size| size <= KIND.bytes), "{length}");
            let full = sizes.take(parts.len() - 1);
            assert_eq!(full.filter(|size| *size < KIND.bytes).count(), 0);
        }
    }
}
