//! The middleware that opens a visit for every request, and closes it on the response.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{ETAG, EXPIRES, HeaderName, LAST_MODIFIED, SET_COOKIE};
use actix_web::{HttpMessage as _, HttpResponse};
use bytes::Bytes;
use oauth_dance::{Dances, LoginRequired, leaf};

use crate::convert::{self, Asked};
use crate::error::Untold;

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
    if let Some(untold) = taken::<Untold, _>(page.response_mut()) {
        untold.tell(Asked::of(page.request()).for_the_log());
    }
    let mut login = None;
    if let Some(required) = taken::<LoginRequired, _>(page.response_mut()) {
        let response = leaf::login_required(visit, &required).await;
        take_the_place(page.response_mut(), &response);
        login = Some(response.into_body());
    }
    finish(visit, page.response_mut());
    match login {
        Some(body) => page.map_body(|_, _| EitherBody::right(BoxBody::new(body))),
        None => page.map_into_left_body(),
    }
}

/// Middleware of the application has failed, and the response is made by actix-web later.
async fn close_error(
    visit: &oauth_dance::Visit,
    mut error: actix_web::Error,
    asked: &Asked,
) -> actix_web::Error {
    let mut page = error.error_response();
    if let Some(untold) = taken::<Untold, _>(&mut page) {
        untold.tell(asked.for_the_log());
    }
    if let Some(required) = taken::<LoginRequired, _>(&mut page) {
        let login = leaf::login_required(visit, &required).await;
        take_the_place(&mut page, &login);
        error.add_response_mapper(move |mut page| {
            take_the_place(&mut page, &login);
            page.set_body(BoxBody::new(login.body().clone()))
        });
    }
    finish(visit, &mut page);
    let headers = convert::headers(page.headers());
    error.add_response_mapper(move |mut page| {
        replace_headers(&mut page, &headers);
        page
    });
    error
}

/// Takes a value out of the extensions of a response.
fn taken<T: 'static, B>(response: &mut HttpResponse<B>) -> Option<T> {
    response.extensions_mut().remove()
}

/// Puts the status and the headers of `login` on the page, and keeps the headers of the page that it takes the place
/// of: session middleware inside of this one has set its cookie there. Those that speak of the page's body, and of
/// its caching, go.
fn take_the_place<B>(page: &mut HttpResponse<B>, login: &http::Response<Bytes>) {
    let of_body = |name: &HeaderName| {
        let text = name.as_str();
        text.starts_with("content-")
            || text.ends_with("cache-control")
            || text == "surrogate-control"
            || [ETAG, EXPIRES, LAST_MODIFIED].contains(name)
    };
    let replaced: Vec<_> = page
        .headers()
        .keys()
        .filter(|name| of_body(name) || login.headers().contains_key(name.as_str()))
        .filter(|name| **name != SET_COOKIE)
        .cloned()
        .collect();
    for name in replaced {
        page.headers_mut().remove(name);
    }
    convert::append(page.headers_mut(), login.headers());
    *page.status_mut() = convert::status(login.status());
}

/// Closes the visit: its cookies go on the response.
fn finish<B>(visit: &oauth_dance::Visit, response: &mut HttpResponse<B>) {
    let mut headers = convert::headers(response.headers());
    leaf::finish(visit, &mut headers);
    replace_headers(response, &headers);
}

fn replace_headers<B>(response: &mut HttpResponse<B>, headers: &http::HeaderMap) {
    response.headers_mut().clear();
    convert::append(response.headers_mut(), headers);
}
