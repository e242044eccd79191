//! Where providers depart from RFC 6749, as data: one field per quirk. What a quirk does is done in
//! [`normalise`](crate::steps::oauth2::normalise), in one place.

use serde::Deserialize;

/// A provider's departures from RFC 6749. By default the provider follows it.
///
/// Each field is one departure that the dance tolerates. Nothing is tolerated by guessing.
///
/// ```
/// use oauth_dance::Quirks;
///
/// let quirks = Quirks::none().error_in_ok_answer().scope_answer_separator(',');
/// assert!(quirks.error_in_ok_answer);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Quirks {
    /// Errors arrive with status 200 instead of 400 (GitHub, Slack).
    pub error_in_ok_answer: bool,
    /// The answer may be form-encoded (GitHub, unless asked for JSON).
    pub form_encoded_answer: bool,
    /// JSON may arrive under another content type, such as `text/plain`: as token answer and as userinfo.
    pub any_content_type: bool,
    /// A token may arrive with status 201 instead of 200.
    pub created_is_ok: bool,
    /// `token_type` may be missing. The token is then a bearer token.
    pub token_type_may_be_missing: bool,
    /// `scope` may be an array of texts instead of one text (Twitch).
    pub scope_array: bool,
    /// Another word than `bearer` may stand for a bearer token (Slack: `user`). The types that ask for a proof
    /// with each request (`DPoP`, `PoP`, `mac`) are refused nevertheless.
    pub any_token_type: bool,
    /// A form-encoded answer may arrive as `text/plain`.
    pub form_as_plain_text: bool,
    /// The granted scopes are told by the parameter `scope` of the callback, and not by the token answer
    /// (Strava). The callback comes through the browser: it can take scopes away and add none.
    pub scope_in_callback: bool,
    /// `email_verified` may be the text `true` instead of the boolean.
    pub email_verified_as_text: bool,
    /// The separator of granted scopes in the answer, besides spaces (GitHub: a comma).
    pub scope_answer_separator: Option<char>,
    /// A revocation ends the one token that it names, and no other token of the user's grant. This is a
    /// fact and no tolerance: a token that was lost or replaced is revoked only if it is set.
    pub revocation_ends_one_token: bool,
}

impl Quirks {
    /// Returns no quirks: the provider follows RFC 6749.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns every tolerance at once, for an unknown provider. Prefer to name those that it needs.
    #[must_use]
    pub fn lenient() -> Self {
        Self {
            error_in_ok_answer: true,
            form_encoded_answer: true,
            any_content_type: true,
            created_is_ok: true,
            token_type_may_be_missing: true,
            scope_array: true,
            any_token_type: true,
            form_as_plain_text: true,
            scope_in_callback: true,
            email_verified_as_text: true,
            scope_answer_separator: Some(','),
            revocation_ends_one_token: false,
        }
    }

    /// Sets [`error_in_ok_answer`](Self#structfield.error_in_ok_answer).
    #[must_use]
    pub fn error_in_ok_answer(mut self) -> Self {
        self.error_in_ok_answer = true;
        self
    }

    /// Sets [`form_encoded_answer`](Self#structfield.form_encoded_answer).
    #[must_use]
    pub fn form_encoded_answer(mut self) -> Self {
        self.form_encoded_answer = true;
        self
    }

    /// Sets [`any_content_type`](Self#structfield.any_content_type).
    #[must_use]
    pub fn any_content_type(mut self) -> Self {
        self.any_content_type = true;
        self
    }

    /// Sets [`created_is_ok`](Self#structfield.created_is_ok).
    #[must_use]
    pub fn created_is_ok(mut self) -> Self {
        self.created_is_ok = true;
        self
    }

    /// Sets [`token_type_may_be_missing`](Self#structfield.token_type_may_be_missing).
    #[must_use]
    pub fn token_type_may_be_missing(mut self) -> Self {
        self.token_type_may_be_missing = true;
        self
    }

    /// Sets [`scope_array`](Self#structfield.scope_array).
    #[must_use]
    pub fn scope_array(mut self) -> Self {
        self.scope_array = true;
        self
    }

    /// Sets [`any_token_type`](Self#structfield.any_token_type).
    #[must_use]
    pub fn any_token_type(mut self) -> Self {
        self.any_token_type = true;
        self
    }

    /// Sets [`form_as_plain_text`](Self#structfield.form_as_plain_text).
    #[must_use]
    pub fn form_as_plain_text(mut self) -> Self {
        self.form_as_plain_text = true;
        self
    }

    /// Sets [`scope_in_callback`](Self#structfield.scope_in_callback).
    #[must_use]
    pub fn scope_in_callback(mut self) -> Self {
        self.scope_in_callback = true;
        self
    }

    /// Sets [`email_verified_as_text`](Self#structfield.email_verified_as_text).
    #[must_use]
    pub fn email_verified_as_text(mut self) -> Self {
        self.email_verified_as_text = true;
        self
    }

    /// Sets [`revocation_ends_one_token`](Self#structfield.revocation_ends_one_token).
    #[must_use]
    pub fn revocation_ends_one_token(mut self) -> Self {
        self.revocation_ends_one_token = true;
        self
    }

    /// Sets [`scope_answer_separator`](Self#structfield.scope_answer_separator).
    #[must_use]
    pub fn scope_answer_separator(mut self, separator: char) -> Self {
        self.scope_answer_separator = Some(separator);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_is_every_tolerance_there_is() {
        // Without `..`: a new field does not compile here before it is weighed.
        let Quirks {
            error_in_ok_answer,
            form_encoded_answer,
            any_content_type,
            created_is_ok,
            token_type_may_be_missing,
            scope_array,
            any_token_type,
            form_as_plain_text,
            scope_in_callback,
            email_verified_as_text,
            scope_answer_separator,
            revocation_ends_one_token,
        } = Quirks::lenient();
        for tolerance in [
            error_in_ok_answer,
            form_encoded_answer,
            any_content_type,
            created_is_ok,
            token_type_may_be_missing,
            scope_array,
            any_token_type,
            form_as_plain_text,
            scope_in_callback,
            email_verified_as_text,
            scope_answer_separator.is_some(),
        ] {
            assert!(tolerance);
        }
        // A fact, and no tolerance.
        assert!(!revocation_ends_one_token);
    }
}
