//! Seals records and keeps them: in a store, or in the browser's own cookies.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::contract::entropy::Draws;
use crate::contract::token_store::{Revision, SealedToken, StoreError, StoreKey, TokenStore};
use crate::keep::cookies::RequestCookies;
use crate::keep::place::Place;
use crate::keep::record::Record;
use crate::keep::seal::Purpose;
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::token_cookie;
use crate::values::login_error::{Failed, LoginError};
use crate::values::owner::Owner;

/// Where the tokens of a dance are kept.
#[derive(Clone)]
pub(crate) enum Store {
    /// In the browser, sealed: no set-up, and no way for a server to look a token up by itself.
    Cookies,
    /// In a store of the server's.
    Server(Arc<dyn TokenStore>),
}

/// One owner's place in the store of one dance.
pub(crate) struct Vault<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key: StoreKey,
    registration: &'a str,
    cookies: &'a SealedCookies,
    /// How long a browser keeps its cookies.
    lifetime: Duration,
}

/// A record as it was found.
pub(crate) struct Found {
    pub(crate) record: Record,
    /// The revision in a server's store. Cookies have none.
    pub(crate) revision: Option<Revision>,
}

impl<'a> Vault<'a> {
    pub(crate) fn new(
        place: Place<'a>,
        owner: &Owner,
        store: &'a Store,
        cookies: &'a SealedCookies,
        lifetime: Duration,
    ) -> Self {
        Self {
            store,
            key: StoreKey::new(place.dance, owner.clone()),
            registration: place.registration,
            cookies,
            lifetime,
        }
    }

    /// Returns the record, if there is one that opens: sealed by this application, for this dance and
    /// this owner, under the registration that the dance has now.
    pub(crate) async fn load(&self, request: &RequestCookies) -> Result<Option<Found>, StoreError> {
        Ok(match self.store {
            Store::Cookies => token_cookie::candidates(self.key.dance(), request)
                .find_map(|sealed| self.open(sealed, None)),
            Store::Server(store) => store.as_ref().load(&self.key).await?.and_then(|stored| {
                let revision = Some(stored.revision);
                self.open(stored.sealed.into_bytes(), revision)
            }),
        })
    }

    fn open(&self, sealed: Vec<u8>, revision: Option<Revision>) -> Option<Found> {
        let owner = self.key.owner().to_string();
        let place = [self.key.dance(), &owner, self.registration];
        let record = self.cookies.sealer.open(Purpose::Token, &place, sealed)?;
        Some(Found { record, revision })
    }

    /// Stores the record in place of any other. Returns the cookies to set, if it is kept in cookies.
    pub(crate) async fn save(
        &self,
        record: &Record,
        request: &RequestCookies,
        draws: &mut Draws<'_>,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let sealed = self.seal(record, draws)?;
        match self.store {
            Store::Cookies => self.to_cookies(&sealed, request),
            Store::Server(store) => {
                store
                    .as_ref()
                    .save(&self.key, SealedToken::from_bytes(sealed))
                    .await?;
                Ok(Vec::new())
            }
        }
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
        let place = [self.key.dance(), &owner, self.registration];
        let sealer = &self.cookies.sealer;
        let sealed = sealer.seal(Purpose::Token, &place, record, draws)?;
        if sealed.len() > SealedToken::MAX_BYTES || !self.key.owner().is_storable() {
            return Err(LoginError::StoreRefused.into());
        }
        Ok(sealed)
    }

    /// Returns the cookies that keep `sealed`.
    pub(crate) fn to_cookies(
        &self,
        sealed: &[u8],
        request: &RequestCookies,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let lifetime = self.lifetime.as_secs();
        let policy = &self.cookies.policy;
        token_cookie::keep(sealed, self.key.dance(), policy, request, lifetime)
            .ok_or(LoginError::StoreRefused.into())
    }
}
