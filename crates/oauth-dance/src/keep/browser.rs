//! What a session store keeps of one browser: its sign-ins, each with the identifier that a cookie carries.
//!
//! An identifier sees its own sign-in and no other. So one that an attacker has planted or copied before a sign-in is
//! worth nothing after it, and callbacks at once do not meet: each dance has its own cookie.
//!
//! A sign-in takes the place of the one with the same dance. Requests may be on their way with the cookie of that one,
//! so it *lapses*: it is good until [`GRACE`] has passed.
//!
//! A sign-out ends sign-ins for the whole browser, also those whose cookies are on their way to it.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contract::session_store::NewSession;
use crate::keep::session::SignIn;
use crate::keep::session_jar::Ending;
use crate::values::time::Timestamp;

/// How long a sign-in is good after another one has taken its place.
const GRACE: Duration = Duration::from_secs(30);

/// The most sign-ins with one dance. If there are more, the oldest goes.
const MAX_OF_A_DANCE: usize = 4;

/// The most bytes of all sign-ins, as they are written. If there are more, the oldest go. The seal needs some too.
const MAX_BYTES: usize = NewSession::MAX_BYTES - 256;

/// The sign-ins of one browser, in the order in which they were made. All that have a user have the same.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Browser {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    identifier: String,
    sign_in: SignIn,
    /// When it ends, once another one has taken its place.
    lapses_at: Option<Timestamp>,
}

impl Entry {
    fn is_one_of(&self, carried: &[&str]) -> bool {
        carried.contains(&&*self.identifier)
    }

    fn is_good(&self, now: Timestamp) -> bool {
        // A clock that has been set back does not make it longer.
        let in_grace = |at: Timestamp| now < at && at <= now.plus(GRACE);
        self.sign_in.expires_at > now && self.lapses_at.is_none_or(in_grace)
    }

    /// Whether it is so new that its cookie may be on its way to the browser.
    fn is_new(&self, now: Timestamp) -> bool {
        // One from before the clock was set back is not.
        let at = self.sign_in.at;
        at <= now.plus(GRACE) && now < at.plus(GRACE)
    }
}

impl Browser {
    /// Returns the sign-in that this identifier sees.
    pub(super) fn seen_by(&self, identifier: &str, now: Timestamp) -> Option<&SignIn> {
        let mut good = self.entries.iter().filter(|it| it.is_good(now));
        let found = good.find(|it| it.identifier == identifier);
        found.map(|it| &it.sign_in)
    }

    /// Returns whether one of these identifiers is good.
    pub(super) fn knows(&self, carried: &[&str], now: Timestamp) -> bool {
        carried.iter().any(|it| self.seen_by(it, now).is_some())
    }

    /// Returns whether all that is here is so new that the cookies may be on their way to the browser.
    pub(super) fn is_new(&self, now: Timestamp) -> bool {
        self.entries.iter().all(|it| it.is_new(now))
    }

    /// Adds a sign-in, which the new identifier sees. A user ends the sign-ins of every other. Returns what has ended.
    pub(super) fn sign_in(
        &mut self,
        carried: &[&str],
        sign_in: SignIn,
        identifier: String,
        now: Timestamp,
    ) -> Vec<SignIn> {
        let before = self.entries.clone();
        self.leave_to(sign_in.user.as_deref());
        for it in &mut self.entries {
            // The clock may have been set back since the others.
            it.sign_in.at = it.sign_in.at.min(sign_in.at);
            // The new cookie takes the place of its own, and of one that has arrived by now. Two callbacks at once do
            // not know whose stays.
            let is_replaced = it.is_one_of(carried) || !it.is_new(now);
            if it.sign_in.dance == sign_in.dance && is_replaced && it.lapses_at.is_none() {
                it.lapses_at = Some(now.plus(GRACE));
            }
        }
        let dance = sign_in.dance.clone();
        self.entries.push(Entry {
            identifier,
            sign_in,
            lapses_at: None,
        });
        let is_of_dance = |it: &Entry| it.sign_in.dance == dance;
        let mut surplus = self.entries.iter().filter(|it| is_of_dance(it)).count();
        self.entries.retain(|it| {
            let is_surplus = is_of_dance(it) && surplus > MAX_OF_A_DANCE;
            surplus -= usize::from(is_surplus);
            it.is_good(now) && !is_surplus
        });
        self.make_room(carried);
        let has_ended = |it: &Entry| {
            !self
                .entries
                .iter()
                .any(|left| left.identifier == it.identifier)
        };
        let ended = before.into_iter().filter(has_ended);
        ended.map(|it| it.sign_in).collect()
    }

