//! The dance's own pages as a filter.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use http::Request;
use http::request::Parts;
use http_body::{Body, Frame};
use oauth_dance::{Dances, leaf};
use tower_service::Service as _;
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::reply::{Reply as _, Response};
use warp::{Filter as _, body, path, reject};

use crate::extract::parts;

/// Returns a filter of the pages of all dances. It rejects any other path as not found.
///
/// Put it before the filters of the application: `routes(&dances).or(pages)`. warp asks the filters in their order, and
/// one that has read the body leaves none to the next.
///
/// The paths of the dances are whole paths: [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before
/// them, and `warp::path("auth").and(routes(&dances))` does not. It is the filter of dances that are mounted at `/auth`,
/// and of no others. A path with a slash at its end is another path.
///
/// Needs [`service`](crate::service()).
///
/// # What receivers hand over
///
/// A receiver hands a value over with `login.hand_over(value)`. It comes among the extensions of the response:
///
/// ```
/// use oauth_dance::{Dance, Dances, LoggedIn, OAUTH_LOGGED_IN, receiver};
/// use oauth_dance_warp::routes;
/// use warp::Filter;
/// use warp::filters::BoxedFilter;
/// use warp::http::HeaderValue;
/// use warp::http::header::SET_COOKIE;
/// use warp::reply::Response;
///
/// #[derive(Clone)]
/// struct Seen(&'static str);
///
/// #[receiver(OAUTH_LOGGED_IN)]
/// fn welcome(_: &Dance, login: &LoggedIn) {
///     login.hand_over(Seen("seen=1; Path=/; Secure"));
/// }
///
/// fn pages_of_the_dances(dances: &Dances) -> BoxedFilter<(Response,)> {
///     let remember = |mut response: Response| {
///         if let Some(Seen(cookie)) = response.extensions_mut().remove() {
///             let cookie = HeaderValue::from_static(cookie);
///             response.headers_mut().append(SET_COOKIE, cookie);
///         }
///         response
///     };
///     routes(dances).map(remember).boxed()
/// }
/// # let _ = pages_of_the_dances;
/// ```
#[must_use]
pub fn routes(dances: &Dances) -> BoxedFilter<(Response,)> {
    let paths: Arc<HashSet<String>> = Arc::new(leaf::paths(dances).collect());
    let dances = dances.clone();
    path::full()
        .and_then(move |path: FullPath| {
            let is_of_a_dance = paths.contains(path.as_str());
            async move { is_of_a_dance.then_some(()).ok_or_else(reject::not_found) }
        })
        .untuple_one()
        .and(parts())
        .and(body::stream())
        .then(move |parts, body| handle(dances.clone(), parts, body))
        .boxed()
}

async fn handle<S, B>(dances: Dances, parts: Parts, body: S) -> Response
where
    S: Stream<Item = Result<B, warp::Error>> + Send + 'static,
    B: Buf + Send + 'static,
{
    let request = Request::from_parts(parts, Streamed(Box::pin(body)));
    let Ok(response) = oauth_dance_tower::routes::<Bytes>(&dances)
        .call(request)
        .await;
    response.into_response()
}

/// A body as warp hands it out. The pages read it, after the method, within their bounds.
struct Streamed<S>(Pin<Box<S>>);

impl<S, B> Body for Streamed<S>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    type Data = B;
    type Error = warp::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B>, warp::Error>>> {
        self.0.as_mut().poll_next(context).map_ok(Frame::data)
    }
}
