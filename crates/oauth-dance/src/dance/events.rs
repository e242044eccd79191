//! The events that the dance leaves with `tracing`: one function each.
//!
//! An event names the dance, the endpoint, the status, and what to check. It never holds a secret, and
//! never the text of a provider or of a request, but the path of a page that failed. Without the feature `tracing` the functions do nothing.

#![cfg_attr(
    not(feature = "tracing"),
    allow(
        dead_code,
        unused_variables,
        reason = "without the feature there are no events"
    )
)]

use std::error::Error;

use http::StatusCode;
use signals::Failure;

use crate::dance::Dance;
use crate::providers::meaning::{CREDENTIAL_ERRORS, PASSING_ERRORS, REGISTRATION_ERRORS};
use crate::values::asked::Asked;
#[cfg(feature = "tracing")]
use crate::values::causes::causes;
use crate::values::endpoint::{At, EndpointKind};
use crate::values::login_error::{Failed, LoginError, RejectReason};
#[cfg(feature = "tracing")]
use crate::values::missing::Missing;
use crate::values::no_answer::ClientErrorKind;

/// Logs that a callback belonged to no login of the browser that sent it.
pub(crate) fn callback_rejected(dance: &Dance, reason: RejectReason) {
    #[cfg(feature = "tracing")]
    {
        let check = check_of_rejected(reason);
        tracing::info!(dance = dance.name(), %reason, check, "a callback was rejected");
    }
}

/// Logs that the `next` of a login was dropped. Its text is not logged: any page can link to a login.
pub(crate) fn next_dropped(dance: &Dance, why: &'static str) {
    #[cfg(feature = "tracing")]
    tracing::info!(
        dance = dance.name(),
        reason = why,
        check = "the rules of `oauth_dance::Next`",
        "the `next` of a login was dropped"
    );
}

/// Returns what a developer should check first, if real users meet this.
#[cfg(feature = "tracing")]
fn check_of_rejected(reason: RejectReason) -> Option<&'static str> {
    match reason {
        RejectReason::NoPendingLogin => Some(
            "whether the browser is at the origin of the dances (`localhost` and `127.0.0.1` are two hosts), and whether it keeps their cookies",
        ),
        RejectReason::GivenUp => Some(
            "whether a page begins logins that nobody finishes: a browser has room for four beside tokens in cookies, and for nine otherwise",
        ),
        RejectReason::Expired => Some("whether `DancesBuilder::login_lifetime` is long enough"),
        RejectReason::OtherDance => {
            Some("whether each registration with a provider has the redirect URI of its own dance")
        }
        // No login of this application leads there.
        RejectReason::NoState | RejectReason::Malformed => None,
    }
}

/// Logs that a receiver returned an error or panicked. Its text may hold secrets, so it is not logged,
/// unless the receiver passed on a [`Missing`], which holds none.
pub(crate) fn receiver_failed(dance: &Dance, signal: &str, receiver: &str, failure: &Failure) {
    #[cfg(feature = "tracing")]
    {
        let error = failure.as_error().map(|error| error as &dyn Error);
        let missing = chain(error).find_map(|error| error.downcast_ref::<Missing>());
        let missing = missing.map(tracing::field::display);
        tracing::warn!(
            dance = dance.name(),
            signal,
            receiver,
            missing,
            "a receiver failed"
        );
    }
}

/// Returns an error and its sources, the error first.
#[cfg(feature = "tracing")]
fn chain<'e>(
    error: Option<&'e (dyn Error + 'static)>,
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(error, |error| (**error).source())
}

/// Returns the texts of an error and of its sources, the error first.
#[cfg(feature = "tracing")]
fn sources(error: Option<&(dyn Error + 'static)>) -> Option<String> {
    let sources = causes(error);
    (!sources.is_empty()).then(|| sources.join(": "))
}

/// Logs that a receiver was not done when the deadline passed.
pub(crate) fn receiver_timed_out(dance: &Dance, signal: &str, receiver: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        dance = dance.name(),
        signal,
        receiver,
        "a receiver was not done before the deadline"
    );
}

/// Logs that two receivers replied.
pub(crate) fn reply_ignored(dance: &Dance, signal: &str, receiver: &str, answered_by: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        dance = dance.name(),
        signal,
        receiver,
        answered_by,
        "a reply was ignored"
    );
}

/// Logs that a login failed.
///
/// The errors of clients and stores hold no secrets, by contract. Those of receivers may.
pub(crate) fn login_failed(dance: &Dance, failed: &Failed) {
    failure(dance, failed, "a login failed");
}

/// Logs that a token could not be refreshed.
pub(crate) fn refresh_failed(dance: &Dance, failed: &Failed) {
    failure(dance, failed, "a token could not be refreshed");
}

/// Logs that the provider did not revoke a token.
pub(crate) fn revocation_failed(dance: &Dance, failed: &Failed) {
    failure(dance, failed, "a token could not be revoked");
}

/// Logs that a provider has refused a refresh token that a browser's cookies kept.
pub(crate) fn refused_in_cookies(dance: &Dance) {
    #[cfg(feature = "tracing")]
    {
        let check = "whether several processes serve one browser: if the provider replaces refresh tokens, two processes spend one twice, and the provider ends the grant. Keep tokens in a store with `DancesBuilder::store`";
        tracing::warn!(
            dance = dance.name(),
            check,
            "the provider has refused a refresh token from a cookie, and the user has to sign in again"
        );
    }
}

