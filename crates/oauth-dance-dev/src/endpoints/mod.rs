//! What answers at the provider's endpoints, one file each.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod client_auth;
pub(crate) mod cookies;
pub(crate) mod interaction;
pub(crate) mod metadata;
pub(crate) mod resource;
pub(crate) mod revoke;
pub(crate) mod token;
