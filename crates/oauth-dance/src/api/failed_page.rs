//! The response to a page that failed, because a call of it has failed.

use std::error::Error;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};

use crate::api::error::ApiError;
use crate::dance::events;
use crate::driver::respond;
use crate::values::login_error::LoginError;
use crate::values::sign_out_error::SignOutError;

/// Makes the response: [`leaf::failed`](crate::leaf::failed).
pub(crate) fn failed(error: &ApiError) -> Response<Bytes> {
    match error {
        ApiError::LoginRequired(required) => return respond::to_login(&required.login_url(None)),
        // The name that was asked for may come from a request. Neither the log nor the response has it.
        ApiError::UnknownDance(unknown) => {
            let existing = unknown.existing().join(", ");
            let check = format!("the name that the page asks for: the dances are {existing}");
            let reason = "no dance has the name that this page asks for";
            events::page_failed(error.status(), reason, Some(&check), None);
            return respond::for_developer(&format!("{reason}; the dances are {existing}"));
        }
        // It has left an event of its own.
        ApiError::Refresh { .. } => {}
        _ => events::page_failed(error.status(), &error.to_string(), None, error.source()),
    }
    respond::bare(error.status())
}

/// Makes the response: [`leaf::not_signed_out`](crate::leaf::not_signed_out).
pub(crate) fn not_signed_out(error: &SignOutError) -> Response<Bytes> {
    let status = error.status();
    let check = match error {
        SignOutError::CrossSite => Some(
            "whether the page is at the origin of the dances, if it is one of yours, and whether a proxy changes `Origin`",
        ),
        SignOutError::SafeMethod => Some("the route of the page: a form signs out by POST"),
        _ => None,
    };
    // Receivers that fail have left events of their own, and the text of their errors may hold anything.
    let has_left_one = matches!(
        error,
        SignOutError::Incomplete {
            error: LoginError::ReceiverFailed { .. } | LoginError::ReceiverTimeout { .. },
            ..
        }
    );
    if !has_left_one {
        events::page_failed(status, &error.to_string(), check, error.source());
    }
    let mut response = respond::bare(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static("POST");
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
