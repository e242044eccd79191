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
//! | `dev_provider.rs` | the development provider and its description |
//! | `data.rs`, `database.rs`, `users.rs` | what is kept: the folder with its key, the database, the tables |
//! | `visitors.rs` | which browser a signal was sent for |
//! | `site.rs`, `pages/` | the routes and what they show |
//! | `args.rs`, `main.rs` | the command line |

mod args;
mod dances;
mod data;
mod database;
mod dev_provider;
mod error;
mod pages;
pub mod recipes;
mod site;
mod start;
mod users;
mod visitors;

pub use self::args::{Command, Config, HELP};
pub use self::database::DatabaseError;
pub use self::error::StartError;
pub use self::start::{Running, start};
