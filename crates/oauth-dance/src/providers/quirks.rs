//! Where providers depart from RFC 6749, as named data. What a quirk does is done in
//! [`normalise`](crate::steps::oauth2::normalise), in one place.

use serde::Deserialize;

/// A provider's departures from RFC 6749. The default is a provider that follows it.
///
/// Each field says what is tolerated; nothing is tolerated by guessing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Quirks {
    /// Errors arrive with status 200 instead of 400 (GitHub, Slack).
    pub error_in_ok_answer: bool,
    /// The answer may be form-encoded (GitHub, unless asked for JSON).
    pub form_encoded_answer: bool,
    /// JSON may arrive under another content type, such as `text/plain`.
    pub any_content_type: bool,
    /// A token may arrive with status 201 instead of 200.
    pub created_is_ok: bool,
    /// `token_type` may be missing; the token is then a bearer token.
    pub token_type_may_be_missing: bool,
    /// `scope` may be an array of texts instead of one text (Twitch).
    pub scope_array: bool,
    /// What separates granted scopes in the answer, besides spaces (GitHub: a comma).
    pub scope_answer_separator: Option<char>,
}

impl Quirks {
    /// A provider that follows RFC 6749.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Every tolerance at once, for a provider one knows nothing about. Prefer naming the ones it
    /// needs.
    #[must_use]
    pub fn lenient() -> Self {
        Self {
            error_in_ok_answer: true,
            form_encoded_answer: true,
            any_content_type: true,
            created_is_ok: true,
            token_type_may_be_missing: true,
            scope_array: true,
            scope_answer_separator: Some(','),
        }
    }
}
