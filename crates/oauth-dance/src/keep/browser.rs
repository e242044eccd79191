//! What a session store keeps of one browser: its sign-ins, and the identifiers that its cookies carry.
//!
//! An identifier *sees* sign-ins: its own, and those that the browser had seen before. It never sees more. So one that
//! an attacker has planted, or copied before a sign-in, is worth nothing after it.
//!
//! Each sign-in and sign-out gives the browser a new identifier. Requests may still be on their way with the one that
//! it takes the place of: that one *lapses*, and is good for what it saw until [`GRACE`] has passed, or for nothing
//! after a sign-out. Callbacks at once each take the place of the same identifier, and each gets its own. Between
//! them they see everything, in any order of the answers, because each dance has its own cookie.
//!
//! A sign-out ends sign-ins for the whole browser, also those that its request could not see yet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::keep::session::{SignIn, SignIns};
use crate::keep::session_jar::Ending;
use crate::values::time::Timestamp;

/// How long an identifier is good for what it was good for before another one took its place.
pub(super) const GRACE: Duration = Duration::from_secs(30);

/// The most identifiers of one browser. If there are more, the oldest goes.
const MAX_IDENTIFIERS: usize = 16;

/// The sign-ins of one browser and its identifiers, both in the order in which they were made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Browser {
    /// The number of the next sign-in.
    next: u32,
    sign_ins: Vec<(u32, SignIn)>,
    identifiers: Vec<Identifier>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Identifier {
    text: String,
    /// The dance whose cookie carries it.
    dance: String,
    made_at: Timestamp,
    /// The numbers of the sign-ins that it sees.
    sees: Vec<u32>,
    /// When it ends, once another one has taken its place.
    lapses_at: Option<Timestamp>,
}

impl Identifier {
    fn lapse(&mut self, now: Timestamp) {
        let at = now.plus(GRACE);
        self.lapses_at = Some(self.lapses_at.map_or(at, |sooner| sooner.min(at)));
    }

    fn is_good(&self, now: Timestamp) -> bool {
        self.lapses_at.is_none_or(|at| at > now)
    }
}

/// What a sign-out has done.
pub(super) struct SignedOut {
    pub(super) ended: Vec<SignIn>,
    /// What the browser still sees by the new identifier.
    pub(super) stays: SignIns,
}

impl Browser {
    /// Returns whether one of these identifiers is good, or was until a moment ago.
    pub(super) fn knows(&self, carried: &[String], now: Timestamp) -> bool {
        self.good(carried, now).next().is_some()
    }

    fn good<'a>(
        &'a self,
        carried: &'a [String],
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Identifier> {
        let all = self.identifiers.iter();
        all.filter(move |it| it.is_good(now) && carried.contains(&it.text))
    }

    /// Returns the sign-ins that these identifiers see.
    pub(super) fn seen_by(&self, carried: &[String], now: Timestamp) -> Vec<SignIn> {
        let numbers = self.numbers_seen_by(carried, now);
        let seen = self.sign_ins.iter().filter(|(n, _)| numbers.contains(n));
        seen.map(|(_, sign_in)| sign_in.clone()).collect()
    }

    fn numbers_seen_by(&self, carried: &[String], now: Timestamp) -> Vec<u32> {
        let good = self.good(carried, now);
        good.flat_map(|it| it.sees.iter().copied()).collect()
    }

    /// Returns whether a browser that carries these identifiers may sign in here. One that carries none that is good
    /// may, if all that is here is so new that the cookies may be on their way to it.
    pub(super) fn admits(&self, carried: &[String], now: Timestamp) -> bool {
        self.knows(carried, now) || self.sign_ins.iter().all(|(_, it)| is_new(it, now))
    }

