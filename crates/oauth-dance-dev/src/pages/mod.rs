//! The pages that a person sees, one file each.

mod consent;
mod form_keys;
mod form_post;
mod home;
mod layout;
mod login;
mod problem;

pub(crate) use self::consent::consent;
pub(crate) use self::form_keys::FormKeys;
pub(crate) use self::form_post::form_post;
pub(crate) use self::home::home;
pub(crate) use self::login::login;
pub(crate) use self::problem::{Advice, not_found, problem};
