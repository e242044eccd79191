//! A small site with sign-in, to look at and to copy from.
//!
//! `cargo run -p quickstart` starts the site and, beside it, an identity provider with made-up people
//! to sign in as. Read [`recipes`] first: one file for each thing an application wants to do when
//! somebody signs in. The rest is a site like any other:
//!
//! | file | |
//! |---|---|
//! | `start.rs` | puts the parts together: database, provider, dances, pages |
//! | `dances.rs` | the dances: the development provider, and the real ones with credentials |
//! | `client.rs` | the HTTP client |
//! | `dev_provider.rs` | the development provider and its description |
//! | `data.rs`, `users.rs` | what is kept: the folder with its key, the tables |
//! | `site.rs`, `pages/` | the routes and what they show |
//! | `args.rs`, `main.rs` | the command line |

mod args;
mod dances;
mod data;
mod dev_provider;
mod error;
mod pages;
pub mod recipes;
mod site;
mod start;
mod users;

pub use self::args::{Command, Config, HELP};
pub use self::error::StartError;
pub use self::start::{Running, start};
