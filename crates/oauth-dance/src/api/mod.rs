//! The provider's API with a stored token, and the methods that open it.

pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod response;

use crate::api::client::ApiClient;
use crate::api::error::{ApiError, UnknownDance};
use crate::dance::Dance;
use crate::dance::login::Login;
use crate::dance::signals::authorized::Authorized;
use crate::dance::signals::logged_in::LoggedIn;
use crate::values::owner::Owner;
use crate::visit::Visit;

impl Dance {
    /// Returns the provider's API with the stored token of `owner`.
    ///
    /// A server cannot reach tokens that are kept in the browser's cookies. For those, use the
    /// [`Visit`](crate::Visit).
    #[must_use]
    pub fn api(&self, owner: &Owner) -> ApiClient {
        ApiClient::for_owner(self.clone(), owner.clone())
    }
}

impl Visit {
    /// Returns the provider's API as this browser. Whether the browser is signed in shows at the first
    /// call.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownDance`] if no dance is called `dance`. The text names the existing dances.
    pub fn api(&self, dance: &str) -> Result<ApiClient, ApiError> {
        let Some(dance) = self.dances().get(dance) else {
            return Err(ApiError::UnknownDance(UnknownDance::new(
                dance,
                self.dances(),
            )));
        };
        Ok(ApiClient::for_visit(dance.clone(), self.clone()))
    }
}

impl Authorized {
    /// Returns the provider's API with this token, before it is stored.
    #[must_use]
    pub fn api(&self) -> ApiClient {
        of_login(self.login())
    }
}

impl LoggedIn {
    /// Returns the provider's API with this token.
    #[must_use]
    pub fn api(&self) -> ApiClient {
        of_login(self.login())
    }
}

fn of_login(login: &Login) -> ApiClient {
    ApiClient::for_login(login.dance().clone(), login.record().clone())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue, Request, Response};

    use super::*;
    use crate::contract::client::{ClientError, HttpClient, Limits};
    use crate::keep::cookies::RequestCookies;
    use crate::keep::record::Record;
    use crate::keep::session::Session;
    use crate::{Credentials, Dance, Dances, Key, MemoryStore, Provider};

    /// A client that nothing may be sent with.
    struct NoClient;

    #[async_trait::async_trait]
    impl HttpClient for NoClient {
        async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ClientError> {
            panic!("something was sent to the provider")
        }
    }

    fn sso(key: &Key, store: &MemoryStore, provider: &str, client_id: &str) -> Dance {
        let at = |path: &str| format!("https://{provider}.example/{path}");
        let described = Provider::oauth2("sso", at("authorize"), at("token")).api_base(at(""));
        let dances = Dances::builder("https://app.example", key.clone())
            .client(NoClient)
            .store(store.clone())
            .with(Dance::builder(described).credentials(Credentials::new(client_id, "secret")))
            .build()
            .unwrap();
        dances.get("sso").unwrap().clone()
    }

    #[tokio::test]
    async fn g05_a_token_and_a_login_belong_to_their_registration() {
        let (key, store) = (Key::generate().unwrap(), MemoryStore::new());
        let (first, owner) = (sso(&key, &store, "a", "app"), Owner::user(7));
        let record = br#"{"access_token":"a","refresh_token":"r","expires_at":1,
            "scopes":[],"requested":[],"raw":{}}"#;
        let record: Record = serde_json::from_slice(record).unwrap();
        let none = RequestCookies::default();
        let mut draws = first.site().draws();
        let vault = first.vault(&owner);
        vault.save(&record, &none, &mut draws).await.unwrap();
        let (now, cookies) = (first.site().now(), &first.site().cookies);
        let session = Session::begin(
            first.place(),
            owner.clone(),
            now.plus(Duration::from_secs(60)),
        );
        let login = session.cookie(first.place(), cookies, now, &mut draws);
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
            let dance = sso(&key, &store, provider, client_id);
            let cookies = dance.site().read_cookies(&headers);
            let session = dance.session(&cookies, dance.site().now());
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
