//! The sign-ins of one browser, and the rules by which they count together.

use serde::{Deserialize, Serialize};

use crate::keep::place::Place;
use crate::values::holder::Holder;
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// One browser's sign-in with one dance. It is kept as an array, because cookies have little room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Row", from = "Row")]
pub(crate) struct SignIn {
    pub(crate) dance: String,
    /// The registration that the login was begun under.
    registration: String,
    pub(crate) holder: Holder,
    /// The application's user that this login signed in, if any.
    pub(crate) user: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

type Row = (
    String,
    String,
    Owner,
    String,
    Option<String>,
    Timestamp,
    Timestamp,
);

impl From<SignIn> for Row {
    fn from(it: SignIn) -> Self {
        // Mostly the token is stored for the same user, whose identifier may be long. No user has a blank
        // one.
        let user = it.user.map(|user| match &it.holder.owner {
            Owner::User(owner) if *owner == user => String::new(),
            _ => user,
        });
        (
            it.dance,
            it.registration,
            it.holder.owner,
            it.holder.account,
            user,
            it.at,
            it.expires_at,
        )
    }
}

impl From<Row> for SignIn {
    fn from((dance, registration, owner, account, user, at, expires_at): Row) -> Self {
        let user = user.map(|user| match &owner {
            Owner::User(owner) if user.is_empty() => owner.clone(),
            _ => user,
        });
        Self {
            dance,
            registration,
            holder: Holder { owner, account },
            user,
            at,
            expires_at,
        }
    }
}

impl SignIn {
    pub(crate) fn new(
        place: Place<'_>,
        holder: Holder,
        user: Option<String>,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            dance: place.dance.to_owned(),
            registration: place.registration.to_owned(),
            holder,
            user,
            at,
            expires_at,
        }
    }

    /// Returns whether the sign-in is with the dance of this place, under the registration that the dance
    /// has now.
    pub(crate) fn is_of(&self, place: Place<'_>) -> bool {
        self.dance == place.dance && self.registration == place.registration
    }
}

/// The sign-ins of one browser that count: one for each dance, and all of one user of the application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SignIns(Vec<SignIn>);

impl SignIns {
    /// Puts sign-ins together, in the order in which they were made, as far as that is known.
    ///
    /// - One that has expired does not count. A browser may keep a cookie longer than it was told to.
    /// - Of two with one dance, the later one counts.
    /// - The latest one that signed a user of the application in ends those of every other user.
    pub(crate) fn together(mut all: Vec<SignIn>, now: Timestamp) -> Self {
        all.retain(|it| it.expires_at > now);
        all.sort_by_key(|it| it.at);
        let mut counting: Vec<SignIn> = Vec::with_capacity(all.len());
        let mut user = None;
        for it in all.into_iter().rev() {
            let is_of_another = match (&user, &it.user) {
                (Some(latest), Some(user)) => latest != user,
                _ => false,
            };
            if is_of_another || counting.iter().any(|later| later.dance == it.dance) {
                continue;
            }
            user = user.or_else(|| it.user.clone());
            counting.push(it);
        }
        counting.reverse();
        Self(counting)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &SignIn> {
        self.0.iter()
    }

    /// Returns the sign-in with the dance of this place.
    pub(crate) fn of(&self, place: Place<'_>) -> Option<&SignIn> {
        self.0.iter().find(|it| it.is_of(place))
    }

    /// Returns the application's user.
    pub(crate) fn user(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|it| it.user.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn sign_in(dance: &str, user: Option<&str>, made: u64, expires: u64) -> SignIn {
        let place = Place {
            dance,
            registration: "r",
        };
        let owner = Holder::without_account(Owner::user("o"));
        let user = user.map(str::to_owned);
        SignIn::new(place, owner, user, at(made), at(expires))
    }

    fn dances(sign_ins: &SignIns) -> Vec<&str> {
        sign_ins.iter().map(|it| it.dance.as_str()).collect()
    }

    #[test]
    fn i02_the_latest_user_ends_the_sign_ins_of_another() {
        let all = vec![
            sign_in("a", Some("1"), 1, 100),
            sign_in("b", Some("2"), 2, 100),
            sign_in("c", None, 3, 100),
        ];
        let together = SignIns::together(all, at(10));
        assert_eq!(dances(&together), ["b", "c"]);
        assert_eq!(together.user(), Some("2"));
    }

    #[test]
    fn i02_the_order_of_the_cookies_decides_nothing() {
        let all = vec![
            sign_in("b", Some("2"), 2, 100),
            sign_in("a", Some("1"), 1, 100),
        ];
        let together = SignIns::together(all, at(10));
        assert_eq!(together.user(), Some("2"));
    }

    #[test]
    fn an_expired_sign_in_decides_nothing() {
        let all = vec![
            sign_in("a", Some("1"), 1, 100),
            sign_in("b", Some("2"), 2, 10),
        ];
        let together = SignIns::together(all, at(10));
        assert_eq!(together.user(), Some("1"));
    }

    #[test]
    fn g10_a_user_is_written_once_and_read_back() {
        for (user, texts) in [(Some("o"), 1), (Some("another"), 2), (None, 1)] {
            let before = sign_in("a", user, 1, 100);
            let json = serde_json::to_string(&before).unwrap();
            assert_eq!(serde_json::from_str::<SignIn>(&json).unwrap(), before);
            let written = json.matches("\"o\"").count() + json.matches("another").count();
            assert_eq!(written, texts, "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_counts_is_of_one_user_once_a_dance_and_not_expired(
            rows in prop::collection::vec((0..4u8, prop::option::of(0..3u8), 0..20u64, 0..20u64), 0..10)
        ) {
            let all = rows.iter().map(|(dance, user, made, expires)| {
                let user = user.map(|user| user.to_string());
                sign_in(&dance.to_string(), user.as_deref(), *made, *expires)
            });
            let together = SignIns::together(all.collect(), at(10));
            let mut users: Vec<_> = together.iter().filter_map(|it| it.user.clone()).collect();
            users.dedup();
            prop_assert!(users.len() <= 1);
            let mut names = dances(&together);
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), together.iter().count());
            prop_assert!(together.iter().all(|it| it.expires_at > at(10)));
            let alive = rows.iter().any(|(.., expires)| *expires > 10);
            prop_assert_eq!(together.iter().next().is_some(), alive);
        }
    }
}
