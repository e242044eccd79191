//! What a provider's facts mean: whether they can work, whose identities are its own, what its words say.

use std::time::Duration;

use url::Url;

use crate::providers::provider::Provider;
use crate::values::config_error::ConfigError;
use crate::values::loopback::is_loopback;

/// The errors that mean at every provider that the user refused: RFC 6749 §4.1.2.1, LinkedIn, Pipedrive.
const DENIED_ERRORS: [&str; 4] = [
    "access_denied",
    "user_cancelled_login",
    "user_cancelled_authorize",
    "user_denied",
];

/// The errors that mean that the client identifier or the client secret is wrong: RFC 6749 §5.2, GitHub, Slack,
/// Zoho, Salesforce, Google.
pub(crate) const CREDENTIAL_ERRORS: [&str; 9] = [
    "bad_client_id",
    "bad_client_secret",
    "deleted_client",
    "disabled_client",
    "incorrect_client_credentials",
    "invalid_client",
    "invalid_client_credentials",
    "invalid_client_id",
    "invalid_client_secret",
];

/// The errors that mean that the registration does not allow a request, of any user: RFC 6749 §5.2, GitHub, Slack,
/// Zoho. `invalid_request` is not one of them: X says so of a refresh token that it does not know.
pub(crate) const REGISTRATION_ERRORS: [&str; 6] = [
    "bad_redirect_uri",
    "invalid_grant_type",
    "invalid_redirect_uri",
    "redirect_uri_mismatch",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The errors that pass by themselves: RFC 6749 §4.1.2.1, RFC 8628 §3.5, Slack, TikTok, Auth0, Google.
pub(crate) const PASSING_ERRORS: [&str; 13] = [
    "fatal_error",
    "internal_error",
    "internal_failure",
    "rate_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "server_error",
    "server_internal_error",
    "service_unavailable",
    "slow_down",
    "temporarily_unavailable",
    "too_many_requests",
];

/// The names of claims that people can change, so that another person may have the name later: OpenID Connect
/// Core §5.7 on `email` and `preferred_username`, and what providers call the same. Lower-case, without `_`
/// and `-`.
const MUTABLE_CLAIMS: [&str; 18] = [
    "email",
    "emailaddress",
    "mail",
    "login",
    "username",
    "user",
    "name",
    "displayname",
    "fullname",
    "nickname",
    "nick",
    "handle",
    "screenname",
    "preferredusername",
    "upn",
    "userprincipalname",
    "phone",
    "phonenumber",
];

/// Returns whether `error` says something about the client or about this moment. It says nothing about the user's
/// grant then, and a new login would not help.
pub(crate) fn spares_the_grant(error: &str) -> bool {
    CREDENTIAL_ERRORS.contains(&error)
        || REGISTRATION_ERRORS.contains(&error)
        || PASSING_ERRORS.contains(&error)
}

impl Provider {
    /// Returns whether `error` says that the user refused the login.
    pub(crate) fn is_denial(&self, error: &str) -> bool {
        DENIED_ERRORS.contains(&error) || self.denied_errors.iter().any(|denied| denied == error)
    }

    /// Returns the issuer that people are known by (OpenID Connect Core §5.7), for a provider whose token
    /// endpoint is at `token`.
    pub(crate) fn authority(&self, token: &Url) -> String {
        match &self.issuer {
            Some(issuer) => issuer.clone(),
            // The catalog has one entry a provider, and follows an endpoint that moves.
            None if self.is_from_catalog => self.id.clone(),
            // No identifier has a space.
            None => format!("{} {}", self.id, token.origin().ascii_serialization()),
        }
    }

    // A provider may be in several dances, so errors name the dance.

    /// Refuses an identifier of users that people can change.
    pub(crate) fn check_user_id(&self, dance: &str) -> Result<(), ConfigError> {
        let (_, name) = self.user_id.rsplit_once('.').unwrap_or(("", &self.user_id));
        let plain = name.replace(['_', '-'], "").to_ascii_lowercase();
        if self.stable_user_id.as_deref() == Some(name) || !MUTABLE_CLAIMS.contains(&plain.as_str())
        {
            return Ok(());
        }
        let problem = format!(
            "is {name:?}, which people can change and pass on: name a stable identifier, or state `.user_id_never_changes({name:?})`"
        );
        Err(ConfigError::invalid(dance, "the user identifier", problem))
    }

    /// Refuses a lifetime by which every token would have expired when it comes.
    pub(crate) fn check_token_lifetime(&self, dance: &str) -> Result<(), ConfigError> {
        let too_short = |lifetime: Duration| lifetime < Duration::from_secs(1);
        if self.token_lifetime.is_some_and(too_short) {
            let problem = "must be at least a second";
            return Err(ConfigError::invalid(dance, "token_lifetime", problem));
        }
        Ok(())
    }

    /// Refuses to require an issuer that is not known.
    pub(crate) fn check_issuer(&self, dance: &str) -> Result<(), ConfigError> {
        if self.requires_issuer && self.issuer.is_none() {
            let problem = "must name an issuer to compare with: set `.issuer(…)`";
            return Err(ConfigError::invalid(dance, "`require_issuer`", problem));
        }
        Ok(())
    }

    /// Parses an endpoint that secrets of the dance are sent to: https, or plain http on loopback if
    /// `allow_loopback_http` is set (RFC 6749 §3.1.2.1, §3.2).
    pub(crate) fn endpoint(
        &self,
        dance: &str,
        setting: &'static str,
        text: &str,
        allow_loopback_http: bool,
    ) -> Result<Url, ConfigError> {
        let invalid = |problem: &str| ConfigError::invalid(dance, setting, problem);
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
