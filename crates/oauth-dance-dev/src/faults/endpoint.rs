//! What can be wrong with a provider: the switches a test sets.

use crate::faults::Fault;

/// A way to misbehave, for [`DevProvider::misbehave`](crate::DevProvider::misbehave) and
/// [`misbehave_once`](crate::DevProvider::misbehave_once). Several at a time add up.
///
/// ```
/// use oauth_dance_dev::{DevProvider, Fault, Misbehaviour};
///
/// let provider = DevProvider::builder().demo_people().build();
/// provider.misbehave(Misbehaviour::wrong_state());
/// provider.misbehave_once(Misbehaviour::token(Fault::html(200)));
/// provider.behave();
/// ```
#[derive(Debug, Clone)]
pub struct Misbehaviour(pub(crate) Kind);

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Refuse {
        error: String,
        description: Option<String>,
        uri: Option<String>,
    },
    Callback(CallbackFault),
    IgnorePkce,
    At(Endpoint, Fault),
}

/// What is done to the parameters of an authorization response.
#[derive(Debug, Clone)]
pub(crate) enum CallbackFault {
    Set(String, String),
    Remove(String),
    Repeat(String),
}

impl Misbehaviour {
    /// Refuses every authorization request at the client's redirect URI, without asking anybody.
    #[must_use]
    pub fn refuses(error: &str, description: Option<&str>, uri: Option<&str>) -> Self {
        Self(Kind::Refuse {
            error: error.to_owned(),
            description: description.map(str::to_owned),
            uri: uri.map(str::to_owned),
        })
    }

    /// Answers with another state than the request had.
    #[must_use]
    pub fn wrong_state() -> Self {
        Self::callback_parameter("state", "a-state-nobody-sent")
    }

    /// Answers without the state.
    #[must_use]
    pub fn missing_state() -> Self {
        Self::no_callback_parameter("state")
    }

    /// Answers with the state twice.
    #[must_use]
    pub fn repeated_state() -> Self {
        Self::repeated_callback_parameter("state")
    }

    /// Answers in the name of another issuer (RFC 9207).
    #[must_use]
    pub fn wrong_issuer(issuer: &str) -> Self {
        Self::callback_parameter("iss", issuer)
    }

    /// Answers without the issuer, though the metadata promises it.
    #[must_use]
    pub fn missing_issuer() -> Self {
        Self::no_callback_parameter("iss")
    }

    /// Answers with this value of a parameter, whether it would have been there or not.
    #[must_use]
    pub fn callback_parameter(name: &str, value: &str) -> Self {
        Self(Kind::Callback(CallbackFault::Set(
            name.to_owned(),
            value.to_owned(),
        )))
    }

    /// Answers without this parameter, for example `code`.
    #[must_use]
    pub fn no_callback_parameter(name: &str) -> Self {
        Self(Kind::Callback(CallbackFault::Remove(name.to_owned())))
    }

    /// Answers with this parameter twice.
    #[must_use]
    pub fn repeated_callback_parameter(name: &str) -> Self {
        Self(Kind::Callback(CallbackFault::Repeat(name.to_owned())))
    }

    /// Knows nothing of PKCE. Set [once](crate::DevProvider::misbehave_once), it is forgotten with the
    /// authorization request: the provider then refuses the verifier, as when somebody has removed the
    /// challenge on the way.
    #[must_use]
    pub fn ignores_pkce() -> Self {
        Self(Kind::IgnorePkce)
    }

    /// Does this at that endpoint.
    #[must_use]
    pub fn at(endpoint: Endpoint, fault: Fault) -> Self {
        Self(Kind::At(endpoint, fault))
    }

    /// Does this at the token endpoint, whatever the grant.
    #[must_use]
    pub fn token(fault: Fault) -> Self {
        Self::at(Endpoint::Token, fault)
    }

    /// Does this when a refresh token is presented.
    #[must_use]
    pub fn refresh(fault: Fault) -> Self {
        Self::at(Endpoint::Refresh, fault)
    }

    /// Does this at the userinfo endpoint.
    #[must_use]
    pub fn userinfo(fault: Fault) -> Self {
        Self::at(Endpoint::Userinfo, fault)
    }
}

/// Where a [`Fault`] shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
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
