//! What receivers may answer: a decision on the token and a reply to the browser, separately.

use std::fmt;

use bytes::Bytes;
use http::Response;

/// The decision of a receiver of [`OAUTH_AUTHORIZED`](crate::OAUTH_AUTHORIZED).
///
/// It answers two separate questions: is the token stored, and what does the browser get? If a receiver
/// answers with a page, the token is stored, unless the receiver discards it too.
///
/// ```
/// use oauth_dance::Outcome;
///
/// Outcome::discard();                                   // not stored, the normal redirect
/// Outcome::redirect("/after-oauth");                    // stored, another redirect
/// Outcome::redirect("/declined").and_discard();         // both
/// Outcome::discard().and_revoke();                      // and the provider takes it back
/// Outcome::respond(http::Response::new("Thank you!"));  // stored, a page
/// ```
pub struct Outcome {
    pub(crate) discard: bool,
    pub(crate) revoke: bool,
    pub(crate) reply: Option<Reply>,
}

impl Outcome {
    /// Discards the token: it is not stored, and the browser is not signed in.
    ///
    /// The token lives on at the provider, because the application may have kept it itself.
    /// [`and_revoke`](Self::and_revoke) takes it back.
    #[must_use]
    pub fn discard() -> Self {
        Self {
            discard: true,
            revoke: false,
            reply: None,
        }
    }

    /// Answers the browser with `response` in place of the redirect.
    #[must_use]
    pub fn respond(response: Response<impl Into<Bytes>>) -> Self {
        Reply::respond(response).into()
    }

    /// Sends the browser to `location`, a path of the application or an absolute URL, in place of the
    /// configured one.
    #[must_use]
    pub fn redirect(location: impl AsRef<str>) -> Self {
        Reply::redirect(location).into()
    }

    /// Discards the token in addition to the reply.
    #[must_use]
    pub fn and_discard(mut self) -> Self {
        self.discard = true;
        self
    }

    /// Discards the token, and asks the provider to revoke it. At some providers that ends every token that
    /// the user has granted to the application. No browser waits for it.
    #[must_use]
    pub fn and_revoke(mut self) -> Self {
        self.discard = true;
        self.revoke = true;
        self
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self {
            discard: false,
            revoke: false,
            reply: Some(reply),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = match (self.revoke, self.discard) {
            (true, _) => Some("discard and revoke the token"),
            (false, true) => Some("discard the token"),
            (false, false) => None,
        };
        match (token, &self.reply) {
            (Some(token), None) => f.write_str(token),
            (Some(token), Some(reply)) => write!(f, "{token}, {reply}"),
            (None, Some(reply)) => reply.fmt(f),
            (None, None) => f.write_str("go on"),
        }
    }
}

/// A response in place of the dance's own.
pub struct Reply(pub(crate) ReplyKind);

pub(crate) enum ReplyKind {
    Response(Response<Bytes>),
    /// Resolved against the origin when it is sent.
    Redirect(String),
}

impl Reply {
    /// Answers the browser with `response`.
    #[must_use]
    pub fn respond(response: Response<impl Into<Bytes>>) -> Self {
        Self(ReplyKind::Response(response.map(Into::into)))
    }

    /// Sends the browser to `location` (303): a path of the application, or an absolute URL.
    ///
    /// The location is the application's own choice and is not restricted to its origin. Never pass on a
    /// text from a request. A location that cannot be parsed becomes a 500.
    #[must_use]
    pub fn redirect(location: impl AsRef<str>) -> Self {
        Self(ReplyKind::Redirect(location.as_ref().to_owned()))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ReplyKind::Response(response) => write!(f, "respond {}", response.status().as_u16()),
            // Without the query, which may hold secrets.
            ReplyKind::Redirect(location) => {
                let path = location.split(['?', '#']).next().unwrap_or_default();
                write!(f, "redirect to {path}")
            }
        }
    }
}
