//! What the site shows.

pub(crate) mod api;
pub(crate) mod hello;
pub(crate) mod home;
pub(crate) mod import;
mod layout;
pub(crate) mod notes;
mod person;
mod timeline;
