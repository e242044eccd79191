//! The request that is being answered, for the parts of a filter that warp hands no request.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use oauth_dance::leaf::{Asked, PageError};
use warp::reply::Response;

thread_local! {
    /// Set while the future of a request is polled, and at no other time.
    static CURRENT: RefCell<Option<Arc<Current>>> = const { RefCell::new(None) };
}

/// A request on its way through the filters of the application.
pub(crate) struct Current {
    /// All of the request but the body, extensions included.
    parts: Parts,
    /// The error of the first rejection that needs a login.
    login: OnceLock<PageError>,
}

impl Current {
    pub(crate) fn new(request: &Parts) -> Arc<Self> {
        Arc::new(Self {
            parts: request.clone(),
            login: OnceLock::new(),
        })
    }

    /// Polls `answering` with this request as the current one.
    pub(crate) async fn answer<F: Future>(self: &Arc<Self>, answering: F) -> F::Output {
        let mut answering = pin!(answering);
        poll_fn(|context| {
            let _entered = Entered::into(self);
            answering.as_mut().poll(context)
        })
        .await
    }

    fn get() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Returns the current request without its body.
    pub(crate) fn parts() -> Option<Parts> {
        Some(Self::get()?.parts.clone())
    }

    /// Notes that a filter or a handler rejects the current request.
    pub(crate) fn rejects_with(error: &PageError) {
        let current = Self::get();
        if error.is_login_required() {
            if let Some(current) = current {
                // Of several logins, the first one.
                let _ = current.login.set(error.clone());
            }
            return;
        }
        match current {
            Some(current) => error.tell(Asked::new(&current.parts.method, &current.parts.uri)),
            None => error.tell(Asked::default()),
        }
    }

    /// Asks for the login on the response of the application, if the request was rejected for want of one and the
    /// response is an error: a `recover` of the application knows nothing of logins.
    pub(crate) fn complete(&self, mut response: Response) -> Response {
        let status = response.status();
        if let Some(error) = self.login.get()
            && (status.is_client_error() || status.is_server_error())
        {
            let login = error.response().into_parts().0;
            response.extensions_mut().extend(login.extensions);
        }
        response
    }
}

/// Takes the place of the request that was current before, and gives it back in the end.
struct Entered(Option<Arc<Current>>);

impl Entered {
    fn into(current: &Arc<Current>) -> Self {
        Self(CURRENT.replace(Some(Arc::clone(current))))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}
