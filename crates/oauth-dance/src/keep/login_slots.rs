//! The named slots in which the pending logins of a browser wait: a fixed number of cookies of a fixed size.
//!
//! Many tabs may begin a login at once, each without knowing of the others. Names that are fixed bound what
//! the browser has afterwards, whichever response comes last. A login that needs more than one slot is cut
//! into parts.
//!
//! The text of a slot is `expiry.state.part.payload`. The first three are in clear, so that a login can be
//! found, and the oldest be given up, without opening any. `state` is the beginning of the fingerprint of the
//! login's `state`. `part` is two digits: which part this is, from 0, and how many there are.

use crate::keep::budget;
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::values::pending::StateFingerprint;
use crate::values::time::Timestamp;

const PREFIX: &str = "login-";

/// How many characters of the fingerprint are in clear.
const STATE_CHARS: usize = 11;

/// How many texts are tried for one callback. Several cookies of one name may have been sent, and only an
/// authentic one counts.
const MAX_TRIED: usize = 4;

/// A part of a login, as a slot of the request holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part<'r> {
    slot: usize,
    expires_at: u64,
    state: &'r str,
    index: usize,
    count: usize,
    payload: &'r str,
}

impl<'r> Part<'r> {
    fn read(slot: usize, text: &'r str) -> Option<Self> {
        let mut fields = text.splitn(4, '.');
        let (expiry, state, part, payload) = (
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
        (state.len() == STATE_CHARS && index < count).then_some(Self {
            slot,
            expires_at: expiry.parse().ok()?,
            state,
            index,
            count,
            payload,
        })
    }
}

/// The slots of one browser, as one request sees them.
pub(super) struct LoginSlots<'r> {
    count: usize,
    parts: Vec<Part<'r>>,
    /// The cookies that are named like a slot and are none.
    strays: Vec<&'r str>,
}

/// Where a login is put: a name and a text for each of its parts, and the cookies to delete.
pub(super) struct Placed {
    pub(super) set: Vec<(String, String)>,
    pub(super) delete: Vec<String>,
}

impl<'r> LoginSlots<'r> {
    /// Reads the slots of a request, of which there are `count`.
    pub(super) fn read(count: usize, request: &'r RequestCookies) -> Self {
        let (mut parts, mut strays) = (Vec::new(), Vec::new());
        for (name, text) in request.starting_with(PREFIX) {
            match slot(name).filter(|slot| *slot < count) {
                Some(slot) => parts.extend(Part::read(slot, text)),
                None => strays.push(name),
            }
        }
        Self {
            count,
            parts,
            strays,
        }
    }

