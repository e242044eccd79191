//! The signals of the dance: one file each, with its payload.

pub(crate) mod authorized;
pub(crate) mod before_login;
pub(crate) mod error;
pub(crate) mod logged_in;
pub(crate) mod logged_out;
pub(crate) mod rejected;
pub(crate) mod reply_ignored;
pub(crate) mod token_refreshed;
pub(crate) mod token_revoked;
