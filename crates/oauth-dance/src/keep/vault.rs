//! Seals records and keeps them: in a store, or in the browser's own cookies.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::contract::entropy::Draws;
use crate::contract::in_time::InTime;
use crate::contract::token_store::{
    Revision, SealedToken, StoreError, StoreKey, StoredAccount, TokenStore,
};
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::token_cookie::{self, Keeping};
use crate::values::login_error::{Failed, LoginError};
use crate::values::time::Timestamp;

/// Where the tokens of a dance are kept.
#[derive(Clone)]
pub(crate) enum Store {
    /// In the browser, sealed: no set-up, and no way for a server to look a token up by itself.
    Cookies,
    /// In a store of the server's.
    Server(Arc<dyn TokenStore>),
}

impl Store {
    /// Lets no call of the store take longer than `deadline`.
    pub(crate) fn in_time(self, deadline: Duration) -> Self {
        match self {
            Self::Cookies => Self::Cookies,
            Self::Server(store) => Self::Server(Arc::new(InTime::new(store, deadline))),
        }
    }
}

/// One owner's account in the store of one dance.
pub(crate) struct Vault<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key: StoreKey,
    registration: &'a str,
    cookies: &'a SealedCookies,
    in_cookies: InCookies,
}

/// How a browser keeps tokens, if it does.
pub(crate) struct InCookies {
    /// The slot at which the dance begins.
    pub(crate) first_slot: usize,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// From when until when a record is kept.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Term {
    /// When the login was that brought the token.
    pub(crate) stored_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A record as it was found.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) record: Record,
    pub(crate) term: Term,
    /// The revision in a server's store. Cookies have none.
    pub(crate) revision: Option<Revision>,
}

impl<'a> Vault<'a> {
    pub(crate) fn new(
        key: StoreKey,
        registration: &'a str,
        store: &'a Store,
        cookies: &'a SealedCookies,
        in_cookies: InCookies,
    ) -> Self {
        Self {
            store,
            key,
            registration,
            cookies,
            in_cookies,
        }
    }

    /// Returns the accounts that the owner has in a server's store, the newest first.
    pub(crate) async fn accounts(&self) -> Result<Vec<StoredAccount>, StoreError> {
        match self.store {
            Store::Cookies => Ok(Vec::new()),
            Store::Server(store) => store.as_ref().accounts(&self.key).await,
        }
    }

    /// Returns the record, if there is one that opens: sealed by this application, for this dance and
    /// this owner, under the registration that the dance has now.
    pub(crate) async fn load(&self, request: &RequestCookies) -> Result<Option<Found>, StoreError> {
        Ok(match self.store {
            Store::Cookies => token_cookie::candidates(self.key.dance(), request)
                .find_map(|sealed| self.open(sealed, Term::default(), None)),
            Store::Server(store) => store.as_ref().load(&self.key).await?.and_then(|stored| {
                let term = Term {
                    stored_at: stored.sealed.stored_at(),
                    expires_at: stored.sealed.expires_at(),
                };
                self.open(stored.sealed.into_bytes(), term, Some(stored.revision))
            }),
        })
    }

    fn open(&self, sealed: Vec<u8>, term: Term, revision: Option<Revision>) -> Option<Found> {
        let owner = self.key.owner().to_string();
        let record = self
            .cookies
            .sealer
            .open(Purpose::Token, &self.place(&owner), sealed)?;
        Some(Found {
            record,
            term,
            revision,
        })
    }

    /// Returns what a record is bound to, beside the site.
    fn place<'p>(&'p self, owner: &'p str) -> [&'p str; 4] {
        let key = &self.key;
        [key.dance(), owner, key.account(), self.registration]
    }

    /// Stores the record in place of any other. Returns the cookies to set, if it is kept in cookies. `others` are
    /// the dances that the browser stays signed in with.
    pub(crate) async fn save(
        &self,
        record: &Record,
        term: Term,
        (request, others): (&RequestCookies, &[String]),
        draws: &mut Draws<'_>,
    ) -> Result<Vec<HeaderValue>, Failed> {
        match self.store {
            Store::Cookies => self.to_cookies(&self.seal(record, draws)?, request, Some(others)),
            Store::Server(store) => {
                let sealed = self.seal_for_store(record, term, draws)?;
                store.as_ref().save(&self.key, sealed).await?;
                Ok(Vec::new())
            }
        }
    }

    /// Seals a record for a server's store.
    pub(crate) fn seal_for_store(
        &self,
        record: &Record,
        term: Term,
        draws: &mut Draws<'_>,
    ) -> Result<SealedToken, Failed> {
        let sealed = SealedToken::from_bytes(self.seal(record, draws)?);
        Ok(sealed.stored_since(term.stored_at).until(term.expires_at))
    }

    /// Deletes the record. Returns the cookies to delete.
    pub(crate) async fn delete(
        &self,
        request: &RequestCookies,
    ) -> Result<Vec<HeaderValue>, StoreError> {
        match self.store {
            Store::Cookies => {
                let policy = &self.cookies.policy;
                Ok(token_cookie::forget(self.key.dance(), policy, request))
            }
            Store::Server(store) => {
                store.as_ref().delete(&self.key).await?;
                Ok(Vec::new())
            }
        }
    }

    /// Seals a record for this place, unless it is longer than a store may be asked to keep.
    pub(crate) fn seal(&self, record: &Record, draws: &mut Draws<'_>) -> Result<Vec<u8>, Failed> {
        let owner = self.key.owner().to_string();
        let sealer = &self.cookies.sealer;
        let sealed = sealer.seal(Purpose::Token, &self.place(&owner), record, draws)?;
        if sealed.len() > SealedToken::MAX_BYTES || !self.key.owner().is_storable() {
            return Err(LoginError::StoreRefused.into());
        }
        Ok(sealed)
    }

    /// Returns the cookies that keep `sealed`. `others` are the dances that the browser stays signed in with; without
    /// it, all of them.
    pub(crate) fn to_cookies(
        &self,
        sealed: &[u8],
        request: &RequestCookies,
        others: Option<&[String]>,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let keeping = Keeping {
            sealed,
            dance: self.key.dance(),
            first_slot: self.in_cookies.first_slot,
            now: self.in_cookies.now,
            expires_at: self.in_cookies.expires_at,
        };
        keeping
            .cookies(&self.cookies.policy, request, others)
            .ok_or(LoginError::StoreRefused.into())
    }
}
