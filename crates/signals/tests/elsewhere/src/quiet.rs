//! Nothing but a receiver: nobody names anything in this module.

use signals::receiver;

#[receiver(crate::PUBLISHED, name = "quiet", order = 2)]
fn quiet(_: &str, _: &u32) {}
