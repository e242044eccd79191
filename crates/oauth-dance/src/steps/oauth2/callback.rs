//! Second step: the provider's callback, checked against the pending login that its `state` names.

use http::Uri;

use crate::steps::registration::Registration;
use crate::values::form;
use crate::values::login_error::{LoginError, ProviderError, RejectReason};
use crate::values::pending::{Pending, State};
use crate::values::secret::AuthorizationCode;

/// The longest query of a callback that is read, in bytes. Some providers send long session states.
const MAX_QUERY_BYTES: usize = 48 * 1024;

/// The most parameters of a callback.
const MAX_PARAMETERS: usize = 256;

/// The longest authorization code that is taken, in bytes.
const MAX_CODE_BYTES: usize = 4096;

/// The parameters of a callback as they arrived. None of them is to be trusted yet.
pub(crate) struct Parameters {
    pub(crate) state: State,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    error_uri: Option<String>,
    scope: Option<String>,
}

/// A callback that belongs to a login of this browser, is from the right issuer, and carries a code.
///
/// Only [`verify`] makes one, and [`exchange`](super::exchange) takes no other callback.
#[derive(Debug)]
pub(crate) struct Verified {
    code: AuthorizationCode,
    pending: Pending,
    scope: Option<String>,
}

impl Verified {
    pub(crate) fn code(&self) -> &AuthorizationCode {
        &self.code
    }

    pub(crate) fn pending(&self) -> &Pending {
        &self.pending
    }

    /// Returns what the callback says of the granted scopes.
    pub(crate) fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Returns the login, once its code is spent.
    pub(crate) fn into_pending(self) -> Pending {
        self.pending
    }
}

/// Reads the query of a callback. A known parameter that repeats is an error (RFC 6749 §3.1). Unknown
/// parameters are skipped.
pub(crate) fn parameters(uri: &Uri) -> Result<Parameters, RejectReason> {
    let query = uri.query().unwrap_or_default();
    if query.len() > MAX_QUERY_BYTES || form::pairs(query).nth(MAX_PARAMETERS).is_some() {
        return Err(RejectReason::Malformed);
    }

    let mut state = None;
    let mut code = None;
    let mut issuer = None;
    let mut error = None;
    let mut error_description = None;
    let mut error_uri = None;
    let mut scope = None;
    let decode = |part| form::decode(part).ok_or(RejectReason::Malformed);
    // The provider answered in a mode that was not requested: a signed response object (JARM).
    let mut response = None;
    for (name, value) in form::pairs(query) {
        let slot = match decode(name)?.as_str() {
            "state" => &mut state,
            "code" => &mut code,
            "iss" => &mut issuer,
            "error" => &mut error,
            "error_description" => &mut error_description,
            "error_uri" => &mut error_uri,
            "scope" => &mut scope,
            "response" => &mut response,
            _ => continue,
        };
        if slot.replace(decode(value)?).is_some() {
            return Err(RejectReason::Malformed);
        }
    }
    if response.is_some() {
        return Err(RejectReason::Malformed);
    }
    let state = state
        .as_deref()
        .and_then(State::parse)
        .ok_or(RejectReason::NoState)?;
    Ok(Parameters {
        state,
        code,
        issuer,
        error,
        error_description,
        error_uri,
        scope,
    })
}

/// Checks a callback against the pending login that its `state` names.
///
/// The issuer is checked first: an error from another provider is not an error of this provider (RFC 9207
/// §2.4). If the provider promises to name its issuer, a callback without it is not its own.
pub(crate) fn verify(
    registration: &Registration,
    parameters: Parameters,
    pending: Pending,
) -> Result<Verified, LoginError> {
    let provider = &registration.provider;
    let is_ours = match (&provider.issuer, &parameters.issuer) {
        (Some(expected), Some(received)) => expected == received,
        (_, None) => !provider.requires_issuer,
        (None, Some(_)) => true,
    };
    if !is_ours {
        return Err(LoginError::IssuerMismatch);
    }
    if let Some(code) = &parameters.error {
        return Err(LoginError::Provider(ProviderError::new(
            code,
            parameters.error_description.as_deref(),
            parameters.error_uri.as_deref(),
            provider.is_denial(code),
        )));
    }
    // RFC 6749 Appendix A.11: a code is VSCHAR.
    let code = parameters
        .code
        .filter(|code| (1..=MAX_CODE_BYTES).contains(&code.len()))
        .filter(|code| code.bytes().all(|byte| matches!(byte, 0x20..=0x7e)))
        .ok_or(LoginError::MalformedCallback)?;
    Ok(Verified {
        code: AuthorizationCode::new(code),
        pending,
        scope: parameters.scope,
    })
}
