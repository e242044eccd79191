//! The registration with a provider: everything that steps and flows read of the configuration.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Uri;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::providers::provider::{ClientAuth, Provider};
use crate::steps::oauth2::reserved::{may_add, may_add_to_token_request};
use crate::steps::oauth2::wire::{self, Endpoints};
use crate::values::config_error::ConfigError;
use crate::values::credentials::Credentials;
use crate::values::scopes::Scopes;

/// A registration with a provider, checked.
pub(crate) struct Registration {
    /// The provider's facts, as they were given.
    pub(crate) provider: Provider,
    /// The issuer that people are known by.
    pub(crate) authority: String,
    /// Identifier, secret, and how they are presented.
    pub(crate) client: wire::Client,
    /// The fingerprint of the registration. Tokens and logins are bound to it and to the dance's name.
    pub(crate) fingerprint: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) userinfo_endpoint: Option<Uri>,
    pub(crate) revocation_endpoint: Option<Url>,
    pub(crate) api_base: Option<Url>,
    pub(crate) scopes: Scopes,
    pub(crate) authorize_parameters: Vec<(String, String)>,
    pub(crate) token_parameters: Vec<(String, String)>,
}

/// The parts of a registration, unchecked.
pub(crate) struct Description<'a> {
    /// The name of the dance, for errors.
    pub(crate) dance: &'a str,
    pub(crate) provider: &'a Provider,
    pub(crate) credentials: &'a Credentials,
    /// The scopes to request, if they are not the provider's defaults.
    pub(crate) scopes: Option<Scopes>,
    pub(crate) authorize_parameters: Vec<(String, String)>,
    pub(crate) token_parameters: Vec<(String, String)>,
    /// Whether the provider is asked for the user's identity.
    pub(crate) identify: bool,
    pub(crate) redirect_uri: &'a Url,
    /// Whether endpoints on loopback may be plain http.
    pub(crate) allow_loopback_http: bool,
}