    /// Ends the oldest sign-ins until the others fit in a record: first what lapses, then what the browser has no
    /// cookie of. The latest one stays.
    fn make_room(&mut self, carried: &[&str]) {
        while self.bytes() > MAX_BYTES
            && let Some((_, older)) = self.entries.split_last()
        {
            let worth = |it: &Entry| (it.lapses_at.is_none(), it.is_one_of(carried));
            let least = (0..older.len()).min_by_key(|index| worth(&older[*index]));
            let Some(least) = least else { return };
            self.entries.remove(least);
        }
    }

    fn bytes(&self) -> usize {
        let mut count = Count(0);
        let counted = serde_json::to_writer(&mut count, self);
        counted.map_or(usize::MAX, |()| count.0)
    }

    /// Ends the sign-ins of every user but this one, if it is one.
    fn leave_to(&mut self, user: Option<&str>) {
        if user.is_some() {
            let stays = |it: &SignIn| it.user.is_none() || it.user.as_deref() == user;
            self.entries.retain(|it| stays(&it.sign_in));
        }
    }

    /// Ends what these identifiers see. Returns whether that was anything.
    pub(super) fn end(&mut self, identifiers: &[&str]) -> bool {
        let before = self.entries.len();
        self.entries.retain(|it| !it.is_one_of(identifiers));
        self.entries.len() < before
    }

    /// Ends sign-ins, and hands them back, those first that the carried identifiers see.
    ///
    /// With those go the ones that the browser has no cookie of: they are on their way, or, of two callbacks at once with
    /// one dance, the cookie of the other has taken their place. A browser that carries no good identifier ends only
    /// what is so new that its cookie may be on its way.
    pub(super) fn sign_out(
        &mut self,
        carried: &[&str],
        ending: Ending<'_>,
        now: Timestamp,
    ) -> Vec<SignIn> {
        let knows = self.knows(carried, now);
        let ends = |it: &Entry| {
            let is_asked_for = match ending {
                Ending::All(_) => true,
                Ending::Dance(dance) => it.sign_in.dance == dance,
            };
            is_asked_for && (knows || it.is_new(now))
        };
        let (mut ended, stays): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(ends);
        self.entries = stays;
        // The latest first, and before it what the browser itself saw.
        ended.reverse();
        ended.sort_by_key(|it| !(it.is_one_of(carried) && it.is_good(now)));
        ended.into_iter().map(|it| it.sign_in).collect()
    }

    /// Returns the user of the application whom the browser is signed in as, by sign-ins that count.
    pub(super) fn user(&self, counts: impl Fn(&SignIn) -> bool, now: Timestamp) -> Option<String> {
        let good = self.entries.iter().filter(|it| it.is_good(now));
        let mut counting = good.filter(|it| counts(&it.sign_in));
        counting.find_map(|it| it.sign_in.user.clone())
    }

