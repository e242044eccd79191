//! `oauth_error`: a login of this browser failed.

use std::sync::Arc;

use signals::AsyncSignal;

use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::values::login_error::{Failed, LoginError, ProviderError};
use crate::values::outcome::Reply;

/// Sent when a login **of this browser** failed. A receiver may answer with a [`Reply`]. The first reply
/// wins, and [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) reports the others.
///
/// If no receiver answers, the response depends on the failure. If the provider reported an error, the
/// browser is sent to the configured URL, so connect a receiver that tells the user. Any other failure
/// gets a small page.
///
/// ```
/// use oauth_dance::{Dance, LoginFailure, OAUTH_ERROR};
///
/// OAUTH_ERROR.connect(|dance: &Dance, failure: &LoginFailure| {
///     if failure.error().is_denied() {
///         failure.flash_as("error", format!("You did not let us use {}.", dance.display_name()));
///     }
/// });
/// ```
pub static OAUTH_ERROR: AsyncSignal<Dance, LoginFailure, Reply> =
    AsyncSignal::new("oauth_error").describe(describe);

fn describe(reply: &Reply) -> String {
    reply.to_string()
}

/// The payload of [`OAUTH_ERROR`].
///
/// Clones are the same failure, for receivers that run on in the background.
#[derive(Debug, Clone)]
pub struct LoginFailure {
    failed: Failed,
    browser: Arc<Browser>,
}

reaches_the_browser!(LoginFailure);

impl LoginFailure {
    pub(crate) fn new(failed: Failed, browser: Browser) -> Self {
        Self {
            failed,
            browser: Arc::new(browser),
        }
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn error(&self) -> &LoginError {
        &self.failed.error
    }

    /// Returns the cause, for a developer's log: the error of the HTTP client, of the store, or of the
    /// receiver that failed. The first two hold no secrets. The last holds what the receiver put into it.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.failed.cause.as_deref()
    }

    /// Returns the provider's `error`, `error_description` and `error_uri`, if the provider reported an
    /// error.
    #[must_use]
    pub fn provider_error(&self) -> Option<&ProviderError> {
        match &self.failed.error {
            LoginError::Provider(error) => Some(error),
            _ => None,
        }
    }
}
