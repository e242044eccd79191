//! What this crate keeps of one request, in Rocket's request-local cache: Rocket's types have no extensions.

use std::sync::Arc;

use http::Extensions;
use oauth_dance::Visit;
use parking_lot::Mutex;
use rocket::Request;
use rocket::http::Status;

/// The part of a request that this crate has opened.
pub(crate) struct Opened {
    pub(crate) visit: Visit,
    /// The request as the browser has sent it, without its body.
    pub(crate) request: http::request::Parts,
    /// Whether the body has broken off in its first bytes.
    pub(crate) body_broke_off: bool,
}

/// What is kept of a request. A request of `rocket::local` shares it with its clones, so each of them opens a visit in
/// place of the one before.
#[derive(Default)]
pub(crate) struct Local(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    opened: Option<Arc<Opened>>,
    shared: Extensions,
    carried: Vec<(Status, http::response::Parts)>,
}

impl Local {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }

    pub(crate) fn open(&self, opened: Opened) {
        self.0.lock().opened = Some(Arc::new(opened));
    }

    pub(crate) fn opened(&self) -> Option<Arc<Opened>> {
        self.0.lock().opened.clone()
    }

    /// The extensions that receivers see.
    pub(crate) fn shared(&self) -> Extensions {
        self.0.lock().shared.clone()
    }

    pub(crate) fn share<T: Clone + Send + Sync + 'static>(&self, value: T) {
        self.0.lock().shared.insert(value);
    }

    /// Lets the head of a response go along with the response of this status, which Rocket makes.
    pub(crate) fn carry(&self, status: Status, head: http::response::Parts) {
        self.0.lock().carried.push((status, head));
    }

    /// The head that goes along with the response, which has this status. All others are dropped.
    pub(crate) fn take_carried(&self, status: Status) -> Option<http::response::Parts> {
        let carried = std::mem::take(&mut self.0.lock().carried);
        let mut latest_first = carried.into_iter().rev();
        let (_, head) = latest_first.find(|(of, _)| *of == status)?;
        Some(head)
    }
}