    /// Returns the texts that the request may hold for the login of this state, a few at most.
    pub(super) fn texts(&self, state: &StateFingerprint) -> Vec<String> {
        let state = short(state);
        let mut texts = Vec::new();
        for count in 1..=self.count {
            let of_part = |index: usize| -> Vec<&str> {
                let parts = self.parts.iter();
                parts
                    .filter(|part| (part.state, part.index, part.count) == (state, index, count))
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

    /// Returns the names of the slots that hold a part of the login of this state.
    pub(super) fn names(&self, state: &StateFingerprint) -> Vec<String> {
        let state = short(state);
        let slots = 0..self.count;
        slots
            .filter(|slot| {
                let mut parts = self.parts.iter();
                parts.any(|part| (part.slot, part.state) == (*slot, state))
            })
            .map(name)
            .collect()
    }

    /// Returns whether other logins wait in all slots at `now`, so that one more has been given up.
    pub(super) fn are_full(&self, now: Timestamp) -> bool {
        self.free(now).is_empty()
    }

    /// Puts `text` into free slots, of which `random` chooses, or in place of the oldest logins. Returns
    /// `None` if all slots together do not have the room.
    pub(super) fn place(
        &self,
        text: &str,
        state: &StateFingerprint,
        expires_at: Timestamp,
        (policy, now, random): (&CookiePolicy, Timestamp, u8),
    ) -> Option<Placed> {
        let header =
            |part: usize, parts: usize| format!("{expires_at}.{}.{part}{parts}.", short(state));
        let taken = budget::size(&policy.name(&name(0)), &header(0, 1));
        let room = budget::SLOT.checked_sub(taken).filter(|room| *room > 0)?;
        let parts = text.len().div_ceil(room).max(1);
        if parts > self.count {
            return None;
        }

        let mut free = self.free(now);
        let mut given_up = Vec::new();
        while free.len() < parts {
            let oldest = self
                .parts
                .iter()
                .filter(|part| !free.contains(&part.slot))
                .min_by_key(|part| part.expires_at)?
                .state;
            let slots = self.parts.iter().filter(|part| part.state == oldest);
            for slot in slots.map(|part| part.slot) {
                if !free.contains(&slot) {
                    free.push(slot);
                    given_up.push(slot);
                }
            }
        }
        let count = free.len();
        free.rotate_left(usize::from(random) % count);
        let chosen = &free[..parts];
        let delete = given_up
            .into_iter()
            .filter(|slot| !chosen.contains(slot))
            .map(name)
            .chain(self.strays.iter().map(|name| (*name).to_owned()));
        let pieces = (0..parts).map(|index| {
            let from = index * room;
            &text[from..text.len().min(from + room)]
        });
        let set = chosen.iter().zip(pieces).enumerate();
        Some(Placed {
            set: set
                .map(|(index, (slot, piece))| (name(*slot), header(index, parts) + piece))
                .collect(),
            delete: delete.collect(),
        })
    }

    /// Returns the slots in which no login waits at `now`.
    fn free(&self, now: Timestamp) -> Vec<usize> {
        let waits = |slot: usize| {
            let mut parts = self.parts.iter();
            parts.any(|part| part.slot == slot && part.expires_at > now.unix_seconds())
        };
        (0..self.count).filter(|slot| !waits(*slot)).collect()
    }
}

fn name(slot: usize) -> String {
    format!("{PREFIX}{slot}")
}

fn slot(name: &str) -> Option<usize> {
    match name.strip_prefix(PREFIX)?.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

fn short(state: &StateFingerprint) -> &str {
    &state.as_str()[..STATE_CHARS]
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, HeaderMap, HeaderValue};

    use super::*;
    use crate::values::pending::State;

    fn state() -> StateFingerprint {
        State::new("s".repeat(State::CHARS)).fingerprint()
    }

    /// A request with a cookie for each of these: the slot, which part of how many, and the payload.
    fn request(parts: &[(usize, &str, &str)]) -> RequestCookies {
        let headers: HeaderMap = parts
            .iter()
            .map(|(slot, part, payload)| {
                let state = state();
                let state = short(&state);
                let cookie = format!("__Host-od-login-{slot}=99.{state}.{part}.{payload}");
                (COOKIE, HeaderValue::try_from(cookie).unwrap())
            })
            .collect();
        RequestCookies::read(&headers, &CookiePolicy::secure("od"))
    }

    fn texts(parts: &[(usize, &str, &str)]) -> Vec<String> {
        let request = request(parts);
        let mut texts = LoginSlots::read(9, &request).texts(&state());
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
        // Logins of one part, of two parts and of three, each of them repeated.
        let kinds = ["01", "02", "12", "03", "13", "23"];
        let parts: Vec<_> = kinds
            .into_iter()
            .enumerate()
            .flat_map(|(slot, part)| [(slot, part, "x"), (slot, part, "y"), (slot, part, "z")])
            .collect();
        assert_eq!(texts(&parts).len(), MAX_TRIED);
    }

    #[test]
    fn a10_no_part_of_a_login_that_gave_way_is_left() {
        // One login of two parts takes both slots there are.
        let request = request(&[(0, "02", "a"), (1, "12", "b")]);
        let slots = LoginSlots::read(2, &request);
        for random in [0, 1] {
            let now = Timestamp::from_unix_seconds(9);
            let circumstances = (&CookiePolicy::secure("od"), now, random);
            let placed = slots.place("short", &state(), now, circumstances).unwrap();
            let [(set, _)] = &*placed.set else {
                panic!("{:?}", placed.set);
            };
            let [delete] = &*placed.delete else {
                panic!("{:?}", placed.delete);
            };
            assert_ne!(set, delete);
        }
    }

    #[test]
    fn a10_a_text_that_is_no_part_of_a_login_takes_no_slot() {
        let now = Timestamp::from_unix_seconds(9);
        let free = |part: &str| {
            let request = request(&[(0, part, "x")]);
            let count = LoginSlots::read(9, &request).free(now).len();
            count
        };
        assert_eq!(free("02"), 8);
        for none in ["00", "10", "22", "0", "012", "a1", "0b"] {
            assert_eq!(free(none), 9, "{none}");
        }
    }
}
