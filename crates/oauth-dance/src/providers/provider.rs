//! What the dance knows of a provider: endpoints, habits, quirks. Data only.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::providers::quirks::Quirks;
use crate::values::config_error::ConfigError;
use crate::values::loopback::is_loopback;
use crate::values::scopes::Scopes;

/// An identity provider: in RFC 6749's words, an authorization server and its resource server.
///
/// Take one from the catalog (`providers::github()`), or describe one:
///
/// ```
/// use oauth_dance::{Provider, ClientAuth};
///
/// let provider = Provider::oauth2(
///     "acme",
///     "https://id.acme.example/authorize",
///     "https://id.acme.example/token",
/// )
/// .display_name("Acme")
/// .userinfo("https://id.acme.example/userinfo", "sub")
/// .api_base("https://api.acme.example/v1/")
/// .scopes(["profile"])
/// .client_auth(ClientAuth::Post);
/// # let _ = provider;
/// ```
///
/// The URLs are checked when the dance is built.
#[derive(Clone)]
pub struct Provider {
    pub(crate) id: String,
    pub(crate) display_name: String,
    pub(crate) issuer: Option<String>,
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) userinfo: Option<String>,
    pub(crate) user_id: String,
    pub(crate) revoke: Option<String>,
    pub(crate) api_base: Option<String>,
    pub(crate) api_base_member: Option<ApiBaseMember>,
    pub(crate) token_lifetime: Option<Duration>,
    pub(crate) scopes: Scopes,
    pub(crate) scope_separator: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) quirks: Quirks,
}

/// The member of a token answer that names the API base, and the hosts that are allowed there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiBaseMember {
    pub(crate) member: String,
    pub(crate) host_suffixes: Vec<String>,
}

