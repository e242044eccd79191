//! The middleware that opens a visit for every request, and closes it on the response.

use oauth_dance::{Dances, leaf};
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::{Body, Endpoint, IntoResponse as _, Middleware, Request, Response};

use crate::convert::{self, Asked};
use crate::error::Error;

/// Returns middleware that opens a visit for every request, for the extractors of this crate, and adds the
/// visit's cookies to the response. It is passed to [`with`](poem::EndpointExt::with).
///
/// If a handler asks for a login, the response is that of [`leaf::login_required`]: a redirect to the login,
/// after which the browser returns to the same address, or 401 for a script.
///
/// After a login that was refused, discarded or failed, the response is a small page with the status 403 instead:
/// until the browser begins another login at `/login/…`, and for ten minutes at most. The page of the guide on
/// [failures](oauth_dance::guide::failures) has the rule.
///
/// # Errors of the application
///
/// An error that leaves the inner endpoint becomes its response here, because the cookies of the visit go on pages that
/// fail as well. It goes on as an error of that response, with its text and its route, and without its type.
/// `NotFoundError` and `MethodNotAllowedError` go on as they are, unless a handler has asked the visit before.
///
/// So [`catch_error`](poem::EndpointExt::catch_error) and [`catch_all_error`](poem::EndpointExt::catch_all_error) stand
/// inside, where their pages get the cookies of the visit. Errors of the dance are let through, because they lead to the
/// login:
///
/// ```
/// use oauth_dance::Dances;
/// use poem::{Endpoint, EndpointExt as _, IntoResponse as _, Response, Route};
///
/// async fn page_of(error: poem::Error) -> Response {
///     if error.data::<oauth_dance_poem::Error>().is_some() {
///         return error.into_response();
///     }
///     "That was our mistake.".with_status(error.status()).into_response()
/// }
///
/// fn app(routes: Route, dances: &Dances) -> impl Endpoint + use<> {
///     oauth_dance_poem::routes(routes, dances)
///         .catch_all_error(page_of)
///         .with(oauth_dance_poem::visits(dances))
/// }
/// ```
///
/// A page that is made of an error outside of this middleware has to keep the headers of the error's response.
///
/// # Other middleware
///
/// poem's `Cors` sets a `Vary` of its own in place of the page's. It stands inside as well, so that the `Vary: Cookie`
/// of a visit stays.
#[must_use]
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

impl<E: Endpoint> Middleware<E> for Visits {
    type Output = VisitsEndpoint<E>;

    fn transform(&self, inner: E) -> VisitsEndpoint<E> {
        let dances = self.dances.clone();
        VisitsEndpoint { inner, dances }
    }
}

/// The endpoint of [`Visits`].
#[derive(Debug)]
pub struct VisitsEndpoint<E> {
    inner: E,
    dances: Dances,
}

impl<E: Endpoint> Endpoint for VisitsEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let visit = self.dances.visit(&convert::head(&request));
        let asked = Asked::of(&request);
        request.set_data(visit.clone());
        match self.inner.call(request).await {
            Ok(page) => Ok(close(&visit, asked, page.into_response()).await.page),
            Err(error) => close_error(&visit, asked, error).await,
        }
    }
}

/// A page whose visit is closed.
struct Closed {
    page: Response,
    /// Whether a login has taken the place of the page.
    is_login: bool,
}

async fn close(visit: &oauth_dance::Visit, asked: Asked, page: Response) -> Closed {
    let (mut head, body) = convert::split(page);
    let asked = asked.at(&head.extensions);
    let login = leaf::close(visit, asked.for_the_log(), &mut head).await;
    Closed {
        is_login: login.is_some(),
        page: convert::put_head(head, login.map_or(body, Body::from)),
    }
}

async fn close_error(
    visit: &oauth_dance::Visit,
    asked: Asked,
    error: poem::Error,
) -> poem::Result<Response> {
    let error = Error::unwrapped(error);
    let text = error.to_string();
    let is_of_a_route = error.is::<NotFoundError>() || error.is::<MethodNotAllowedError>();
    let failed = if is_of_a_route {
        // Pages for what is not found are often made further out. Where a handler has asked the visit before, its
        // headers have to go along.
        let Closed { page, .. } = close(visit, asked, Response::default()).await;
        if page.headers().is_empty() {
            return Err(error);
        }
        let mut failed = error.into_response();
        for (name, value) in page.headers() {
            failed.headers_mut().append(name, value.clone());
        }
        failed
    } else {
        let Closed { page, is_login } = close(visit, asked, error.into_response()).await;
        if is_login {
            return Ok(page);
        }
        page
    };
    let mut error = Error::of_page(failed);
    error.set_error_message(text);
    Err(error)
}