    /// Adds a sign-in, which the new identifier `text` sees beside what the carried ones see, and `others` from
    /// elsewhere.
    pub(super) fn sign_in(
        &mut self,
        carried: &[String],
        others: Vec<SignIn>,
        sign_in: SignIn,
        text: String,
        now: Timestamp,
    ) {
        let mut sees = self.numbers_seen_by(carried, now);
        for other in others {
            sees.push(self.add(other));
        }
        // The clock may have been set back since the others.
        for (_, other) in &mut self.sign_ins {
            other.at = other.at.min(sign_in.at);
        }
        self.lapse(carried, sign_in.user.as_deref(), now);
        // A browser has one cookie for each dance. Two callbacks at once do not know which of theirs it keeps.
        for it in &mut self.identifiers {
            if it.dance == sign_in.dance && it.made_at.plus(GRACE) <= now {
                it.lapse(now);
            }
        }
        let dance = sign_in.dance.clone();
        let is_replaced = |number: &u32| {
            let with_this_dance = |(n, it): &(u32, SignIn)| n == number && it.dance == dance;
            self.sign_ins.iter().any(with_this_dance)
        };
        sees.retain(|number| !is_replaced(number));
        sees.push(self.add(sign_in));
        self.give(text, dance, sees, now);
        self.tidy(now);
    }

    /// Lets what the carried identifiers see lapse, because it is elsewhere now, under a sign-in of this user.
    pub(super) fn leave(&mut self, carried: &[String], user: Option<&str>, now: Timestamp) {
        self.lapse(carried, user, now);
        self.tidy(now);
    }

    /// Lets the carried identifiers lapse, and ends the sign-ins of every user but this one.
    fn lapse(&mut self, carried: &[String], user: Option<&str>, now: Timestamp) {
        if user.is_some() {
            let stays = |it: &SignIn| it.user.is_none() || it.user.as_deref() == user;
            self.sign_ins.retain(|(_, it)| stays(it));
        }
        for it in &mut self.identifiers {
            if carried.contains(&it.text) {
                it.lapse(now);
            }
        }
    }

    /// Ends sign-ins. What the carried identifiers still see afterwards, the new identifier `text` sees in their place.
    ///
    /// A browser that carries no good identifier ends only what is so new that the cookies may be on their way to it.
    pub(super) fn sign_out(
        &mut self,
        carried: &[String],
        ending: Ending<'_>,
        text: String,
        now: Timestamp,
    ) -> SignedOut {
        let is_known = self.knows(carried, now);
        let ends = |it: &SignIn| match ending {
            Ending::All(_) => true,
            Ending::Dance(dance) => it.dance == dance,
        };
        let (ended, stays) = std::mem::take(&mut self.sign_ins)
            .into_iter()
            .partition(|(_, it)| ends(it) && (is_known || is_new(it, now)));
        self.sign_ins = stays;

        let stays = SignIns::together(self.seen_by(carried, now), now);
        let sees = self.numbers_seen_by(carried, now);
        for it in &mut self.identifiers {
            if carried.contains(&it.text) {
                it.sees.clear();
                it.lapse(now);
            }
        }
        if let Some(latest) = stays.iter().next_back() {
            self.give(text, latest.dance.clone(), sees, now);
        }
        self.tidy(now);
        let ended: Vec<(u32, SignIn)> = ended;
        SignedOut {
            ended: ended.into_iter().map(|(_, it)| it).collect(),
            stays,
        }
    }

    /// Returns the user of the application whom the browser is signed in as.
    pub(super) fn user(&self, now: Timestamp) -> Option<String> {
        let lasting = self.identifiers.iter().filter(|it| it.lapses_at.is_none());
        let numbers: Vec<u32> = lasting.flat_map(|it| it.sees.iter().copied()).collect();
        let seen = self.sign_ins.iter().filter(|(n, _)| numbers.contains(n));
        let seen = SignIns::together(seen.map(|(_, it)| it.clone()).collect(), now);
        seen.user().map(str::to_owned)
    }

