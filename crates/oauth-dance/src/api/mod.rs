//! The provider's API with a stored token, and the methods that open it.

pub(crate) mod accounts;
pub(crate) mod client;
pub(crate) mod close;
pub(crate) mod error;
pub(crate) mod failed_page;
mod login_page;
pub(crate) mod page_error;
pub(crate) mod response;
pub(crate) mod signed_in;

use crate::api::client::ApiClient;
use crate::api::error::{ApiError, LoginRequired, UnknownDance};
use crate::dance::Dance;
use crate::dance::login::Login;
use crate::dance::signals::authorized::Authorized;
use crate::dance::signals::logged_in::LoggedIn;
use crate::values::owner::Owner;
use crate::values::user_id::UserId;
use crate::visit::Visit;

impl Dance {
    /// Returns the provider's API with the stored token of `owner`: of the account that signed in last, if the
    /// owner has [several](Self::accounts).
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
        let dance = self.dance(dance)?;
        Ok(ApiClient::for_visit(dance.clone(), self.clone()))
    }

    /// Returns the owner of the token with which this browser is signed in with the dance called `dance`.
    ///
    /// The session alone is read. If the token store has lost the token, this still returns the owner;
    /// [`ApiClient::token`](crate::ApiClient::token) asks the store.
    ///
    /// # Errors
    ///
    /// - [`ApiError::UnknownDance`] if no dance is called `dance`. The text names the existing dances.
    /// - [`ApiError::Store`] if the session store failed.
    pub async fn owner(&self, dance: &str) -> Result<Option<&Owner>, ApiError> {
        let dance = self.dance(dance)?;
        Ok(self.owner_of(dance).await?)
    }

    fn dance(&self, name: &str) -> Result<&Dance, ApiError> {
        let unknown = || ApiError::UnknownDance(UnknownDance::new(name, self.dances()));
        self.dances().get(name).ok_or_else(unknown)
    }

    /// Returns the application's user as a `T`, if the browser is signed in as one: [`user`](Self::user), read as
    /// [`UserId`] says.
    ///
    /// # Errors
    ///
    /// - [`ApiError::AnotherUserType`] if the user's identifier is not a `T`.
    /// - [`ApiError::Store`] if the session store failed.
    pub async fn user_as<T: UserId>(&self) -> Result<Option<T>, ApiError> {
        self.user().await?.map(read_user).transpose()
    }

    /// Returns the application's user as a `T`, as [`user_as`](Self::user_as) does.
    ///
    /// # Errors
    ///
    /// The errors of [`user_as`](Self::user_as), and [`ApiError::LoginRequired`] as
    /// [`require_user`](Self::require_user) returns it.
    pub async fn require_user_as<T: UserId>(&self) -> Result<T, ApiError> {
        read_user(self.require_user().await?)
    }

    /// Returns the application's user, as [`user`](Self::user) does.
    ///
    /// # Errors
    ///
    /// - [`ApiError::LoginRequired`] if the browser is not signed in as a user. The login is that of the
    ///   first dance.
    /// - [`ApiError::Store`] if the session store failed.
    pub async fn require_user(&self) -> Result<&str, ApiError> {
        let user = self.user().await?;
        user.ok_or_else(|| match self.dances().iter().next() {
            Some(dance) => LoginRequired::new(dance).of_a_user().into(),
            None => ApiError::UnknownDance(UnknownDance::new("", self.dances())),
        })
    }
}

fn read_user<T: UserId>(user: &str) -> Result<T, ApiError> {
    T::from_session(user).ok_or(ApiError::AnotherUserType {
        expected: std::any::type_name::<T>(),
    })
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
    use crate::keep::session::SignIn;
    use crate::keep::vault::Term;
    use crate::values::holder::Holder;
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
        let holder = Holder::without_account(owner.clone());
        let vault = first.vault(&holder);
        let term = Term::default();
        let saved = vault.save(&record, term, (&none, &[]), &mut draws);
        saved.await.unwrap();
        let now = first.site().now();
        let until = now.plus(Duration::from_secs(60));
        let sign_in = SignIn::new(first.place(), holder.clone(), None, now, until);
        let sessions = first.site().sessions(&none);
        let cookies = sessions.sign_in(sign_in, &mut draws).await;
        let cookies = cookies.unwrap().cookies;
        let pair = cookies[0]
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
            let sessions = dance.site().sessions(&cookies);
            let sign_ins = sessions.open(|_| true).await.unwrap();
            let sign_in = sign_ins.of(dance.place());
            assert_eq!(sign_in.is_some(), same, "{provider} {client_id}");
            let found = dance.vault(&holder).load(&cookies).await.unwrap();
            assert_eq!(found.is_some(), same, "{provider} {client_id}");
            if !same {
                // The expired token would be refreshed here.
                assert!(dance.api(&owner).token().await.is_err());
            }
        }
    }
}
