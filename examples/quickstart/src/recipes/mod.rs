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
//! | -20 | [`refuse`] | a scope was not granted: throw the token away, and say so on a page that needs no login |
//! | -10 | [`link_user`] | find or create the user, and store the token for them |
//! | 0 | [`update_profile`] | update the user's row |
//! | 20 | [`greet`] | flash a message |
//! | 30 | [`first_time`] | send the browser somewhere else |
//! | 10, 11 | [`import_notes`] | once the token is stored, begin something that takes a while, without holding up the answer |
//! | | [`denied`] | the person said no: inform them |

pub mod denied;
pub mod first_time;
pub mod greet;
pub mod import_notes;
pub mod link_user;
pub mod refuse;
pub mod remember;
pub mod update_profile;

use oauth_dance::{Authorized, Dance, Missing};
use oauth_dance_sqlx::sqlx;

/// Why a recipe failed. The login then fails too: nothing is stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The application has not given its receivers what they need: `.state(pool)`, in `dances.rs`.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

/// A condition, for `when = accepted`: no receiver so far has refused the login.
pub(crate) fn accepted(_: &Dance, login: &Authorized) -> bool {
    !login.is_discarded()
}
