//! What all dances of an application share: its origin, keys, client, clock and stores.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use crate::contract::client::{ClientError, ClientErrorKind, HttpClient, Limits};
use crate::contract::entropy::{Draws, Entropy};
use crate::dance::flights::Flights;
use crate::dance::signal_set::SignalSet;
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::pending_logins::{Jar, PendingLogins};
use crate::keep::seal::Sealer;
use crate::values::time::{Clock, Timestamp};

pub(crate) struct Site {
    pub(crate) origin: Url,
    pub(crate) sealer: Sealer,
    pub(crate) cookies: CookiePolicy,
    pub(crate) client: Arc<dyn HttpClient>,
    pub(crate) limits: Limits,
    pub(crate) pending: PendingLogins,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) signals: Option<SignalSet>,
    pub(crate) receiver_deadline: Duration,
    pub(crate) login_lifetime: Duration,
    pub(crate) session_lifetime: Duration,
    pub(crate) flights: Flights,
    /// The prefix of all our paths: paths below are never a `next`.
    pub(crate) own_paths: Vec<String>,
}

impl Site {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The randomness of one request.
    pub(crate) fn draws(&self) -> Draws<'_> {
        Draws::from(&*self.entropy)
    }

    pub(crate) fn jar(&self) -> Jar<'_> {
        Jar {
            logins: &self.pending,
            sealer: &self.sealer,
            cookies: &self.cookies,
            now: self.now(),
        }
    }

    pub(crate) fn read_cookies(&self, headers: &http::HeaderMap) -> RequestCookies {
        RequestCookies::read(headers, &self.cookies)
    }

    /// Sends a request to a provider. The limits are the client's to keep; they are kept once more
    /// here, so that a client that forgets them fails closed.
    pub(crate) async fn call(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ClientError> {
        // Of the client itself, not of the `Arc` around it, which would box the future once more.
        let answer = self.client.as_ref().send(request, self.limits);
        let response = tokio::time::timeout(self.limits.deadline, answer)
            .await
            .map_err(|_| ClientError::new(ClientErrorKind::Timeout))??;
        if response.body().len() > self.limits.max_body_bytes {
            return Err(ClientError::new(ClientErrorKind::TooLarge));
        }
        Ok(response)
    }
}
