//! The one driver: it awaits clients, stores and receivers between the steps.
//!
//! Each signal of the dance is declared in the file of the step that sends it.

pub(crate) mod callback;
mod failed;
mod finish;
mod first_reply;
pub(crate) mod login;
pub(crate) mod logout;
mod receivers;
pub(crate) mod respond;
mod turn;

pub use self::callback::{OAUTH_REJECTED, Rejected};
pub use self::failed::{LoginError, OAUTH_ERROR};
pub use self::finish::{Authorized, OAUTH_AUTHORIZED};
pub use self::first_reply::{OAUTH_REPLY_IGNORED, ReplyIgnored};
pub use self::login::{BeforeLogin, OAUTH_BEFORE_LOGIN, ParameterRefused};
pub use self::logout::{LoggedOut, OAUTH_LOGGED_OUT, OAUTH_TOKEN_REVOKED, TokenRevoked};

pub(crate) use self::receivers::tell;
