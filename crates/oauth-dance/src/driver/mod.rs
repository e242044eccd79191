//! The one driver: it awaits stores, receivers and the conversation with the provider.

pub(crate) mod callback;
mod failed;
mod finish;
pub(crate) mod login;
pub(crate) mod logout;
mod page;
pub(crate) mod respond;
mod turn;
