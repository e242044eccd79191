//! Values: tokens, scopes, keys, time, outcomes, failures. Data, without the behaviour of others.

pub(crate) mod asked;
pub(crate) mod causes;
pub(crate) mod config_error;
pub(crate) mod credentials;
pub(crate) mod endpoint;
pub(crate) mod error_page;
pub(crate) mod flash;
pub(crate) mod form;
pub(crate) mod holder;
pub(crate) mod identity;
pub(crate) mod json;
pub(crate) mod key;
pub(crate) mod login_error;
pub(crate) mod loopback;
pub(crate) mod missing;
pub(crate) mod next;
pub(crate) mod no_answer;
pub(crate) mod outcome;
pub(crate) mod owner;
pub(crate) mod pending;
pub(crate) mod scopes;
pub(crate) mod secret;
pub(crate) mod sign_out_error;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod user_id;
