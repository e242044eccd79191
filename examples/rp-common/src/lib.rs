//! What the relying parties of all frameworks share: the arguments, the dances made of them, the pages.
//!
//! One black-box suite drives `rp-axum`, `rp-actix` and the others alike, so everything it can see is
//! decided here, once. This crate knows no framework; what is left for one is to bring each route to
//! its function:
//!
//! | route | function |
//! |---|---|
//! | `GET /` | [`RelyingParty::home`] |
//! | `GET /me` | [`RelyingParty::me`] |
//! | `GET /api?path=/…` | [`RelyingParty::api`] |
//! | `GET /signals` | [`RelyingParty::signals`] |
//! | login, callback, logout | the adapter's own routes for [`RelyingParty::dances`] |
//!
//! A program reads its [`Args`], calls [`start`], listens, and [`announce`]s the address; when any of
//! it fails it ends with the [`Stop`]'s exit code.

mod args;
mod config;
mod pages;
mod party;
mod receivers;
mod start;
mod stop;
mod store;

pub use self::args::Args;
pub use self::party::RelyingParty;
pub use self::start::{Started, announce, start};
pub use self::stop::Stop;
