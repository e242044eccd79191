//! The one driver: it awaits stores, receivers and the conversation with the provider.

pub(crate) mod callback;
pub(crate) mod cross_site;
mod failed;
mod finish;
mod forget;
mod housekeeping;
pub(crate) mod login;
pub(crate) mod logout;
mod page;
pub(crate) mod respond;
pub(crate) mod revoke;
pub(crate) mod sign_out;
mod to_its_end;
mod turn;
