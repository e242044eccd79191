//! The sessions of a user: listed, and ended one by one or all at once.

use std::fmt;

use crate::contract::session_store::{ListedSession, SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::dances::Dances;
use crate::keep::cookies::RequestCookies;
use crate::keep::session::SignIn;
use crate::keep::sessions::SessionRoom;
use crate::values::time::Timestamp;

/// A browser in which a user is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession(ListedSession);

impl BrowserSession {
    /// Returns the identifier for [`Dances::end_session`]: 20 characters that are safe in URLs and forms. It
    /// stays the same as long as the session lasts. Who knows it cannot make the browser's cookie.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.key.id()
    }

    pub(crate) fn key(&self) -> &SessionKey {
        &self.0.key
    }

    /// Returns when the browser signed in first.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        self.0.made_at
    }

    /// Returns when the browser last opened a page that reads the session. The store notes it once a minute at
    /// most.
    #[must_use]
    pub fn seen_at(&self) -> Timestamp {
        self.0.seen_at
    }

    /// Returns when the session ends by itself.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }
}

/// The sessions of the application's users. They need a
/// [session store](crate::DancesBuilder::session_store).
impl Dances {
    /// Returns the sessions of `user`, the one that was last seen first, at most
    /// [`MAX_LISTED`](crate::MAX_LISTED) of them. [`BrowserSession::is_of`] says which one is that of the browser
    /// that asks.
    ///
    /// ```no_run
    /// use std::time::SystemTime;
    ///
    /// use oauth_dance::{Dances, StoreError, Visit};
    ///
    /// async fn page(dances: &Dances, visit: &Visit) -> Result<(), StoreError> {
    ///     for session in dances.sessions(7).await? {
    ///         // A `SystemTime` is what `time`, `chrono` and `jiff` convert from, to print it.
    ///         let seen = SystemTime::try_from(session.seen_at()).ok();
    ///         let ago = seen.and_then(|seen| seen.elapsed().ok()).unwrap_or_default();
    ///         let this = if session.is_of(visit) { ", this browser" } else { "" };
    ///         println!("seen {} minutes ago{this}", ago.as_secs() / 60);
    ///     }
    ///     dances.end_sessions(7).await?; // "sign me out everywhere"
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`StoreError::unavailable`] if the session store failed.
    /// - [`StoreError::refused`] if sessions are kept in cookies, where a server cannot find them.
    pub async fn sessions(
        &self,
        user: impl fmt::Display,
    ) -> Result<Vec<BrowserSession>, StoreError> {
        let (store, site) = (self.session_store()?, self.site());
        let (user, now) = (user.to_string(), site.now());
        let mut sessions = Vec::new();
        for listed in store.of_user(&site.name, &user, now).await? {
            // The session may have been kept by a login without a user, longer than the user's own sign-in lasts.
            if self.user_of(&listed.key).await?.as_ref() == Some(&user) {
                sessions.push(BrowserSession(listed));
            }
        }
        Ok(sessions)
    }

    /// Ends the session of `user` whose [`BrowserSession::id`] is `id`. Returns `false` if the user has no
    /// such session, or none any more.
    ///
    /// The browser is signed out of every dance. Its tokens stay: those of the user for their other
    /// browsers, and those of the browser until they expire, out of reach.
    ///
    /// Neither this nor [`end_sessions`](Self::end_sessions) looks at a request, so any job may call them. A page that
    /// calls them takes `user` from the session of its visit and `id` from a form that is posted. A form of another
    /// site comes without cookies, so that it has no user. One of another subdomain of yours has them: if you do not
    /// trust all of them, refuse requests whose `Sec-Fetch-Site` is not `same-origin`.
    ///
    /// # Errors
    ///
    /// The same errors as [`sessions`](Self::sessions).
    pub async fn end_session(&self, user: impl fmt::Display, id: &str) -> Result<bool, StoreError> {
        self.session_store()?;
        let (user, site) = (user.to_string(), self.site());
        if !SessionKey::is_id(id) {
            return Ok(false);
        }
        // Of this user's only: the identifier comes from a form. The list may be too long to have it.
        let key = SessionKey::new(&site.name, id);
        if self.user_of(&key).await? != Some(user) {
            return Ok(false);
        }
        let no_cookies = RequestCookies::default();
        site.sessions(&no_cookies).end(&key).await
    }

    /// Returns the user whom a session in the store signs in.
    async fn user_of(&self, key: &SessionKey) -> Result<Option<String>, StoreError> {
        let no_cookies = RequestCookies::default();
        let sessions = self.site().sessions(&no_cookies);
        // A dance that is gone, or has another provider by now, signs nobody in.
        let counts = |it: &SignIn| self.iter().any(|dance| it.is_of(dance.place()));
        sessions.user_of(key, counts).await
    }

    /// Ends all sessions of `user`: after a stolen device, or with a closed account.
    /// [`Visit::end_other_sessions`](crate::Visit::end_other_sessions) keeps that of the browser that asks. Returns their number, in which one
    /// that has expired a moment ago may be counted.
    ///
    /// # Errors
    ///
    /// The same errors as [`sessions`](Self::sessions).
    pub async fn end_sessions(&self, user: impl fmt::Display) -> Result<u64, StoreError> {
        let (store, site) = (self.session_store()?, self.site());
        store.end_user(&site.name, &user.to_string(), &[]).await
    }

    pub(crate) fn session_store(&self) -> Result<&dyn SessionStore, StoreError> {
        match &self.site().session_room {
            SessionRoom::Store(store) => Ok(&**store),
            SessionRoom::Cookies => Err(StoreError::refused(
                "sessions are kept in cookies, where a server cannot find them: keep them in a store with `DancesBuilder::session_store`",
            )),
        }
    }
}