impl Registration {
    /// Checks a description. `reach` checks whether the HTTP client can send requests to an endpoint.
    pub(crate) fn check(
        description: Description<'_>,
        reach: impl Fn(&'static str, &Url) -> Result<(), ConfigError>,
    ) -> Result<Self, ConfigError> {
        let Description {
            dance, provider, ..
        } = description;
        check_credentials(dance, description.credentials, provider.client_auth)?;
        let scopes = description
            .scopes
            .unwrap_or_else(|| provider.scopes.clone());
        check_scopes(dance, &scopes)?;
        check_token_parameters(dance, &description.token_parameters)?;
        provider.check_issuer(dance)?;
        provider.check_token_lifetime(dance)?;
        if description.identify && provider.userinfo.is_some() {
            provider.check_user_id(dance)?;
        }

        let parsed = |setting, text: &str| {
            provider.endpoint(dance, setting, text, description.allow_loopback_http)
        };
        let endpoint = |setting, text: &str| {
            let url = parsed(setting, text)?;
            reach(setting, &url).map(|()| url)
        };
        let optional = |setting, text: &Option<String>| {
            text.as_deref()
                .map(|text| endpoint(setting, text))
                .transpose()
        };
        let token_endpoint = endpoint("the token endpoint", &provider.token)?;
        // The browser is sent there. The HTTP client is not.
        let authorization_endpoint = parsed("the authorization endpoint", &provider.authorize)?;
        check_parameters(
            dance,
            &authorization_endpoint,
            &description.authorize_parameters,
        )?;
        let endpoints = Endpoints {
            authorize: &authorization_endpoint,
            token: &token_endpoint,
            redirect_uri: description.redirect_uri,
        };
        let client = wire::client(description.credentials, provider.client_auth, &endpoints);
        Ok(Self {
            authority: provider.authority(&token_endpoint),
            client,
            fingerprint: fingerprint(&token_endpoint, &description.credentials.client_id),
            userinfo_endpoint: optional("the userinfo endpoint", &provider.userinfo)?
                .filter(|_| description.identify)
                .map(|url| url.as_str().parse().expect("checked to be a URI")),
            revocation_endpoint: optional("the revocation endpoint", &provider.revoke)?,
            api_base: optional("the API base", &provider.api_base)?.map(as_folder),
            scopes,
            authorize_parameters: description.authorize_parameters,
            token_parameters: description.token_parameters,
            provider: provider.clone(),
            authorization_endpoint,
            token_endpoint,
        })
    }
}

fn check_credentials(
    dance: &str,
    credentials: &Credentials,
    client_auth: ClientAuth,
) -> Result<(), ConfigError> {
    check_text(dance, "the client id", &credentials.client_id)?;
    match (&credentials.client_secret, client_auth) {
        (None, ClientAuth::Basic | ClientAuth::Post) => {
            let hint =
                "pass it with `Credentials::new`, or say `ClientAuth::None` for a public client";
            Err(ConfigError::missing(dance, "the client secret", hint))
        }
        (Some(secret), _) => check_text(dance, "the client secret", secret.secret()),
        (None, ClientAuth::None) => Ok(()),
    }
}

/// Checks a text that the provider compares with what it gave out. One that was read from a file often ends
/// with a line break, which no provider gave out (RFC 6749 Appendix A.1, A.2).
fn check_text(dance: &str, setting: &'static str, text: &str) -> Result<(), ConfigError> {
    let problem = match text.trim() {
        "" => "is empty",
        trimmed if trimmed.len() < text.len() => {
            "has a space or a line break at its beginning or end: remove it"
        }
        _ => return Ok(()),
    };
    Err(ConfigError::invalid(dance, setting, problem))
}

/// Checks the parameters that the configuration adds to the authorization request: those of the endpoint's
/// own query (RFC 6749 §3.1 keeps it), and those of the dance.
fn check_parameters(
    dance: &str,
    endpoint: &Url,
    parameters: &[(String, String)],
) -> Result<(), ConfigError> {
    for (name, _) in endpoint.query_pairs() {
        if !may_add(None, &name) {
            let problem = format!("has {name:?} in its query, which is reserved for the dance");
            let setting = "the authorization endpoint";
            return Err(ConfigError::invalid(dance, setting, problem));
        }
    }
    let invalid =
        |problem: String| Err(ConfigError::invalid(dance, "authorize_parameter", problem));
    for (index, (parameter, _)) in parameters.iter().enumerate() {
        if !may_add(None, parameter) {
            return invalid(format!(
                "may not set {parameter:?}, which is reserved for the dance"
            ));
        }
        if !may_add(Some(endpoint), parameter) {
            return invalid(format!(
                "sets {parameter:?}, which is in the authorization endpoint already"
            ));
        }
        let earlier = &parameters[..index];
        if earlier.iter().any(|(other, _)| other == parameter) {
            // RFC 6749 §3.1: no parameter more than once.
            return invalid(format!("sets {parameter:?} twice"));
        }
    }
    Ok(())
}

/// Checks the parameters that the configuration adds to every request for a token.
fn check_token_parameters(dance: &str, parameters: &[(String, String)]) -> Result<(), ConfigError> {
    for (name, _) in parameters {
        if !may_add_to_token_request(name) {
            let problem = format!("may not set {name:?}, which is reserved for the dance");
            return Err(ConfigError::invalid(dance, "token_parameter", problem));
        }
    }
    Ok(())
}

/// Checks scopes by RFC 6749 §3.3: a scope is one or more characters of visible ASCII but `"` and `\`.
/// Several scopes in one text would be requested as a single scope, which does not exist.
fn check_scopes(dance: &str, scopes: &Scopes) -> Result<(), ConfigError> {
    for scope in scopes.iter() {
        let problem = if scope.is_empty() {
            "is an empty text: leave the call out to ask for no scope".to_owned()
        } else if scope.contains(|c: char| c.is_whitespace() || c == ',') {
            let each = Scopes::split(scope, &[',']);
            let each: Vec<String> = each.iter().map(|one| format!("{one:?}")).collect();
            match &*each {
                [] => {
                    "is a text without a scope: leave the call out to ask for no scope".to_owned()
                }
                [one] => format!("is {scope:?}, with spaces or commas around it: write {one}"),
                _ => format!(
                    "is {scope:?}, which is more than one: write `.scopes([{}])`",
                    each.join(", ")
                ),
            }
        } else if !scope.bytes().all(is_scope_byte) {
            format!("is {scope:?}, which has characters that no scope can have (RFC 6749 §3.3)")
        } else {
            continue;
        };
        return Err(ConfigError::invalid(dance, "a scope", problem));
    }
    Ok(())
}

fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\')
}

/// Returns a short text for one registration with one provider. If a dance keeps its name and gets
/// another provider, the text changes: the tokens of the former provider must not be sent to the new one.
fn fingerprint(token_endpoint: &Url, client_id: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(token_endpoint.as_str());
    // No URL has a line break.
    digest.update(b"\n");
    digest.update(client_id);
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..16])
}

/// Returns the URL with a final slash. Relative URLs then resolve below all of it, and not beside its
/// last segment.
fn as_folder(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}
