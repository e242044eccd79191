//! Where the sign-ins of browsers are kept: in a cookie for each dance, or in a store, one session for each
//! browser.
//!
//! Each dance has a cookie name of its own in both modes, because each callback writes what it has read. With
//! one name for all, the later of two callbacks at once would undo the sign-in of the earlier.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::contract::entropy::Draws;
use crate::contract::in_time::InTime;
use crate::contract::session_store::{SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::keep::session::{SignIn, SignIns};
use crate::keep::session_jar::{Ending, SessionJar, SignedIn, SignedOut};
use crate::keep::{browser_cookies, browser_record, session_cookies, session_records};
use crate::values::login_error::Failed;

/// Where sessions are kept.
pub(crate) enum SessionRoom {
    /// Sealed, in a cookie for each dance.
    Cookies,
    /// In a store of the server's. The cookie names the session.
    Store(Arc<dyn SessionStore>),
}

impl SessionRoom {
    /// Lets no call of the store take longer than `deadline`.
    pub(crate) fn in_time(self, deadline: Duration) -> Self {
        match self {
            Self::Cookies => Self::Cookies,
            Self::Store(store) => Self::Store(Arc::new(InTime::new(store, deadline))),
        }
    }

    /// Returns whether sessions are kept in a store of the server's.
    pub(crate) fn is_a_store(&self) -> bool {
        matches!(self, Self::Store(_))
    }
}

/// The session of one browser, as one request sees it.
pub(crate) struct Sessions<'a> {
    pub(crate) room: &'a SessionRoom,
    pub(crate) jar: SessionJar<'a>,
}

impl Sessions<'_> {
    /// Returns the sign-ins of this browser that `counts` lets count.
    pub(crate) async fn open(
        &self,
        counts: impl Fn(&SignIn) -> bool,
    ) -> Result<SignIns, StoreError> {
        let mut all = match self.room {
            SessionRoom::Cookies => session_cookies::open(&self.jar),
            SessionRoom::Store(store) => session_records::open(&self.jar, &**store).await?,
        };
        all.retain(counts);
        Ok(SignIns::together(all, self.jar.now))
    }

    /// Returns whether the browser's cookies name the session of this key in the store. The store is not asked.
    pub(crate) fn is_named(&self, key: &SessionKey) -> bool {
        self.room.is_a_store() && browser_cookies::is_named(&self.jar, key)
    }

    /// Returns the keys that the browser's cookies name in the store. The store is not asked.
    pub(crate) fn named(&self) -> Vec<SessionKey> {
        match self.room {
            SessionRoom::Cookies => Vec::new(),
            SessionRoom::Store(_) => browser_cookies::keys(&browser_cookies::carried(&self.jar)),
        }
    }

    /// Returns the application's user that a session in the store signs in, by the sign-ins that `counts` lets count.
    pub(crate) async fn user_of(
        &self,
        key: &SessionKey,
        counts: impl Fn(&SignIn) -> bool,
    ) -> Result<Option<String>, StoreError> {
        let SessionRoom::Store(store) = self.room else {
            return Ok(None);
        };
        session_records::user_of(&self.jar, &**store, key, counts).await
    }

    /// Ends a session in the store. Returns whether there was one.
    pub(crate) async fn end(&self, key: &SessionKey) -> Result<bool, StoreError> {
        match self.room {
            SessionRoom::Cookies => Ok(false),
            SessionRoom::Store(store) => browser_record::delete(&**store, key).await,
        }
    }

    /// Returns the cookie that a browser without a session needs when it begins a login, if it needs one.
    pub(crate) async fn announce(
        &self,
        lifetime: Duration,
        draws: &mut Draws<'_>,
    ) -> Result<Option<HeaderValue>, Failed> {
        match self.room {
            SessionRoom::Cookies => Ok(None),
            SessionRoom::Store(store) => {
                session_records::announce(&self.jar, &**store, lifetime, draws).await
            }
        }
    }

    /// Signs the browser in.
    pub(crate) async fn sign_in(
        &self,
        sign_in: SignIn,
        draws: &mut Draws<'_>,
    ) -> Result<SignedIn, Failed> {
        match self.room {
            SessionRoom::Cookies => session_cookies::sign_in(&self.jar, &sign_in, draws),
            SessionRoom::Store(store) => {
                session_records::sign_in(&self.jar, &**store, sign_in, draws).await
            }
        }
    }

    /// Signs the browser out. If nothing can be read of the session, its cookies are deleted nevertheless.
    pub(crate) async fn sign_out(&self, ending: Ending<'_>, draws: &mut Draws<'_>) -> SignedOut {
        match self.room {
            SessionRoom::Cookies => session_cookies::sign_out(&self.jar, ending),
            SessionRoom::Store(store) => {
                session_records::sign_out(&self.jar, &**store, ending, draws).await
            }
        }
    }
}
