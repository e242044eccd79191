//! The middleware that opens a visit for every request, and closes it on the response.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{HttpMessage as _, HttpResponse};
use bytes::Bytes;
use oauth_dance::{Dances, leaf};

use crate::convert::{self, Asked};

/// Returns middleware that opens a visit for every request, for the extractors of this crate, and adds the
/// visit's cookies to the response. It is passed to `wrap`, on the `App` or on a `web::scope`.
///
/// If a handler asks for a login, the response is that of [`leaf::login_required`]: a redirect to the login,
/// after which the browser returns to the same address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
pub fn visits(dances: &Dances) -> Visits {
    Visits {
        dances: dances.clone(),
    }
}

/// The middleware that [`visits`] returns.
#[derive(Debug, Clone)]
pub struct Visits {
    dances: Dances,
}

impl<S, B> Transform<S, ServiceRequest> for Visits
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Transform = VisitsService<S>;
    type InitError = ();
    type Future = Ready<Result<VisitsService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let dances = self.dances.clone();
        ready(Ok(VisitsService { inner, dances }))
    }
}

/// The service of [`Visits`].
#[derive(Debug)]
pub struct VisitsService<S> {
    inner: S,
    dances: Dances,
}

impl<S, B> Service<ServiceRequest> for VisitsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, actix_web::Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let parts = convert::parts(request.request());
        let visit = self.dances.visit(&parts);
        request.extensions_mut().insert(visit.clone());
        let response = self.inner.call(request);
        Box::pin(async move {
            match response.await {
                Ok(response) => Ok(close(&visit, response).await),
                Err(error) => {
                    let asked = Asked::new(parts.method, parts.uri);
                    Err(close_error(&visit, error, &asked).await)
                }
            }
        })
    }
}

async fn close<B: MessageBody>(
    visit: &oauth_dance::Visit,
    mut page: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B>> {
    let asked = Asked::of(page.request());
    match close_page(visit, page.response_mut(), &asked).await {
        Some(login) => page.map_body(|_, _| EitherBody::right(BoxBody::new(login))),
        None => page.map_into_left_body(),
    }
}

/// Middleware of the application has failed, and the response is made by actix-web later.
async fn close_error(
    visit: &oauth_dance::Visit,
    mut error: actix_web::Error,
    asked: &Asked,
) -> actix_web::Error {
    let mut closed = error.error_response();
    let login = close_page(visit, &mut closed, asked).await;
    let status = closed.status();
    let headers = closed.headers().clone();
    error.add_response_mapper(move |mut page| {
        *page.status_mut() = status;
        *page.headers_mut() = headers.clone();
        match &login {
            Some(login) => page.set_body(BoxBody::new(login.clone())),
            None => page,
        }
    });
    error
}

/// Closes the visit on the head of a response. Returns the body that takes the place of the page's.
async fn close_page<B>(
    visit: &oauth_dance::Visit,
    page: &mut HttpResponse<B>,
    asked: &Asked,
) -> Option<Bytes> {
    let mut parts = convert::head(page);
    let body = leaf::close(visit, asked.for_the_log(), &mut parts).await;
    convert::put_head(page, parts);
    body
}
