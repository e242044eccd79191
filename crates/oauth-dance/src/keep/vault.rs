//! Seals records and keeps them: in a storage, or in the browser's own cookies.

use std::sync::Arc;

use http::HeaderValue;

use crate::contract::entropy::Draws;
use crate::contract::storage::{Revision, SealedToken, StorageError, StorageKey, TokenStorage};
use crate::dance::settings::Settings;
use crate::dance::site::Site;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::seal::Purpose;
use crate::keep::token_cookie;
use crate::values::failure::{Failed, LoginFailure};
use crate::values::owner::Owner;

/// Where the tokens of a dance are kept.
#[derive(Clone)]
pub(crate) enum Store {
    /// In the browser, sealed: nothing to set up, and nothing that a server could look up by itself.
    Cookies,
    /// In a storage of the server's.
    Server(Arc<dyn TokenStorage>),
}

/// One owner's place in the store of one dance.
pub(crate) struct Vault<'a> {
    pub(crate) site: &'a Site,
    pub(crate) store: &'a Store,
    pub(crate) key: StorageKey,
    registration: &'a str,
}

/// A record as it was found.
pub(crate) struct Found {
    pub(crate) record: Record,
    /// The revision in a server's storage; cookies have none.
    pub(crate) revision: Option<Revision>,
}

impl<'a> Vault<'a> {
    pub(crate) fn new(
        site: &'a Site,
        store: &'a Store,
        settings: &'a Settings,
        owner: &Owner,
    ) -> Self {
        Self {
            site,
            store,
            key: StorageKey::new(&settings.name, owner.clone()),
            registration: &settings.registration,
        }
    }

    /// The record, if there is one that opens: sealed by us, for this dance and this owner, under the
    /// registration that the dance still has.
    pub(crate) async fn load(
        &self,
        cookies: &RequestCookies,
    ) -> Result<Option<Found>, StorageError> {
        Ok(match self.store {
            Store::Cookies => token_cookie::candidates(self.key.dance(), cookies)
                .find_map(|sealed| self.open(sealed, None)),
            Store::Server(storage) => storage.as_ref().load(&self.key).await?.and_then(|stored| {
                let revision = Some(stored.revision);
                self.open(stored.sealed.into_bytes(), revision)
            }),
        })
    }

    fn open(&self, sealed: Vec<u8>, revision: Option<Revision>) -> Option<Found> {
        let owner = self.key.owner().to_string();
        let place = [self.key.dance(), &owner, self.registration];
        let record = self.site.sealer.open(Purpose::Token, &place, sealed)?;
        Some(Found { record, revision })
    }

    /// Stores the record in place of any other; answers the cookies to set, if that is where it went.
    pub(crate) async fn save(
        &self,
        record: &Record,
        cookies: &RequestCookies,
        draws: &mut Draws<'_>,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let sealed = self.seal(record, draws)?;
        match self.store {
            Store::Cookies => self.to_cookies(&sealed, cookies),
            Store::Server(storage) => {
                storage
                    .as_ref()
                    .save(&self.key, SealedToken::from_bytes(sealed))
                    .await?;
                Ok(Vec::new())
            }
        }
    }

    /// Forgets the record; answers the cookies to delete.
    pub(crate) async fn delete(
        &self,
        cookies: &RequestCookies,
    ) -> Result<Vec<HeaderValue>, StorageError> {
        match self.store {
            Store::Cookies => Ok(token_cookie::forget(
                self.key.dance(),
                &self.site.cookies,
                cookies,
            )),
            Store::Server(storage) => {
                storage.as_ref().delete(&self.key).await?;
                Ok(Vec::new())
            }
        }
    }

    /// Seals a record for this place, if a storage may be asked to keep so much.
    pub(crate) fn seal(&self, record: &Record, draws: &mut Draws<'_>) -> Result<Vec<u8>, Failed> {
        let owner = self.key.owner().to_string();
        let place = [self.key.dance(), &owner, self.registration];
        let sealer = &self.site.sealer;
        let sealed = sealer.seal(Purpose::Token, &place, record, draws)?;
        if sealed.len() > SealedToken::MAX_BYTES || !self.key.owner().is_storable() {
            return Err(LoginFailure::StorageRefused.into());
        }
        Ok(sealed)
    }

    /// The cookies that keep `sealed`.
    pub(crate) fn to_cookies(
        &self,
        sealed: &[u8],
        cookies: &RequestCookies,
    ) -> Result<Vec<HeaderValue>, Failed> {
        let lifetime = self.site.session_lifetime.as_secs();
        let policy = &self.site.cookies;
        token_cookie::keep(sealed, self.key.dance(), policy, cookies, lifetime)
            .ok_or(LoginFailure::StorageRefused.into())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::COOKIE;
    use http::{HeaderMap, Request, Response};

    use super::*;
    use crate::contract::client::{ClientError, HttpClient, Limits};
    use crate::keep::session::Session;
    use crate::{Credentials, Dance, Dances, Key, MemoryStorage, Provider};

    /// A client that nothing may be sent with.
    struct NoClient;

    #[async_trait::async_trait]
    impl HttpClient for NoClient {
        async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
            panic!("something was sent to the provider")
        }
    }

    fn sso(key: &Key, storage: &MemoryStorage, provider: &str, client_id: &str) -> Dance {
        let at = |path: &str| format!("https://{provider}.example/{path}");
        let described = Provider::oauth2("sso", at("authorize"), at("token")).api_base(at(""));
        let dances = Dances::builder("https://app.example", key.clone())
            .client(NoClient)
            .store(storage.clone())
            .with(Dance::builder(described).credentials(Credentials::new(client_id, "secret")))
            .build()
            .unwrap();
        dances.get("sso").unwrap().clone()
    }

    #[tokio::test]
    async fn g05_a_token_and_a_login_belong_to_their_registration() {
        let (key, storage) = (Key::generate().unwrap(), MemoryStorage::new());
        let (first, owner) = (sso(&key, &storage, "a", "app"), Owner::user(7));
        let record = br#"{"access_token":"a","refresh_token":"r","expires_at":1,
            "scopes":[],"requested":[],"raw":{}}"#;
        let record: Record = serde_json::from_slice(record).unwrap();
        let none = RequestCookies::default();
        let mut draws = first.site().draws();
        let vault = first.vault(&owner);
        vault.save(&record, &none, &mut draws).await.unwrap();
        let login = Session::begin(&first, owner.clone()).cookie(&first, &mut draws);
        let pair = login
            .unwrap()
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(pair).unwrap())]);

        for (provider, client_id, same) in [
            ("a", "app", true),
            ("b", "app", false),
            ("a", "other", false),
        ] {
            let dance = sso(&key, &storage, provider, client_id);
            let cookies = dance.site().read_cookies(&headers);
            let session = Session::open(&dance, &cookies, dance.site().now());
            assert_eq!(session.is_some(), same, "{provider} {client_id}");
            let found = dance.vault(&owner).load(&cookies).await.unwrap();
            assert_eq!(found.is_some(), same, "{provider} {client_id}");
            if !same {
                // The expired token would be refreshed here.
                assert!(dance.api(&owner).token().await.is_err());
            }
        }
    }
}
