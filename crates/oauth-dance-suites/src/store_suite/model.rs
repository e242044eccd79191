//! Twenty users at once, each against a model of what must be there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use oauth_dance::{Lease, Owner, Revision, StoreKey, TokenStore};
use tokio::task::JoinSet;

use super::fixture::{Fixture, delete, load, replace, save};

const USERS: u64 = 20;
const STEPS: u64 = 500;
const DANCES: [&str; 2] = ["github", "google"];

/// Twenty users do five hundred random things each, all at once. Each always finds exactly what a model
/// of its own records says, never another user's token, and never a token of its own that is gone.
///
/// What each does is the same in every run, so a failure repeats unless it lies in the interleaving.
pub async fn f25_users_never_meet(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let store = Arc::new(store);
    let mut tasks = JoinSet::new();
    for number in 0..USERS {
        let mut user = User::new(number);
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for step in 0..STEPS {
                user.step(&*store, step).await;
            }
            user
        });
    }
    // Once more when all have finished: nobody's last record was changed by another.
    for mut user in tasks.join_all().await {
        for dance in DANCES {
            user.check(&*store, dance, STEPS).await;
        }
    }
}

/// A user, and what it believes the store to hold.
struct User {
    number: u64,
    random: Random,
    records: HashMap<&'static str, Record>,
    /// Revisions that no record has any longer.
    stale: Vec<Revision>,
}

struct Record {
    bytes: String,
    revision: Revision,
    /// The holder, and whether the lease has ended.
    lease: Option<(String, bool)>,
}

impl User {
    fn new(number: u64) -> Self {
        Self {
            number,
            random: Random(number),
            records: HashMap::new(),
            stale: Vec::new(),
        }
    }

    /// Users and browsers share their numbers: twins differ in the kind of owner alone.
    fn key(&self, dance: &str) -> StoreKey {
        let id = (self.number / 2).to_string();
        let owner = if self.number.is_multiple_of(2) {
            Owner::User(id)
        } else {
            Owner::Browser(id)
        };
        StoreKey::new(dance, owner)
    }

    async fn step(&mut self, store: &impl TokenStore, step: u64) {
        let dance = DANCES[self.random.below(2) as usize];
        let bytes = format!("user {}, {dance}, step {step}", self.number);
        match self.random.below(8) {
            0 | 1 => self.check(store, dance, step).await,
            2 => {
                let revision = save(store, &self.key(dance), &bytes).await;
                self.wrote(dance, bytes, revision);
            }
            3 => {
                if let Some(current) = self.records.get(dance).map(|record| record.revision) {
                    let revision = replace(store, &self.key(dance), current, &bytes).await;
                    let revision = revision.unwrap_or_else(|| panic!("not replaced: {bytes}"));
                    self.wrote(dance, bytes, revision);
                }
            }
            4 => {
                if let Some(&stale) = self.stale.last() {
                    let revision = replace(store, &self.key(dance), stale, &bytes).await;
                    assert_eq!(revision, None, "replaced by a stale revision: {bytes}");
                }
            }
            5 => {
                let record = self.records.remove(dance);
                let deleted = delete(store, &self.key(dance)).await;
                assert_eq!(deleted, record.is_some(), "{bytes}");
                self.stale.extend(record.map(|record| record.revision));
            }
            6 => self.lease(store, dance, step).await,
            _ => {
                let holder = self.holder();
                let released = store.release(&self.key(dance), &holder).await;
                released.expect("release");
                if let Some(record) = self.records.get_mut(dance) {
                    record.lease.take_if(|(by, _)| *by == holder);
                }
            }
        }
    }

    async fn lease(&mut self, store: &impl TokenStore, dance: &'static str, step: u64) {
        let holder = self.holder();
        let is_over = self.random.below(2) == 0;
        let lasts = Duration::from_secs(if is_over { 0 } else { 3600 });
        let lease = Lease {
            holder: &holder,
            lasts,
        };
        let got = store.lease(&self.key(dance), lease).await.expect("lease");
        let expected = self.records.get_mut(dance).is_some_and(|record| {
            let taken = matches!(&record.lease, Some((by, false)) if *by != holder);
            if !taken {
                record.lease = Some((holder.clone(), is_over));
            }
            !taken
        });
        assert_eq!(got, expected, "user {}, {dance}, step {step}", self.number);
    }

    async fn check(&mut self, store: &impl TokenStore, dance: &'static str, step: u64) {
        let loaded = load(store, &self.key(dance)).await;
        let expected = self.records.get(dance);
        let expected = expected.map(|record| (record.bytes.clone().into_bytes(), record.revision));
        assert_eq!(
            loaded, expected,
            "user {}, {dance}, step {step}",
            self.number
        );
    }

    fn wrote(&mut self, dance: &'static str, bytes: String, revision: Revision) {
        let record = Record {
            bytes,
            revision,
            lease: None,
        };
        let before = self.records.insert(dance, record);
        self.stale.extend(before.map(|record| record.revision));
    }

    fn holder(&mut self) -> String {
        format!("holder {}", self.random.below(2))
    }
}

/// SplitMix64: enough to choose steps by, and the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
