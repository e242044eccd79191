//! The slots in which the pending logins of a browser wait.
//!
//! The label of a login is the beginning of the fingerprint of its `state`.

use crate::keep::budget;
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::slots::{Kind, LABEL_CHARS, Slots};
use crate::values::pending::StateFingerprint;
use crate::values::time::Timestamp;

pub(super) const PREFIX: &str = "login-";

/// The slots of one browser, as one request sees them.
pub(super) struct LoginSlots<'r> {
    kind: Kind,
    slots: Slots<'r>,
}

/// Where a login is put: a name and a text for each of its parts, and the cookies to delete.
pub(super) struct Placed {
    pub(super) set: Vec<(String, String)>,
    pub(super) delete: Vec<String>,
}

impl<'r> LoginSlots<'r> {
    /// Reads the slots of a request, of which there are `count`.
    pub(super) fn read(count: usize, request: &'r RequestCookies) -> Self {
        let kind = Kind {
            prefix: PREFIX,
            bytes: budget::SLOT,
            count,
        };
        let slots = Slots::read(kind, request);
        Self { kind, slots }
    }

    /// Returns the texts that the request may hold for the login of this state, a few at most.
    pub(super) fn texts(&self, state: &StateFingerprint) -> Vec<String> {
        self.slots.texts(label(state))
    }

    /// Returns the names of the slots that hold a part of the login of this state.
    pub(super) fn names(&self, state: &StateFingerprint) -> Vec<String> {
        self.slots.names(label(state))
    }

    /// Returns whether other logins wait in all slots at `now`, so that one more has been given up.
    pub(super) fn are_full(&self, now: Timestamp) -> bool {
        self.free(now).is_empty()
    }

    /// Returns the slots in which no login waits at `now`.
    fn free(&self, now: Timestamp) -> Vec<usize> {
        self.slots
            .without(|part| part.expires_at > now.unix_seconds())
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
        let pieces = self.kind.cut(text, label(state), expires_at, policy);
        if pieces.len() > self.kind.count {
            return None;
        }

        let mut free = self.free(now);
        let mut given_up = Vec::new();
        while free.len() < pieces.len() {
            let parts = &self.slots.parts;
            let oldest = parts
                .iter()
                .filter(|part| !free.contains(&part.slot))
                .min_by_key(|part| part.expires_at)?
                .label;
            for part in parts.iter().filter(|part| part.label == oldest) {
                if !free.contains(&part.slot) {
                    free.push(part.slot);
                    given_up.push(part.slot);
                }
            }
        }
        let count = free.len();
        free.rotate_left(usize::from(random) % count);
        let chosen = &free[..pieces.len()];
        let delete = given_up
            .into_iter()
            .filter(|slot| !chosen.contains(slot))
            .map(|slot| self.kind.name(slot));
        let names: Vec<String> = chosen.iter().map(|slot| self.kind.name(*slot)).collect();
        let strays = self.slots.strays().map(str::to_owned);
        let strays = strays.filter(|stray| !names.contains(stray));
        let delete = delete.chain(strays).collect();
        Some(Placed {
            set: names.into_iter().zip(pieces).collect(),
            delete,
        })
    }
}

fn label(state: &StateFingerprint) -> &str {
    &state.as_str()[..LABEL_CHARS]
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, HeaderMap, HeaderValue};

    use super::*;
    use crate::values::pending::State;

    #[test]
    fn a10_what_is_no_login_is_deleted_unless_its_slot_is_taken() {
        let state = State::new("s".repeat(State::CHARS)).fingerprint();
        let policy = CookiePolicy::secure("od");
        let headers: HeaderMap = ["login-0", "login-1", "login-17"]
            .into_iter()
            .map(|name| {
                let cookie = format!("__Host-od-{name}=rubbish");
                (COOKIE, HeaderValue::try_from(cookie).unwrap())
            })
            .collect();
        let request = RequestCookies::read(&headers, &policy);
        let now = Timestamp::from_unix_seconds(9);
        let slots = LoginSlots::read(2, &request);
        let placed = slots
            .place("short", &state, now, (&policy, now, 0))
            .unwrap();
        assert_eq!(placed.set[0].0, "login-0");
        assert_eq!(placed.delete, ["login-1", "login-17"]);
    }

    #[test]
    fn a10_no_part_of_a_login_that_gave_way_is_left() {
        // One login of two parts takes both slots there are.
        let state = State::new("s".repeat(State::CHARS)).fingerprint();
        let headers: HeaderMap = [(0, "02"), (1, "12")]
            .into_iter()
            .map(|(slot, part)| {
                let cookie = format!("__Host-od-login-{slot}=99.{}.{part}.x", label(&state));
                (COOKIE, HeaderValue::try_from(cookie).unwrap())
            })
            .collect();
        let policy = CookiePolicy::secure("od");
        let request = RequestCookies::read(&headers, &policy);
        for random in [0, 1] {
            let now = Timestamp::from_unix_seconds(9);
            let slots = LoginSlots::read(2, &request);
            let placed = slots.place("short", &state, now, (&policy, now, random));
            let placed = placed.unwrap();
            let ([(set, _)], [delete]) = (&*placed.set, &*placed.delete) else {
                panic!("{:?}, {:?}", placed.set, placed.delete);
            };
            assert_ne!(set, delete);
        }
    }
}
