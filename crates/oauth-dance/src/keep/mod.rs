//! What is kept of a login, in the browser or in a store: sealed, and bound to its place.

mod browser;
mod browser_cookies;
mod browser_record;
pub(crate) mod budget;
pub(crate) mod cookies;
pub(crate) mod ended;
pub(crate) mod flash;
mod login_slots;
pub(crate) mod pending_logins;
pub(crate) mod place;
pub(crate) mod record;
pub(crate) mod seal;
pub(crate) mod sealed_cookie;
pub(crate) mod session;
mod session_budget;
mod session_cookies;
pub(crate) mod session_jar;
mod session_records;
pub(crate) mod sessions;
mod slots;
pub(crate) mod token_cookie;
pub(crate) mod vault;
