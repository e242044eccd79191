//! Where a fault shows.

use http::Method;
use http::request::Parts;

use crate::params::Params;

/// An endpoint at which a [`Fault`](crate::Fault) shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `GET /authorize`, and the redirect to the application at the end of what begins there.
    Authorization,
    /// `POST /token`, whatever the grant.
    Token,
    /// `POST /token` with a code.
    CodeExchange,
    /// `POST /token` with a refresh token.
    Refresh,
    /// `POST /revoke`.
    Revocation,
    /// `POST /introspect`.
    Introspection,
    /// `GET /userinfo`.
    Userinfo,
    /// `GET /api/…`.
    Api,
    /// `GET /.well-known/oauth-authorization-server`.
    Metadata,
}

impl Endpoint {
    /// The endpoint that a request is for; nothing for the pages.
    pub(crate) fn of(head: &Parts, form: &Params) -> Option<Self> {
        match (&head.method, head.uri.path()) {
            (&Method::GET, "/authorize") => Some(Self::Authorization),
            (&Method::POST, "/token") => match form.all("grant_type").next() {
                Some("authorization_code") => Some(Self::CodeExchange),
                Some("refresh_token") => Some(Self::Refresh),
                _ => Some(Self::Token),
            },
            (&Method::POST, "/revoke") => Some(Self::Revocation),
            (&Method::POST, "/introspect") => Some(Self::Introspection),
            (&Method::GET, "/userinfo") => Some(Self::Userinfo),
            (&Method::GET, "/.well-known/oauth-authorization-server") => Some(Self::Metadata),
            (&Method::GET, path) if path.starts_with("/api/") => Some(Self::Api),
            _ => None,
        }
    }

    /// Whether what is wrong here is wrong at `other` too.
    pub(crate) fn covers(self, other: Self) -> bool {
        self == other
            || (self == Self::Token && matches!(other, Self::CodeExchange | Self::Refresh))
    }
}