    /// Returns when the last of the identifiers sees nothing any more.
    pub(super) fn expires_at(&self) -> Timestamp {
        let ends = self.identifiers.iter().map(|it| {
            let seen = self.sign_ins.iter().filter(|(n, _)| it.sees.contains(n));
            let end = seen.map(|(_, it)| it.expires_at).max();
            // One that sees nothing still says which browser this is.
            match (it.lapses_at, end) {
                (Some(lapses_at), Some(end)) => lapses_at.min(end),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => Timestamp::default(),
            }
        });
        ends.max().unwrap_or_default()
    }

    /// Returns whether nothing is left that an identifier could see.
    pub(super) fn is_empty(&self) -> bool {
        self.sign_ins.is_empty()
    }

    /// Returns whether `text` is one of the identifiers.
    pub(super) fn has(&self, text: &str) -> bool {
        self.identifiers.iter().any(|it| it.text == text)
    }

    fn add(&mut self, sign_in: SignIn) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.sign_ins.push((number, sign_in));
        number
    }

    fn give(&mut self, text: String, dance: String, sees: Vec<u32>, now: Timestamp) {
        self.identifiers.push(Identifier {
            text,
            dance,
            made_at: now,
            sees,
            lapses_at: None,
        });
        let surplus = self.identifiers.len().saturating_sub(MAX_IDENTIFIERS);
        self.identifiers.drain(..surplus);
    }

    /// Drops what has expired, and what no identifier sees.
    fn tidy(&mut self, now: Timestamp) {
        self.identifiers.retain(|it| it.is_good(now));
        let identifiers = &self.identifiers;
        let is_seen = |n: &u32| identifiers.iter().any(|it| it.sees.contains(n));
        self.sign_ins
            .retain(|(n, it)| it.expires_at > now && is_seen(n));
        let sign_ins = &self.sign_ins;
        for it in &mut self.identifiers {
            it.sees.sort_unstable();
            it.sees.dedup();
            it.sees
                .retain(|n| sign_ins.iter().any(|(number, _)| number == n));
        }
        self.identifiers
            .retain(|it| it.lapses_at.is_some() || !it.sees.is_empty());
    }
}