    /// Returns when the last of the sign-ins ends.
    pub(super) fn expires_at(&self) -> Timestamp {
        let ends = self.entries.iter().map(|it| {
            let expires_at = it.sign_in.expires_at;
            it.lapses_at.map_or(expires_at, |at| at.min(expires_at))
        });
        ends.max().unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Counts the bytes that are written, and keeps none.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::keep::place::Place;
    use crate::values::holder::Holder;
    use crate::values::owner::Owner;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn sign_in(dance: &str, user: Option<&str>, number: usize, now: u64) -> SignIn {
        let place = Place {
            dance,
            registration: "r",
        };
        let holder = Holder::without_account(Owner::user(number));
        let user = user.map(str::to_owned);
        SignIn::new(place, holder, user, at(now), at(now + 100))
    }

    fn add(browser: &mut Browser, carried: &[&str], latest: SignIn, identifier: &str, now: u64) {
        browser.sign_in(carried, latest, identifier.to_owned(), at(now));
    }

    #[test]
    fn i01_a_sign_in_that_was_replaced_lapses() {
        let mut browser = Browser::default();
        add(&mut browser, &[], sign_in("a", None, 1, 10), "one", 10);
        add(&mut browser, &["one"], sign_in("a", None, 2, 20), "two", 20);
        for (now, is_good) in [(20, true), (49, true), (50, false)] {
            assert_eq!(browser.knows(&["one"], at(now)), is_good, "{now}");
            assert!(browser.knows(&["two"], at(now)), "{now}");
        }
        // A clock that was an hour fast does not make it longer.
        assert!(!browser.knows(&["one"], at(10)));
    }

    #[test]
    fn g10_the_sign_ins_with_one_dance_are_few() {
        let mut browser = Browser::default();
        for number in 0..20_usize {
            let latest = sign_in("a", None, number, 10);
            add(&mut browser, &[], latest, &number.to_string(), 10);
        }
        assert_eq!(browser.entries.len(), MAX_OF_A_DANCE);
        assert!(browser.knows(&["19"], at(10)));
        assert!(!browser.knows(&["15"], at(10)));
    }

    /// Those of many dances, whose answers were lost.
    #[test]
    fn g10_sign_ins_of_any_length_fit_in_a_record() {
        for user in ["7".to_owned(), "u".repeat(255), "\u{1}".repeat(255)] {
            let mut browser = Browser::default();
            add(&mut browser, &[], sign_in("a", Some(&user), 0, 10), "a", 10);
            for number in 1..400_usize {
                let latest = sign_in(&format!("d{}", number / 4), Some(&user), number, 10);
                add(&mut browser, &["a"], latest, &number.to_string(), 10);
                assert!(browser.bytes() <= MAX_BYTES);
                assert!(browser.knows(&[&number.to_string()], at(10)));
                assert!(browser.knows(&["a"], at(10)), "{number}");
            }
            assert!(!browser.knows(&["1"], at(10)));
        }
    }

    #[test]
    fn g10_sign_ins_have_the_room_of_a_record_to_the_byte() {
        let with_name_of = |chars: usize| {
            let mut browser = Browser::default();
            add(&mut browser, &[], sign_in("a", None, 1, 10), "one", 10);
            let latest = sign_in(&"d".repeat(chars), None, 2, 10);
            add(&mut browser, &["one"], latest, "two", 10);
            browser
        };
        let room = MAX_BYTES - with_name_of(0).bytes();
        assert_eq!(with_name_of(room).bytes(), MAX_BYTES);
        assert!(with_name_of(room).knows(&["one"], at(10)));
        assert!(!with_name_of(room + 1).knows(&["one"], at(10)));
    }

    #[test]
    fn i17_a_sign_in_is_new_for_half_a_minute() {
        for (now, ends) in [(39, true), (40, false)] {
            let mut browser = Browser::default();
            add(&mut browser, &[], sign_in("a", None, 1, 10), "one", 10);
            assert_eq!(browser.is_new(at(now)), ends, "{now}");
            // By a browser that carries no identifier of it.
            let ended = browser.sign_out(&["another"], Ending::All(&[]), at(now));
            assert_eq!(ended.len(), usize::from(ends), "{now}");
            assert_eq!(browser.is_empty(), ends, "{now}");
        }
    }

    /// The clock was an hour fast.
    #[test]
    fn i17_a_sign_in_from_before_the_clock_was_set_back_is_not_new() {
        let mut browser = Browser::default();
        add(&mut browser, &[], sign_in("a", None, 1, 3600), "one", 3600);
        assert!(!browser.is_new(at(10)));
        assert!(
            browser
                .sign_out(&["another"], Ending::All(&[]), at(10))
                .is_empty()
        );
    }

    #[test]
    fn i17_a_sign_in_does_not_stay_new_because_a_clock_was_set_back() {
        let mut browser = Browser::default();
        add(&mut browser, &[], sign_in("a", None, 1, 50), "one", 50);
        add(&mut browser, &["one"], sign_in("b", None, 2, 10), "two", 10);
        // By a browser that carries no identifier of it.
        let ended = browser.sign_out(&["another"], Ending::All(&[]), at(40));
        assert!(ended.is_empty());
    }

    #[test]
    fn g07_a_record_ends_with_the_last_sign_in_that_is_good() {
        let mut browser = Browser::default();
        add(&mut browser, &[], sign_in("a", None, 1, 10), "one", 10);
        assert_eq!(browser.expires_at(), at(110));
        for (now, ends) in [(20, 50), (90, 110)] {
            let mut browser = browser.clone();
            let latest = sign_in("a", None, 2, now);
            add(&mut browser, &["one"], latest, "two", now);
            assert_eq!(browser.expires_at(), at(now + 100), "{now}");
            // What is left lapses half a minute later, or expires before that.
            browser.end(&["two"]);
            assert_eq!(browser.expires_at(), at(ends), "{now}");
        }
    }

    #[test]
    fn i16_a_sign_in_hands_back_what_has_ended_and_a_sign_out_what_was_seen_first() {
        let mut browser = Browser::default();
        let ends = |browser: &mut Browser, latest: SignIn, text: &str, now| {
            let ended = browser.sign_in(&[], latest, text.to_owned(), at(now));
            let owners = ended.into_iter().map(|it| it.holder.owner);
            owners.collect::<Vec<Owner>>()
        };
        assert!(ends(&mut browser, sign_in("a", Some("7"), 1, 10), "one", 10).is_empty());
        assert!(ends(&mut browser, sign_in("b", None, 2, 10), "two", 10).is_empty());
        let ended = ends(&mut browser, sign_in("c", Some("8"), 3, 10), "three", 10);
        assert_eq!(ended, [Owner::user(1)]);
        assert!(browser.end(&["two"]));
        assert!(!browser.end(&["two"]));

        for (number, text) in [(4, "four"), (5, "five"), (6, "six")] {
            add(
                &mut browser,
                &[],
                sign_in("d", Some("8"), number, 10),
                text,
                10,
            );
        }
        let ended = browser.sign_out(&["five"], Ending::Dance("d"), at(10));
        let owners: Vec<Owner> = ended.into_iter().map(|it| it.holder.owner).collect();
        assert_eq!(owners, [Owner::user(5), Owner::user(6), Owner::user(4)]);
    }

    #[derive(Debug, Clone)]
    enum Step {
        SignIn(usize, Option<u8>, Vec<prop::sample::Index>),
        SignOut(Option<usize>, Vec<prop::sample::Index>),
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let carried = || prop::collection::vec(any::<prop::sample::Index>(), 0..3);
        let step = prop_oneof![
            4 => (0..3usize, prop::option::of(0..2u8), carried())
                .prop_map(|(dance, user, carried)| Step::SignIn(dance, user, carried)),
            1 => (prop::option::of(0..3usize), carried())
                .prop_map(|(dance, carried)| Step::SignOut(dance, carried)),
            1 => (0..40u64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 0..40)
    }

    const DANCES: [&str; 3] = ["a", "b", "c"];

    fn chosen<'a>(all: &'a [String], indices: &[prop::sample::Index]) -> Vec<&'a str> {
        if all.is_empty() {
            return Vec::new();
        }
        let chosen = indices.iter().map(|index| &**index.get(all));
        chosen.collect()
    }