/// Logs that a page could not be shown, because a call to a provider's API or to a store failed.
pub(crate) fn page_failed(page: &FailedPage<'_>) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        dance = page.dance,
        method = page.asked.method,
        route = page.asked.route,
        status = page.status.as_u16(),
        reason = page.reason,
        check = page.check,
        source = sources(page.source),
        "a page failed"
    );
}

/// What is known of a page that failed.
pub(crate) struct FailedPage<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) dance: Option<&'a str>,
    pub(crate) status: StatusCode,
    pub(crate) reason: &'a str,
    pub(crate) check: Option<&'a str>,
    pub(crate) source: Option<&'a (dyn Error + 'static)>,
}

/// Logs that cookies have no room for all sign-ins of a browser.
pub(crate) fn sign_in_displaced(dance: &Dance) {
    #[cfg(feature = "tracing")]
    {
        let check = "whether pages need several dances at once: keep sessions in a store with `DancesBuilder::session_store`";
        tracing::info!(
            dance = dance.name(),
            check,
            "an earlier sign-in of the browser has given way: cookies have no room for all"
        );
    }
}

/// Logs that a page needs a user, right after a login that has signed no user in.
pub(crate) fn no_user(dance: &Dance) {
    #[cfg(feature = "tracing")]
    {
        let check = "whether a receiver of `OAUTH_AUTHORIZED` calls `Authorized::sign_in`";
        tracing::warn!(
            dance = dance.name(),
            check,
            "a page needs a user, and the login has signed no user in"
        );
    }
}

fn failure(dance: &Dance, failed: &Failed, message: &'static str) {
    #[cfg(feature = "tracing")]
    {
        let reason = reason(&failed.error);
        let endpoint = failed.at.map(|at| tracing::field::display(at.endpoint));
        let status = failed.at.and_then(|at| at.status);
        let status = status.map(|status| status.as_u16());
        let check = what_to_check(failed);
        let of_receiver = matches!(failed.error, LoginError::ReceiverFailed { .. });
        let cause = failed.cause.as_ref().filter(|_| !of_receiver);
        // All of them: the first one of an HTTP client says that it failed, and the last one why.
        let source = sources(cause.and_then(|cause| cause.source()));
        let cause = cause.map(tracing::field::display);
        tracing::warn!(
            dance = dance.name(),
            endpoint,
            status,
            reason,
            check,
            cause,
            source,
            "{message}"
        );
    }
}

/// Returns what went wrong, without the texts of the provider.
fn reason(failure: &LoginError) -> String {
    match failure {
        LoginError::Provider(error) => {
            format!("the provider reported {}", known_code(error.code()))
        }
        other => other.to_string(),
    }
}

/// Returns the code if it is one of RFC 6749 §4.1.2.1 and §5.2, of RFC 7009 §2.2.1, of OpenID Connect
/// Core §3.1.2.6, or in common use.
fn known_code(code: &str) -> &'static str {
    const KNOWN: [&str; 16] = [
        "access_denied",
        "account_selection_required",
        "bad_verification_code",
        "consent_required",
        "interaction_required",
        "invalid_grant",
        "invalid_request",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_scope",
        "login_required",
        "registration_not_supported",
        "request_not_supported",
        "request_uri_not_supported",
        "unsupported_response_type",
        "unsupported_token_type",
    ];
    let mut known = KNOWN
        .iter()
        .chain(&CREDENTIAL_ERRORS)
        .chain(&REGISTRATION_ERRORS)
        .chain(&PASSING_ERRORS);
    let known = known.find(|known| **known == code);
    known.copied().unwrap_or("an error of its own")
}

/// Returns what a developer should check first.
fn what_to_check(failed: &Failed) -> Option<&'static str> {
    let not_found = |at: &At| at.status.is_some_and(|status| status == 404);
    if failed.at.as_ref().is_some_and(not_found) {
        return Some("the URL of this endpoint in the description of the provider");
    }
    match &failed.error {
        LoginError::Provider(error) => match error.code() {
            code if CREDENTIAL_ERRORS.contains(&code) => Some(
                "the client id and secret, and whether the provider expects them in the header or in the body",
            ),
            "unauthorized_client" | "unsupported_grant_type" => Some(
                "whether the registration with the provider allows the authorization code grant",
            ),
            "invalid_scope" => {
                Some("the scopes of the dance: the provider does not know or allow one of them")
            }
            "redirect_uri_mismatch" | "invalid_redirect_uri" | "bad_redirect_uri" => Some(
                "the redirect URI in the registration with the provider: `Dance::redirect_uri`",
            ),
            _ => None,
        },
        LoginError::NoAnswer(kind) => match kind {
            ClientErrorKind::Unresolved => Some(
                "the host name in the description of the provider, and the DNS of this machine",
            ),
            ClientErrorKind::Refused | ClientErrorKind::Connect | ClientErrorKind::Timeout => {
                Some("whether this machine can reach the provider")
            }
            ClientErrorKind::TooLarge => {
                Some("the URL of this endpoint, and `Limits::max_body_bytes`")
            }
            ClientErrorKind::Closed | ClientErrorKind::Truncated | ClientErrorKind::Transport => {
                Some("the provider, and what is between it and this machine")
            }
        },
        LoginError::ProviderAnswer(_) => match failed.at?.endpoint {
            EndpointKind::Token => {
                Some("the quirks of the provider, and the URL of its token endpoint")
            }
            EndpointKind::Userinfo => {
                Some("whether the scopes of the dance cover the userinfo endpoint")
            }
            EndpointKind::Revocation => Some("whether the provider lets this client revoke tokens"),
            EndpointKind::Authorization => None,
        },
        _ => None,
    }
}
