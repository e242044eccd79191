//! Where the provider's endpoints and pages are.

use http::Method;
use http::request::Parts;

/// An endpoint or a page, wherever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Authorize,
    Login,
    Consent,
    Token,
    Revoke,
    Introspect,
    Userinfo,
    Profile,
    Notes,
    Metadata,
}

impl Place {
    /// The methods that are understood here, as the header `Allow` names them.
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::Consent => "GET, POST",
            Self::Login | Self::Token | Self::Revoke | Self::Introspect => "POST",
            Self::Home
            | Self::Authorize
            | Self::Userinfo
            | Self::Profile
            | Self::Notes
            | Self::Metadata => "GET",
        }
    }

    /// Whether a method is understood here.
    pub(crate) fn allows(self, method: &Method) -> bool {
        self.allow()
            .split(", ")
            .any(|allowed| allowed == method.as_str())
    }
}

/// The paths of a provider.
#[derive(Debug)]
pub(crate) struct Addresses(Vec<(Place, &'static str)>);

impl Addresses {
    /// The paths that the documentation of this crate names.
    pub(crate) fn usual() -> Self {
        Self(vec![
            (Place::Home, "/"),
            (Place::Authorize, "/authorize"),
            (Place::Login, "/login"),
            (Place::Consent, "/consent"),
            (Place::Token, "/token"),
            (Place::Revoke, "/revoke"),
            (Place::Introspect, "/introspect"),
            (Place::Userinfo, "/userinfo"),
            (Place::Profile, "/api/profile"),
            (Place::Notes, "/api/notes"),
            (Place::Metadata, "/.well-known/oauth-authorization-server"),
        ])
    }

    /// What a request is for.
    pub(crate) fn place(&self, head: &Parts) -> Option<Place> {
        let path = head.uri.path();
        let found = self.0.iter().find(|(_, known)| *known == path);
        found.map(|(place, _)| *place)
    }

    /// The path of a place.
    pub(crate) fn path(&self, place: Place) -> &str {
        let found = self.0.iter().find(|(known, _)| *known == place);
        found.map_or("/", |(_, path)| path)
    }
}