    proptest! {
        #[test]
        fn i01_an_identifier_sees_the_sign_in_that_it_was_given_with_or_nothing(steps in steps()) {
            let mut browser = Browser::default();
            let (mut now, mut given) = (1000, Vec::new());
            let mut of: HashMap<String, Owner> = HashMap::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Wait(seconds) => now += seconds,
                    Step::SignIn(dance, user, carried) => {
                        let carried = chosen(&given, &carried);
                        let user = user.map(|user| user.to_string());
                        let latest = sign_in(DANCES[dance], user.as_deref(), number, now);
                        let text = number.to_string();
                        browser.sign_in(&carried, latest.clone(), text.clone(), at(now));
                        of.insert(text.clone(), latest.holder.owner);
                        prop_assert!(browser.knows(&[&text], at(now)));
                        given.push(text);
                        let is_of = |it: &Entry| it.sign_in.user.is_none() || it.sign_in.user == user;
                        prop_assert!(user.is_none() || browser.entries.iter().all(is_of));
                    }
                    Step::SignOut(dance, carried) => {
                        let carried = chosen(&given, &carried);
                        let ending = match dance {
                            Some(dance) => Ending::Dance(DANCES[dance]),
                            None => Ending::All(&[]),
                        };
                        let ends = |it: &SignIn| dance.is_none_or(|dance| it.dance == DANCES[dance]);
                        let ended = browser.sign_out(&carried, ending, at(now));
                        prop_assert!(ended.iter().all(ends));
                        let sees = carried.iter().filter_map(|it| browser.seen_by(it, at(now)));
                        prop_assert!(!sees.into_iter().any(ends));
                        let is_new = |it: &Entry| it.is_new(at(now)) && ends(&it.sign_in);
                        prop_assert!(!browser.entries.iter().any(is_new));
                    }
                }
                for it in &given {
                    let seen = browser.seen_by(it, at(now));
                    prop_assert!(seen.is_none_or(|seen| seen.holder.owner == of[it]));
                }
                let users = browser.entries.iter().filter_map(|it| it.sign_in.user.clone());
                let users: std::collections::HashSet<String> = users.collect();
                prop_assert!(users.len() <= 1, "{users:?}");
                let last = browser.expires_at();
                prop_assert!(given.iter().all(|it| browser.seen_by(it, last).is_none()));
            }
        }
    }
}
