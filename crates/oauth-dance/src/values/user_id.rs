//! The identifier of an application's user, read back from the session.

use std::str::FromStr;

/// A type that the identifier of a user is read into: every type that implements [`FromStr`], such as `i64`,
/// `String` or `Uuid`.
///
/// [`Authorized::sign_in`](crate::Authorized::sign_in) writes the user with
/// [`Display`](std::fmt::Display), and the session keeps that text. Adapters read it with this trait. A type of
/// the application's own needs both:
///
/// ```
/// use std::fmt;
/// use std::num::ParseIntError;
/// use std::str::FromStr;
///
/// use oauth_dance::UserId;
///
/// #[derive(Debug, Clone, Copy, PartialEq, Eq)]
/// struct MemberId(i64);
///
/// impl fmt::Display for MemberId {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         self.0.fmt(f)
///     }
/// }
///
/// impl FromStr for MemberId {
///     type Err = ParseIntError;
///
///     fn from_str(text: &str) -> Result<Self, ParseIntError> {
///         text.parse().map(Self)
///     }
/// }
///
/// let text = MemberId(7).to_string();
/// assert_eq!(MemberId::from_session(&text), Some(MemberId(7)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the user of a session",
    label = "has no `FromStr`",
    note = "implement `std::str::FromStr` for `{Self}`: the session keeps the text that its `Display` has written at `Authorized::sign_in`"
)]
pub trait UserId: Sized {
    /// Reads the text that the session keeps. Returns `None` if it is not such an identifier.
    fn from_session(text: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> UserId for T {
    fn from_session(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
