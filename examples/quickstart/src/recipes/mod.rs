//! The recipes: what an application does when somebody signs in, one file each. Copy what you need.
//!
//! A recipe is a function with `#[receiver(SIGNAL)]` on it. Nothing calls it and nothing lists it: the
//! signal finds it. `order` says when it runs, `name` is how timelines and errors call it, `when` is a
//! condition. All receivers run, in order; what they answer is put together at the end. If one fails,
//! nothing is stored and nobody is signed in.
//!
//! | order | recipe | what it shows |
//! |---|---|---|
//! | | [`remember`] | keep a value from the beginning of a login to its end |
//! | -20 | [`refuse`] | a scope was not granted: throw the token away, and say so |
//! | -10 | [`link_user`] | find or create the user, and store the token for them |
//! | 0 | [`update_profile`] | update the user's row |
//! | 10, 11 | [`import_notes`] | begin something that takes a while, without holding up the answer |
//! | 20 | [`greet`] | flash a message |
//! | 30 | [`first_time`] | send the browser somewhere else |
//! | | [`denied`] | the person said no: inform them |

pub mod denied;
pub mod first_time;
pub mod greet;
pub mod import_notes;
pub mod link_user;
pub mod refuse;
pub mod remember;
pub mod update_profile;

use http::request::Parts;
use oauth_dance::{Authorized, Dance};
use oauth_dance_sqlx::sqlx::SqlitePool;

/// The database, from the request: whatever a layer put into its extensions is at hand. Here that is
/// `.layer(Extension(pool))`, in `site.rs`; a `tower_sessions::Session` gets here in the same way.
///
/// # Panics
///
/// Without that layer. A receiver that panics fails its login and nothing else.
pub(crate) fn pool(request: &Parts) -> &SqlitePool {
    request
        .extensions
        .get()
        .expect("the router has `.layer(Extension(pool))`")
}

/// A condition, for `when = accepted`: no receiver so far has refused the login.
pub(crate) fn accepted(_: &Dance, login: &Authorized) -> bool {
    !login.is_discarded()
}
