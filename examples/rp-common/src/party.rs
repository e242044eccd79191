//! `RelyingParty`: the pages, from a browser's visit to a response.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use oauth_dance::{Dance, Dances, Visit};
use signals::Recorder;

use crate::pages;

/// A relying party: its dances, and the pages around them. Clones are cheap and are the same one.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    dances: Dances,
    name: Arc<str>,
    recorder: Recorder,
}

impl RelyingParty {
    pub(crate) fn new(dances: Dances, name: &str, recorder: Recorder) -> Self {
        Self {
            dances,
            name: name.into(),
            recorder,
        }
    }

    /// The dances, for the adapter's routes and layer.
    #[must_use]
    pub fn dances(&self) -> &Dances {
        &self.dances
    }

    /// `GET /`: who is signed in, flash messages, links.
    pub async fn home(&self, visit: &Visit) -> Response<Bytes> {
        pages::home::home(self.dance(), visit).await
    }

    /// `GET /me`: what is known of who is signed in, as JSON; 401 if nobody is.
    pub async fn me(&self, visit: &Visit) -> Response<Bytes> {
        pages::me::me(self.dance(), visit).await
    }

    /// `GET /api?path=/…`: the answer of the provider's API to a GET of that path; 401 if nobody is
    /// signed in.
    pub async fn api(&self, visit: &Visit, query: Option<&str>) -> Response<Bytes> {
        pages::api::api(self.dance(), visit, query.unwrap_or_default()).await
    }

    /// `GET /signals`: the sends of this process so far, as JSON.
    #[must_use]
    pub fn signals(&self) -> Response<Bytes> {
        pages::signals::signals(&self.recorder)
    }

    fn dance(&self) -> &Dance {
        let dance = self.dances.get(&self.name);
        dance.expect("the dance was built under this name")
    }
}