/// Returns whether a sign-in is so new that its cookie may be on its way to the browser.
fn is_new(sign_in: &SignIn, now: Timestamp) -> bool {
    sign_in.at.plus(GRACE) > now
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

    fn sign_in(dance: &str, user: Option<&str>, number: usize, now: u64, expires: u64) -> SignIn {
        let place = Place {
            dance,
            registration: "r",
        };
        let holder = Holder::without_account(Owner::user(number));
        let user = user.map(str::to_owned);
        SignIn::new(place, holder, user, at(now), at(expires))
    }

    #[test]
    fn i02_a_clock_that_was_set_back_does_not_keep_the_former_user() {
        let mut browser = Browser::default();
        let (first, second) = (["first".to_owned()], ["second".to_owned()]);
        let former = sign_in("a", None, 1, 50, 100);
        browser.sign_in(&[], Vec::new(), former, first[0].clone(), at(50));
        let mut former = sign_in("b", Some("1"), 2, 50, 100);
        former.at = at(50);
        browser.sign_in(&first, Vec::new(), former, second[0].clone(), at(50));
        let latest = sign_in("c", None, 3, 10, 100);
        browser.sign_in(&second, Vec::new(), latest, "third".to_owned(), at(10));
        let latest = sign_in("b", Some("2"), 4, 10, 100);
        let third = ["third".to_owned()];
        browser.sign_in(&third, Vec::new(), latest, "fourth".to_owned(), at(10));
        assert_eq!(browser.user(at(10)).as_deref(), Some("2"));
    }

    #[derive(Debug, Clone)]
    enum Step {
        SignIn {
            dance: usize,
            user: Option<u8>,
            carried: Vec<prop::sample::Index>,
        },
        SignOut {
            dance: Option<usize>,
            carried: Vec<prop::sample::Index>,
        },
        Wait(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let carried = || prop::collection::vec(any::<prop::sample::Index>(), 0..3);
        let step = prop_oneof![
            4 => (0..3usize, prop::option::of(0..2u8), carried())
                .prop_map(|(dance, user, carried)| Step::SignIn { dance, user, carried }),
            1 => (prop::option::of(0..3usize), carried())
                .prop_map(|(dance, carried)| Step::SignOut { dance, carried }),
            1 => (0..40u64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 0..40)
    }

    const DANCES: [&str; 3] = ["a", "b", "c"];

    fn chosen(all: &[String], indices: &[prop::sample::Index]) -> Vec<String> {
        if all.is_empty() {
            return Vec::new();
        }
        let chosen = indices.iter().map(|index| index.get(all).clone());
        chosen.collect()
    }

    proptest! {
        #[test]
        fn i01_no_identifier_ever_sees_more_than_when_it_was_given(steps in steps()) {
            let mut browser = Browser::default();
            let (mut now, mut given) = (1000, Vec::new());
            let mut saw: HashMap<String, Vec<SignIn>> = HashMap::new();
            let owners = |all: &[SignIn]| -> Vec<Owner> {
                all.iter().map(|it| it.holder.owner.clone()).collect()
            };
            for (number, step) in steps.into_iter().enumerate() {
                let text = number.to_string();
                match step {
                    Step::Wait(seconds) => now += seconds,
                    Step::SignIn { dance, user, carried } => {
                        let carried = chosen(&given, &carried);
                        let user = user.map(|user| user.to_string());
                        let dance = DANCES[dance];
                        let latest = sign_in(dance, user.as_deref(), number, now, now + 100);
                        let before = browser.seen_by(&carried, at(now));
                        browser.sign_in(&carried, Vec::new(), latest.clone(), text.clone(), at(now));
                        given.push(text.clone());

                        let sees = browser.seen_by(std::slice::from_ref(&text), at(now));
                        prop_assert_eq!(sees.last(), Some(&latest));
                        // All that counts of what was seen before, and nothing else.
                        let stays = before.iter().filter(|it| {
                            it.dance != dance && it.expires_at > at(now) && (it.user.is_none() || user.is_none() || it.user == user)
                        });
                        let stays: Vec<SignIn> = stays.cloned().collect();
                        prop_assert_eq!(&owners(&sees)[..sees.len() - 1], &owners(&stays)[..]);
                    }
                    Step::SignOut { dance, carried } => {
                        let carried = chosen(&given, &carried);
                        let ending = match dance {
                            Some(dance) => Ending::Dance(DANCES[dance]),
                            None => Ending::All(&[]),
                        };
                        let knows = browser.knows(&carried, at(now));
                        let done = browser.sign_out(&carried, ending, text.clone(), at(now));
                        let ends = |it: &SignIn| dance.is_none_or(|dance| it.dance == DANCES[dance]);
                        prop_assert!(done.ended.iter().all(ends));
                        prop_assert!(browser.seen_by(&carried, at(now)).is_empty());
                        if knows {
                            let left = browser.seen_by(&given, at(now));
                            prop_assert!(!left.iter().any(ends), "{left:?}");
                        }
                        if browser.has(&text) {
                            given.push(text.clone());
                        }
                    }
                }
                for it in &given {
                    let sees = browser.seen_by(std::slice::from_ref(it), at(now));
                    let saw = saw.entry(it.clone()).or_insert_with(|| sees.clone());
                    let has_grown = owners(&sees).iter().any(|owner| !owners(saw).contains(owner));
                    prop_assert!(!has_grown, "{it}: {sees:?}");
                }
                prop_assert!(browser.identifiers.len() <= MAX_IDENTIFIERS);
                let last = at(browser.expires_at().unix_seconds());
                prop_assert!(browser.seen_by(&given, last).iter().all(|it| it.expires_at <= last));
            }
        }
    }
}
