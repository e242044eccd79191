//! Nothing but a module.

mod deeper;
