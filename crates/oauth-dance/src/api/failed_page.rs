//! The response to a page that failed, because a call of it has failed.

use std::error::Error;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};

use crate::api::error::ApiError;
use crate::dance::events::{self, FailedPage};
use crate::driver::respond;
use crate::values::asked::Asked;
use crate::values::login_error::LoginError;
use crate::values::sign_out_error::SignOutError;

/// Makes the response: [`leaf::failed`](crate::leaf::failed).
pub(crate) fn failed(asked: Asked<'_>, error: &ApiError) -> Response<Bytes> {
    let status = error.status();
    let page = FailedPage {
        asked,
        dance: error.dance(),
        status,
        reason: "",
        check: None,
        source: error.source(),
    };
    match error {
        ApiError::LoginRequired(required) => return respond::to_login(&required.login_url(None)),
        // The name that was asked for may come from a request, and the log does not have it.
        ApiError::UnknownDance(unknown) => {
            let existing = unknown.existing().join(", ");
            let check = format!("the name that the page asks for: the dances are {existing}");
            events::page_failed(&FailedPage {
                reason: "no dance has the name that this page asks for",
                check: Some(&check),
                ..page
            });
        }
        // It has left an event of its own.
        ApiError::Refresh { .. } => {}
        _ => events::page_failed(&FailedPage {
            reason: &error.to_string(),
            ..page
        }),
    }
    respond::bare(status)
}

/// Makes the response to a page that asks for a visit where none was opened.
pub(crate) fn no_visit(asked: Asked<'_>, check: &str) -> Response<Bytes> {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    events::page_failed(&FailedPage {
        asked,
        dance: None,
        status,
        reason: "no visit was opened for this page",
        check: Some(check),
        source: None,
    });
    respond::bare(status)
}

/// Makes the response: [`leaf::not_signed_out`](crate::leaf::not_signed_out).
pub(crate) fn not_signed_out(asked: Asked<'_>, error: &SignOutError) -> Response<Bytes> {
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
        events::page_failed(&FailedPage {
            asked,
            dance: None,
            status,
            reason: &error.to_string(),
            check,
            source: error.source(),
        });
    }
    let mut response = respond::bare(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static("POST");
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
