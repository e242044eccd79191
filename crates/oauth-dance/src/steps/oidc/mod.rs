//! The steps of OpenID Connect.

pub(crate) mod claims;
pub(crate) mod id_token;
pub(crate) mod id_token_error;
