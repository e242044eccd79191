//! What the site shows.

pub(crate) mod api;
pub(crate) mod hello;
pub(crate) mod home;
pub(crate) mod import;
mod layout;
pub(crate) mod notes;
mod person;
pub(crate) mod problem;
mod timeline;

pub(crate) use self::layout::Trouble;
