//! Where the provider's endpoints and pages are.

use http::Method;
use http::header::HOST;
use http::request::Parts;
use oauth_dance::Provider;
use url::{Position, Url};

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
    /// What a test wants an API to answer, by its number.
    Answer(usize),
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
            | Self::Answer(_)
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

/// All addresses of a provider.
#[derive(Debug)]
pub(crate) struct Addresses {
    all: Vec<Address>,
    /// Where the API begins.
    api: Address,
}

#[derive(Debug, Clone)]
struct Address {
    place: Place,
    /// The scheme, the host and the port; nothing where every host will do.
    origin: Option<String>,
    path: String,
}

impl Addresses {
    /// The addresses that the documentation of this crate names, below any issuer.
    pub(crate) fn usual() -> Self {
        let at = |(place, path): (Place, &str)| Address {
            place,
            origin: None,
            path: path.to_owned(),
        };
        let all = [
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
        ];
        Self {
            all: all.into_iter().map(at).collect(),
            api: at((Place::Home, "/api")),
        }
    }

    /// The addresses of another provider. Its pages are below its authorization endpoint.
    ///
    /// # Panics
    ///
    /// If an endpoint is not an absolute URL.
    pub(crate) fn of(provider: &Provider) -> Self {
        let authorize = Address::of(Place::Authorize, provider.authorize_url());
        let page = |place, name: &str| Address {
            place,
            path: format!("{}/{name}", authorize.path.trim_end_matches('/')),
            ..authorize.clone()
        };
        let mut all = vec![
            page(Place::Login, "login"),
            page(Place::Consent, "consent"),
            page(Place::Home, "about"),
            Address::of(Place::Token, provider.token_url()),
        ];
        let optional = |place, url: Option<&str>| url.map(|url| Address::of(place, url));
        all.extend(optional(Place::Userinfo, provider.userinfo_url()));
        all.extend(optional(Place::Revoke, provider.revoke_url()));
        let api = optional(Place::Home, provider.api_base_url());
        let api = api.unwrap_or_else(|| Address {
            path: String::new(),
            ..authorize.clone()
        });
        all.push(authorize);
        Self { all, api }
    }

    /// Adds something that the API answers, at a path below its base.
    pub(crate) fn add_answer(&mut self, number: usize, path: &str) {
        self.all.push(Address {
            place: Place::Answer(number),
            path: format!(
                "{}/{}",
                self.api.path.trim_end_matches('/'),
                path.trim_start_matches('/')
            ),
            ..self.api.clone()
        });
    }

    /// What a request is for, by its URI or, if that has no host, by its `Host`.
    pub(crate) fn place(&self, head: &Parts) -> Option<Place> {
        let host = match head.uri.authority() {
            Some(authority) => Some(authority.as_str()),
            None => head.headers.get(HOST).and_then(|host| host.to_str().ok()),
        };
        let found = self.all.iter().find(|address| {
            address.path == head.uri.path()
                && address.host().is_none_or(|known| Some(known) == host)
        });
        found.map(|address| address.place)
    }

    /// Whether one of the addresses is at this origin; nothing if every origin will do.
    pub(crate) fn are_at(&self, origin: &str) -> Option<bool> {
        let origins = self.all.iter().map(|address| address.origin.as_deref());
        let origins: Option<Vec<&str>> = origins.collect();
        Some(origins?.contains(&origin))
    }

    /// The path of a place.
    pub(crate) fn path(&self, place: Place) -> &str {
        let found = self.all.iter().find(|address| address.place == place);
        found.map_or("/", |address| &address.path)
    }

    /// The URL of a place, if there is one.
    pub(crate) fn url(&self, place: Place, issuer: &str) -> Option<String> {
        let address = self.all.iter().find(|address| address.place == place)?;
        let origin = address.origin.as_deref().unwrap_or(issuer);
        Some(format!("{origin}{}", address.path))
    }
}

impl Address {
    fn of(place: Place, url: &str) -> Self {
        let parsed = Url::parse(url).ok().filter(Url::has_host);
        let parsed =
            parsed.unwrap_or_else(|| panic!("the endpoint {url:?} is not an absolute URL"));
        Self {
            place,
            origin: Some(parsed[..Position::BeforePath].to_owned()),
            path: parsed.path().to_owned(),
        }
    }

    fn host(&self) -> Option<&str> {
        let origin = self.origin.as_deref()?;
        origin.split_once("://").map(|(_, host)| host)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use oauth_dance::providers;

    use super::*;

    fn place(addresses: &Addresses, uri: &str, host: Option<&str>) -> Option<Place> {
        let mut request = Request::get(uri);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        addresses.place(&request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn the_addresses_of_another_provider_are_its_own() {
        let mut addresses = Addresses::of(&providers::github());
        addresses.add_answer(0, "/user/repos");
        let token = "https://github.com/login/oauth/access_token";
        assert_eq!(place(&addresses, token, None), Some(Place::Token));
        let token = "/login/oauth/access_token";
        assert_eq!(
            place(&addresses, token, Some("github.com")),
            Some(Place::Token)
        );
        assert_eq!(place(&addresses, token, Some("api.github.com")), None);
        assert_eq!(place(&addresses, token, None), None);
        let repos = "https://api.github.com/user/repos";
        assert_eq!(place(&addresses, repos, None), Some(Place::Answer(0)));
        assert_eq!(addresses.are_at("https://api.github.com"), Some(true));
        assert_eq!(addresses.are_at("http://api.github.com"), Some(false));
    }

    #[test]
    fn the_usual_addresses_are_at_every_host() {
        let mut addresses = Addresses::usual();
        addresses.add_answer(3, "things");
        for host in [None, Some("127.0.0.1:4")] {
            assert_eq!(place(&addresses, "/token", host), Some(Place::Token));
            assert_eq!(
                place(&addresses, "/api/things", host),
                Some(Place::Answer(3))
            );
        }
        assert_eq!(addresses.are_at("https://any.test"), None);
    }
}
