//! What all dances of an application share: its origin, keys, client, clock and stores.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap, Response};
use url::Url;

use crate::contract::clock::Clock;
use crate::contract::entropy::{Draws, Entropy};
use crate::dance::chores::Chores;
use crate::dance::flights::Flights;
use crate::dance::paths::Paths;
use crate::flows::outbound::Outbound;
use crate::keep::cookies::RequestCookies;
use crate::keep::pending_logins::{PendingLogins, WaitingRoom};
use crate::keep::sealed_cookie::SealedCookies;
use crate::keep::session_jar::SessionJar;
use crate::keep::sessions::{SessionRoom, Sessions};
use crate::values::error_page::ErrorPage;
use crate::values::time::Timestamp;

/// Makes the application's page in place of the dance's own.
pub(crate) type Pages = Arc<dyn Fn(&ErrorPage<'_>) -> Option<Response<Bytes>> + Send + Sync>;

pub(crate) struct Site {
    pub(crate) origin: Url,
    /// The origin and the namespace of the cookies: what everything that is kept belongs to.
    pub(crate) name: String,
    pub(crate) cookies: SealedCookies,
    pub(crate) outbound: Outbound,
    pub(crate) waiting_room: WaitingRoom,
    /// How many pending logins a browser has room for.
    pub(crate) login_slots: usize,
    pub(crate) session_room: SessionRoom,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The application's own [`SignalSet`](crate::SignalSet). It is erased here, because its signals
    /// have the dance as their sender, and the site is a part of the dance.
    pub(crate) signals: Option<Arc<dyn Any + Send + Sync>>,
    /// The values that the application has given its receivers.
    pub(crate) state: Arc<Extensions>,
    pub(crate) pages: Option<Pages>,
    pub(crate) receiver_deadline: Duration,
    /// How long one call of a store takes at most.
    pub(crate) store_deadline: Duration,
    pub(crate) login_lifetime: Duration,
    pub(crate) session_lifetime: Duration,
    pub(crate) flights: Flights,
    pub(crate) chores: Chores,
    /// The addresses of all dances.
    pub(crate) paths: Paths,
    /// The front page of the application.
    pub(crate) home: Url,
}

impl Site {
    /// Returns the URL of a place to send browsers to: a path of the application, or an absolute URL.
    pub(crate) fn resolve(&self, location: &str) -> Result<Url, url::ParseError> {
        let is_path = location.starts_with('/') && !location.starts_with("//");
        if is_path {
            return self.origin.join(&self.paths.public(location));
        }
        self.origin.join(location)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the randomness of one request.
    pub(crate) fn draws(&self) -> Draws<'_> {
        Draws::from(&*self.entropy)
    }

    pub(crate) fn pending_logins<'a>(&'a self, request: &'a RequestCookies) -> PendingLogins<'a> {
        PendingLogins {
            room: &self.waiting_room,
            site: &self.name,
            slots: self.login_slots,
            cookies: &self.cookies,
            request,
            now: self.now(),
        }
    }

    /// Returns the session of the browser that sent these cookies.
    pub(crate) fn sessions<'a>(&'a self, request: &'a RequestCookies) -> Sessions<'a> {
        Sessions {
            room: &self.session_room,
            jar: SessionJar {
                cookies: &self.cookies,
                request,
                site: &self.name,
                now: self.now(),
            },
        }
    }

    pub(crate) fn read_cookies(&self, headers: &HeaderMap) -> RequestCookies {
        RequestCookies::read(headers, &self.cookies.policy)
    }
}
