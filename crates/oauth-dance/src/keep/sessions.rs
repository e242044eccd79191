//! Where the sign-ins of browsers are kept: in a cookie for each dance, or in a store, one session for each
//! browser.
//!
//! Each dance has a cookie name of its own in both modes, because each callback writes what it has read. With
//! one name for all, the later of two callbacks at once would undo the sign-in of the earlier. In a store, the
//! next sign-in or sign-out puts the sessions that two callbacks at once have left together again.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::entropy::Draws;
use crate::contract::in_time::InTime;
use crate::contract::session_store::{SessionKey, SessionStore};
use crate::contract::token_store::StoreError;
use crate::keep::session::{SignIn, SignIns};
use crate::keep::session_jar::{Ending, SessionJar, SignedIn, SignedOut};
use crate::keep::{session_cookies, session_lookup, session_records};
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
        self.room.is_a_store() && session_lookup::is_named(&self.jar, key)
    }

    /// Returns the application's user that a session in the store signs in.
    pub(crate) async fn user_of(&self, key: &SessionKey) -> Result<Option<String>, StoreError> {
        let SessionRoom::Store(store) = self.room else {
            return Ok(None);
        };
        let found = session_lookup::find(&self.jar, &**store, key).await?;
        let sign_ins = found.map(|found| SignIns::together(found.kept.sign_ins, self.jar.now));
        Ok(sign_ins.and_then(|it| it.user().map(str::to_owned)))
    }

    /// Signs the browser in. Returns `None` if another callback of the same dance was faster,
    /// whose sign-in stands.
    pub(crate) async fn sign_in(
        &self,
        sign_in: SignIn,
        draws: &mut Draws<'_>,
    ) -> Result<Option<SignedIn>, Failed> {
        match self.room {
            SessionRoom::Cookies => session_cookies::sign_in(&self.jar, &sign_in, draws).map(Some),
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
