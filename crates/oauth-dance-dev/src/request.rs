//! An authorization request that waits for a person, and how its answer gets back.

/// An authorization request that passed every check.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) client_name: String,
    pub(crate) back: WayBack,
    /// The redirect URI was named in the request, so the token request must name it too.
    pub(crate) redirect_uri_named: bool,
    pub(crate) scopes: Vec<String>,
    /// The PKCE challenge; absent only while the provider is told to ignore PKCE.
    pub(crate) challenge: Option<String>,
}

/// How the answer gets back to the application.
#[derive(Debug, Clone)]
pub(crate) struct WayBack {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    /// By a form that the browser posts, instead of by the query of a redirect (OAuth 2.0 Form Post
    /// Response Mode).
    pub(crate) form_post: bool,
}

/// The parameters of an answer, before they are put on the redirect URI.
pub(crate) type Parameters = Vec<(String, String)>;
