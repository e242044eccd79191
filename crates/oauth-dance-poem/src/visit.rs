//! The middleware that opens a visit for every request, and closes it on the response.

use oauth_dance::{Dances, leaf};
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::{Body, Endpoint, IntoResponse as _, Middleware, Request, Response};

use crate::convert::{self, Asked};

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
/// fail as well. It goes on as an error of that response: [`catch_all_error`](poem::EndpointExt::catch_all_error)
/// outside of this middleware sees it, and has to keep the headers of the response. `catch_error` for an error type of
/// the application's own stands inside, before `.with(visits(&dances))`. `NotFoundError` and `MethodNotAllowedError` of
/// a route go on as they are.
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
    let is_of_a_route = error.is::<NotFoundError>() || error.is::<MethodNotAllowedError>();
    let Closed { page, is_login } = if is_of_a_route {
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
        return Err(convert::error(failed));
    } else {
        close(visit, asked, error.into_response()).await
    };
    match is_login {
        true => Ok(page),
        false => Err(convert::error(page)),
    }
}
