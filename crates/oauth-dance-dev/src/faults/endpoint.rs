//! Where a fault shows.

use http::Method;

use crate::addresses::Place;
use crate::params::Params;

/// An endpoint at which a [`Fault`](crate::Fault) shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `GET /authorize`, and the redirect to the application at the end of what begins there.
    Authorization,
    /// `POST /token`, for every grant.
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
    /// The endpoint that a request is for; nothing for the pages, and for a method that is not
    /// understood.
    pub(crate) fn of(place: Place, method: &Method, form: &Params) -> Option<Self> {
        if !place.allows(method) {
            return None;
        }
        match place {
            Place::Authorize => Some(Self::Authorization),
            Place::Token => match form.all("grant_type").next() {
                Some("authorization_code") => Some(Self::CodeExchange),
                Some("refresh_token") => Some(Self::Refresh),
                _ => Some(Self::Token),
            },
            Place::Revoke => Some(Self::Revocation),
            Place::Introspect => Some(Self::Introspection),
            Place::Userinfo => Some(Self::Userinfo),
            Place::Profile | Place::Notes | Place::Answer(_) => Some(Self::Api),
            Place::Metadata => Some(Self::Metadata),
            Place::Home | Place::Login | Place::Consent => None,
        }
    }

    /// Whether what is wrong here is wrong at `other` too.
    pub(crate) fn covers(self, other: Self) -> bool {
        self == other
            || (self == Self::Token && matches!(other, Self::CodeExchange | Self::Refresh))
    }
}
