//! A service of an async function whose errors are responses.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

/// Returns a service that calls `function`, and makes a response of the error that the function returns.
///
/// The error is [`Error`](crate::Error), or an error of the application's own that becomes a response by
/// `From<AppError> for Response<_>`. A server such as hyper would end the connection over the error of a service, and
/// the browser would see no page.
pub fn service_fn<F>(function: F) -> ServiceFn<F> {
    ServiceFn(function)
}

/// The service that [`service_fn`] returns.
#[derive(Clone, Copy)]
pub struct ServiceFn<F>(F);

impl<F> fmt::Debug for ServiceFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceFn").finish_non_exhaustive()
    }
}

impl<F, Answering, E, ReqBody, ResBody> Service<Request<ReqBody>> for ServiceFn<F>
where
    F: FnMut(Request<ReqBody>) -> Answering,
    Answering: Future<Output = Result<Response<ResBody>, E>> + Send + 'static,
    E: Into<Response<ResBody>>,
{
    type Response = Response<ResBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<ResBody>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let answering = (self.0)(request);
        Box::pin(async move { Ok(answering.await.unwrap_or_else(Into::into)) })
    }
}
