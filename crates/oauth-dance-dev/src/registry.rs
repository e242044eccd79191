//! Every stand-in of this process, so that a test browser finds the one it is sent to.

use std::sync::{Arc, Weak};

use http::Request;
use parking_lot::Mutex;
use url::Url;

use crate::addresses::Place;
use crate::provider::{DevProvider, Inner};

static STAND_INS: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

/// Lets a stand-in be found for as long as it lives.
pub(crate) fn register(stand_in: &DevProvider) {
    let mut stand_ins = STAND_INS.lock();
    stand_ins.retain(|known| known.strong_count() != 0);
    stand_ins.push(Arc::downgrade(&stand_in.inner));
}

impl DevProvider {
    /// Returns the [stand-in](Self::standing_in_for) that an authorization request is for, among all of
    /// this process: by the address of the request, and by its client. This is how a test browser finds a
    /// stand-in without being told of it.
    #[must_use]
    pub fn stand_in_at(url: &Url) -> Option<Self> {
        let head = Request::get(url.as_str()).body(()).ok()?.into_parts().0;
        let (_, client) = url.query_pairs().find(|(name, _)| name == "client_id")?;
        let stand_ins = STAND_INS.lock();
        let mut living = stand_ins.iter().filter_map(Weak::upgrade);
        let inner = living.find(|provider| {
            provider.addresses.place(&head) == Some(Place::Authorize)
                && provider.client(&client).is_some()
        })?;
        Some(Self { inner })
    }

    /// Returns whether this provider answers at an origin, such as `https://api.github.com`.
    #[must_use]
    pub fn is_at(&self, origin: &str) -> bool {
        self.inner.is_at(origin)
    }
}
