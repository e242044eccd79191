//! The endpoints of a provider, by kind.

use std::fmt;

use http::StatusCode;

/// One of a provider's endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum EndpointKind {
    Authorization,
    Token,
    Userinfo,
    Revocation,
}

impl fmt::Display for EndpointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
            Self::Revocation => "revocation",
        })
    }
}

/// Where a failure showed: the endpoint, and the status if there was a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) endpoint: EndpointKind,
    pub(crate) status: Option<StatusCode>,
}
