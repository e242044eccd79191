//! The dances' own pages as a service.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use oauth_dance::{Dances, leaf};
use tower_service::Service;

/// Returns a service of the pages of all dances. It answers any other path with 404.
///
/// Route [`leaf::paths`] to it, for every method. It compares whole paths. [`layer`](crate::layer()) around it hands
/// the visit to receivers, among the extensions of their request. [`mount`](crate::mount()) does both.
///
/// ```
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// # fn example(dances: oauth_dance::Dances) {
/// let pages = oauth_dance_tower::routes::<Full<Bytes>>(&dances);
/// # }
/// ```
pub fn routes<ResBody>(dances: &Dances) -> Routes<ResBody> {
    Routes {
        dances: dances.clone(),
        body: PhantomData,
    }
}

/// The service that [`routes`] returns.
pub struct Routes<ResBody> {
    dances: Dances,
    body: PhantomData<fn() -> ResBody>,
}

impl<ResBody> Clone for Routes<ResBody> {
    fn clone(&self) -> Self {
        routes(&self.dances)
    }
}

impl<ResBody> fmt::Debug for Routes<ResBody> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("dances", &self.dances)
            .finish()
    }
}

impl<ReqBody, ResBody> Service<Request<ReqBody>> for Routes<ResBody>
where
    ReqBody: Body + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ResBody>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let dances = self.dances.clone();
        Box::pin(async move { Ok(handle(&dances, request).await.map(ResBody::from)) })
    }
}

pub(crate) async fn handle<ReqBody>(dances: &Dances, request: Request<ReqBody>) -> Response<Bytes>
where
    ReqBody: Body,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    if let Some(response) = leaf::wrong_method(dances, &parts.method, parts.uri.path()) {
        return response;
    }
    let body = Limited::new(body, leaf::MAX_BODY_BYTES).collect();
    let status = match tokio::time::timeout(leaf::BODY_DEADLINE, body).await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(parts, body.to_bytes());
            return dances.handle(request).await;
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
        Ok(Err(_)) => StatusCode::BAD_REQUEST,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    };
    leaf::unreadable(dances, status)
}
