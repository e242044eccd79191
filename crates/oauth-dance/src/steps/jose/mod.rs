//! The steps of signed tokens (JWS, RFC 7515): from a text of the provider to bytes that its key has signed.
//!
//! [`verify`](verify::verify) joins the others. Only it makes a [`Signed`](verify::Signed), and nothing reads the
//! claims of a token without one.

pub(crate) mod algorithms;
pub(crate) mod compact;
#[cfg(test)]
pub(crate) mod fixtures;
pub(crate) mod header;
pub(crate) mod jwk;
pub(crate) mod key_set;
pub(crate) mod sign;
#[cfg(test)]
mod vectors;
pub(crate) mod verify;
