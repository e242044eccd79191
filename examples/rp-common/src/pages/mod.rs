//! The pages, one file each, and the responses they are made of.

pub(crate) mod api;
pub(crate) mod home;
pub(crate) mod me;
mod respond;
pub(crate) mod signals;

use oauth_dance::{ApiClient, Dance, Visit};

/// The provider's API as this browser.
fn client(dance: &Dance, visit: &Visit) -> ApiClient {
    let client = visit.api(dance.name());
    client.expect("the visit is to the site of this dance")
}
