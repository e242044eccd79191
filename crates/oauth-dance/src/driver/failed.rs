//! A login of this browser failed: receivers are told and may answer.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use signals::AsyncSignal;

use super::first_reply::FirstReply;
use super::receivers;
use super::turn::Turn;
use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::driver::respond;
use crate::values::failure::{Failed, LoginFailure};
use crate::values::outcome::Reply;

/// Sent when a login **of this browser** failed. A receiver may answer with a [`Reply`]; the first
/// answer wins, and [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) tells of the others.
///
/// Where nobody answers, a failure that the provider indicated sends the browser to the configured
/// URL all the same, so connect here to inform the person; other failures get a small page.
///
/// ```
/// use oauth_dance::{Dance, LoginError, OAUTH_ERROR};
///
/// OAUTH_ERROR.connect(|dance: &Dance, error: &LoginError| {
///     if error.failure().is_denied() {
///         error.flash_as("error", format!("You did not let us use {}.", dance.display_name()));
///     }
/// });
/// ```
pub static OAUTH_ERROR: AsyncSignal<Dance, LoginError, Reply> =
    AsyncSignal::new("oauth_error").describe(describe);

fn describe(reply: &Reply) -> String {
    reply.to_string()
}

/// The payload of [`OAUTH_ERROR`].
///
/// Clones are the same failure, for receivers that run on in the background.
#[derive(Debug, Clone)]
pub struct LoginError {
    failed: Failed,
    browser: Arc<Browser>,
}

reaches_the_browser!(LoginError);

impl LoginError {
    fn browser(&self) -> &Browser {
        &self.browser
    }

    /// What went wrong.
    #[must_use]
    pub fn failure(&self) -> &LoginFailure {
        &self.failed.failure
    }

    /// What lies behind it, for a developer's log: the error of the HTTP client, of the storage, or of
    /// the receiver that failed. The first two hold no secrets; the last holds what the receiver put
    /// into it.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.failed.cause.as_deref()
    }

    /// The provider's `error`, `error_description` and `error_uri`, if it indicated one.
    #[must_use]
    pub fn provider_error(&self) -> Option<&crate::ProviderError> {
        match &self.failed.failure {
            LoginFailure::Provider(error) => Some(error),
            _ => None,
        }
    }
}

/// The errors of clients and storages hold no secrets, by contract; those of receivers may, so they stay
/// with the application.
#[cfg(feature = "tracing")]
fn log(dance: &Dance, failed: &Failed) {
    let (dance, failure) = (dance.name(), &failed.failure);
    let of_receiver = matches!(failure, LoginFailure::ReceiverFailed { .. });
    match &failed.cause {
        Some(cause) if !of_receiver => {
            let source = cause.source().map(tracing::field::display);
            tracing::warn!(dance, %failure, %cause, source, "a login failed");
        }
        _ => tracing::warn!(dance, %failure, "a login failed"),
    }
}

/// Tells the receivers and makes the response.
pub(super) async fn failed(turn: Turn<'_>, failed: impl Into<Failed>) -> Response<Bytes> {
    // Boxed, because it is rare, and every page would make room for it in its own future.
    Box::pin(tell(turn, failed.into())).await
}

async fn tell(mut turn: Turn<'_>, failed: Failed) -> Response<Bytes> {
    let dance = turn.dance;
    #[cfg(feature = "tracing")]
    log(dance, &failed);

    let error = LoginError {
        failed,
        browser: Arc::new(turn.browser()),
    };
    let mut replies = FirstReply::default();
    // A receiver that fails here changes nothing: the login has failed already.
    let _ = receivers::ask(dance, &OAUTH_ERROR, &error, |receiver, reply| {
        replies.hear(receiver, reply);
    })
    .await;
    let answer = replies.settle(dance, OAUTH_ERROR.name()).await;

    let settings = turn.settings();
    let response = match (answer, error.failure().status()) {
        (Some(reply), _) => reply.into_response(&turn.site().origin),
        (None, None) => respond::redirect(&settings.error_to),
        (None, Some(status)) => respond::failed(error.failure(), status, &settings.login_url),
    };
    turn.collect(&error.browser);
    turn.end(response)
}
