//! The pages of the application that an adapter serves beside the dance's own.

use oauth_dance::{Flash, Owner};
use serde_json::json;

/// The name of the dance that these pages are about.
pub const DANCE: &str = "op";

/// The origin of the application, as its browsers see it.
pub const ORIGIN: &str = "https://app.localhost";

/// Who is signed in, and the flash messages, which it takes: a body made by [`home`].
pub const HOME: &str = "/";

/// The same as [`HOME`], and the page sets [`OWN_COOKIE`] by itself.
pub const COOKIES: &str = "/cookies";

/// Who is signed in, for those who are: others are sent to the login, and come back. A body made by
/// [`home`], without flash messages.
pub const ME: &str = "/me";

/// The provider's answer to a call of [`PROFILE_API`] as the user who is signed in, status and body. An
/// error becomes what the adapter makes of errors: others are sent to the login.
pub const PROFILE: &str = "/profile";

/// What [`PROFILE`] calls.
pub const PROFILE_API: &str = "/api/profile";

/// A page that asks for the API of [`NO_DANCE`]: what the adapter makes of that error.
pub const MISSPELT: &str = "/misspelt";

/// A page for the application's user, whose identifier is an `i64`: its number, read by
/// [`Visit::require_user_as`](oauth_dance::Visit::require_user_as). An error becomes what the adapter makes of errors.
pub const NUMBER: &str = "/number";

/// A page that asks for the visit, at a place where the application has forgotten to have one opened: what the adapter
/// makes of that.
pub const WITHOUT_VISIT: &str = "/without-visit";

/// The name that the page [`MISSPELT`] asks for.
pub const NO_DANCE: &str = "oq";

/// The `Set-Cookie` of the page [`COOKIES`].
pub const OWN_COOKIE: &str = "own=kept; Path=/; Secure";

/// The body of a page, as JSON.
#[must_use]
pub fn home(owner: Option<&Owner>, flashes: &[Flash]) -> String {
    let flashes: Vec<_> = flashes
        .iter()
        .map(|flash| json!({ "category": flash.category(), "text": flash.text() }))
        .collect();
    json!({ "owner": owner.map(ToString::to_string), "flashes": flashes }).to_string()
}
