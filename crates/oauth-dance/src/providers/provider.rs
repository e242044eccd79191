//! What the dance knows of a provider: endpoints, habits, quirks. Data only.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::providers::api_base::ApiBaseMember;
use crate::providers::quirks::Quirks;
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
    pub(crate) requires_issuer: bool,
    /// Whether the entry is from a catalog, which alone keeps an identifier of its own for a provider.
    pub(crate) is_from_catalog: bool,
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) userinfo: Option<String>,
    pub(crate) user_id: String,
    /// The name that is accepted as an identifier although it looks like one that people can change.
    pub(crate) stable_user_id: Option<String>,
    /// Further errors by which the provider says that the user refused.
    pub(crate) denied_errors: Vec<String>,
    pub(crate) revoke: Option<String>,
    pub(crate) api_base: Option<String>,
    pub(crate) api_base_member: Option<ApiBaseMember>,
    pub(crate) token_lifetime: Option<Duration>,
    pub(crate) scopes: Scopes,
    pub(crate) scope_separator: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) quirks: Quirks,
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
            requires_issuer: false,
            is_from_catalog: false,
            authorize: authorize.into(),
            token: token.into(),
            userinfo: None,
            user_id: "sub".to_owned(),
            stable_user_id: None,
            denied_errors: Vec::new(),
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
    ///
    /// People are known by issuer and identifier together. Without this call the issuer of a provider that is
    /// described by hand is its `id` and the origin of its token endpoint, as in `acme https://id.acme.example`:
    /// two tenants of one product are then two issuers. Set the issuer if the endpoint may move, or everybody
    /// becomes a stranger when it does.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Refuses every callback without `iss`. Call it if the provider's metadata has
    /// `authorization_response_iss_parameter_supported` (RFC 9207 §2.4, §3). It needs an
    /// [`issuer`](Self::issuer).
    #[must_use]
    pub fn require_issuer(mut self) -> Self {
        self.requires_issuer = true;
        self
    }

    /// Sets further errors by which this provider says that the user refused the login.
    /// [`LoginError::is_denied`](crate::LoginError::is_denied) is true for them, as for `access_denied`
    /// (RFC 6749 §4.1.2.1) and for the words of LinkedIn (`user_cancelled_login`, `user_cancelled_authorize`)
    /// and Pipedrive (`user_denied`).
    #[must_use]
    pub fn denied_errors<S: Into<String>>(mut self, errors: impl IntoIterator<Item = S>) -> Self {
        self.denied_errors = errors.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the endpoint that returns the identity of the user, and the path of the stable user
    /// identifier in its answer: member names, and positions in lists, separated by dots (`data.0.id`).
    ///
    /// A name that people can change, such as `email` or `login`, is refused when the dance is built: the next
    /// person who gets the name would get the account. See
    /// [`user_id_never_changes`](Self::user_id_never_changes).
    #[must_use]
    pub fn userinfo(mut self, url: impl Into<String>, user_id: impl Into<String>) -> Self {
        self.userinfo = Some(url.into());
        self.user_id = user_id.into();
        self
    }

    /// States that at this provider the member `name` of the identity never changes, and is never given to another
    /// person. `name` is the last part of the path of [`userinfo`](Self::userinfo).
    ///
    /// ```
    /// # use oauth_dance::Provider;
    /// Provider::oauth2("intranet", "https://id.example/authorize", "https://id.example/token")
    ///     .userinfo("https://id.example/me", "username")
    ///     .user_id_never_changes("username");
    /// ```
    #[must_use]
    pub fn user_id_never_changes(mut self, name: impl Into<String>) -> Self {
        self.stable_user_id = Some(name.into());
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
    /// document it instead). It is at least a second, and fractions of a second are cut off.
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

    /// Returns the path of the stable user identifier in a userinfo answer: member names, and positions in
    /// lists, separated by dots.
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