impl ApiBaseMember {
    /// Returns the API base that a token answer names, if it is allowed.
    pub(crate) fn read(&self, answer: &Map<String, Value>) -> Option<Url> {
        let text = answer.get(&self.member)?.as_str()?;
        let mut url = Url::parse(text).ok()?;
        let host = url.host_str()?;
        let is_allowed = self.host_suffixes.iter().any(|suffix| {
            let rest = host.strip_suffix(suffix.as_str());
            !suffix.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        let is_plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() != "https" || !is_plain || !is_allowed {
            return None;
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Some(url)
    }
}

/// How the client proves itself at the token endpoint (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuth {
    /// HTTP Basic with the form-encoded identifier and secret, which every server must support.
    #[default]
    Basic,
    /// `client_id` and `client_secret` in the form body.
    Post,
    /// A public client: `client_id` in the form body and no secret. PKCE alone binds the code.
    None,
}

impl Provider {
    /// Makes a provider that speaks OAuth 2.0 with these authorization and token endpoints.
    ///
    /// `id` names the provider in environment variables and, by default, in URLs: lower-case letters,
    /// digits and `-`, at most 64.
    #[must_use]
    pub fn oauth2(
        id: impl Into<String>,
        authorize: impl Into<String>,
        token: impl Into<String>,
    ) -> Self {
        let id = id.into();
        Self {
            display_name: id.clone(),
            id,
            issuer: None,
            authorize: authorize.into(),
            token: token.into(),
            userinfo: None,
            user_id: "sub".to_owned(),
            revoke: None,
            api_base: None,
            api_base_member: None,
            token_lifetime: None,
            scopes: Scopes::default(),
            scope_separator: " ".to_owned(),
            client_auth: ClientAuth::Basic,
            quirks: Quirks::default(),
        }
    }

    /// Sets the name that users know the provider by.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// Sets the issuer identifier (RFC 8414 §2), byte for byte. A callback that carries another `iss` is
    /// refused (RFC 9207 §2.4).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets the endpoint that returns the identity of the user, and the path of the stable user
    /// identifier in its answer: member names separated by dots.
    #[must_use]
    pub fn userinfo(mut self, url: impl Into<String>, user_id: impl Into<String>) -> Self {
        self.userinfo = Some(url.into());
        self.user_id = user_id.into();
        self
    }

    /// Sets the revocation endpoint (RFC 7009).
    #[must_use]
    pub fn revoke(mut self, url: impl Into<String>) -> Self {
        self.revoke = Some(url.into());
        self
    }

    /// Takes the API base from the member `member` of the token answer, for a provider where it differs from
    /// user to user (`instance_url` of Salesforce). It counts if it is https and its host is one of
    /// `host_suffixes`, or a subdomain of one. Otherwise the token is sent nowhere.
    ///
    /// ```
    /// # let provider = oauth_dance::Provider::oauth2("crm", "https://a.example", "https://t.example");
    /// provider.api_base_from("instance_url", ["salesforce.com", "force.com"]);
    /// ```
    #[must_use]
    pub fn api_base_from<S: Into<String>>(
        mut self,
        member: impl Into<String>,
        host_suffixes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.api_base_member = Some(ApiBaseMember {
            member: member.into(),
            host_suffixes: host_suffixes.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Sets how long an access token lives if the token answer does not say (RFC 6749 §5.1 lets a provider
    /// document it instead). Fractions of a second are cut off.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = Some(lifetime);
        self
    }

    /// Sets the base that relative URLs of [`ApiClient`](crate::ApiClient) are resolved against. Tokens
    /// are sent to its origin and to no other.
    #[must_use]
    pub fn api_base(mut self, url: impl Into<String>) -> Self {
        self.api_base = Some(url.into());
        self
    }

    /// Sets the scopes to request if the application names none.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().collect();
        self
    }

    /// Sets the separator of scopes in the authorization request, if it is not a space.
    #[must_use]
    pub fn scope_separator(mut self, separator: impl Into<String>) -> Self {
        self.scope_separator = separator.into();
        self
    }

    /// Sets how the client proves itself at the token endpoint.
    #[must_use]
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = client_auth;
        self
    }

    /// Sets where the provider's token answers depart from RFC 6749.
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// Returns the identifier, as in the catalog.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name that users know the provider by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.display_name
    }

    /// Returns the authorization endpoint.
    #[must_use]
    pub fn authorize_url(&self) -> &str {
        &self.authorize
    }

    /// Returns the token endpoint.
    #[must_use]
    pub fn token_url(&self) -> &str {
        &self.token
    }

    /// Returns the userinfo endpoint, if the provider has one.
    #[must_use]
    pub fn userinfo_url(&self) -> Option<&str> {
        self.userinfo.as_deref()
    }

    /// Returns the path of the stable user identifier in a userinfo answer: member names separated by
    /// dots.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Returns the revocation endpoint, if the provider has one.
    #[must_use]
    pub fn revoke_url(&self) -> Option<&str> {
        self.revoke.as_deref()
    }

    /// Returns the base of relative API URLs, if the provider has one.
    #[must_use]
    pub fn api_base_url(&self) -> Option<&str> {
        self.api_base.as_deref()
    }

    /// Returns the issuer identifier, if the provider has one.
    #[must_use]
    pub fn issuer_id(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns the scopes to request if the application names none.
    #[must_use]
    pub fn default_scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Returns the separator of scopes in the authorization request.
    #[must_use]
    pub fn scope_delimiter(&self) -> &str {
        &self.scope_separator
    }

    /// Returns how the client proves itself at the token endpoint.
    #[must_use]
    pub fn client_auth_method(&self) -> ClientAuth {
        self.client_auth
    }

    /// Returns where the provider's token answers depart from RFC 6749.
    #[must_use]
    pub fn token_quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// Parses an endpoint that secrets of the dance are sent to: https, or plain http on loopback if
    /// `allow_loopback_http` is set (RFC 6749 §3.1.2.1, §3.2).
    pub(crate) fn endpoint(
        &self,
        setting: &'static str,
        text: &str,
        allow_loopback_http: bool,
    ) -> Result<Url, ConfigError> {
        let invalid = |problem: &str| ConfigError::invalid(&self.id, setting, problem);
        let url = Url::parse(text).map_err(|_| invalid("is not an absolute URL"))?;
        let allowed = match url.scheme() {
            "https" => true,
            "http" => allow_loopback_http && is_loopback(&url),
            _ => false,
        };
        if !allowed {
            return Err(invalid(
                "must be https: plain http is for endpoints on loopback, of an application whose origin is on loopback too, and http elsewhere is refused",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("must not hold a user name or password"));
        }
        if url.fragment().is_some() {
            return Err(invalid("must not have a fragment"));
        }
        Ok(url)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.id)
            .field("authorize", &self.authorize)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
