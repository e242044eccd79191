//! The steps: pure functions from values to values, one folder per protocol.
//!
//! No step awaits, reads the clock or draws randomness. The driver hands those in.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the flow of OpenID Connect takes these steps")
)]
pub(crate) mod jose;
pub(crate) mod oauth2;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the flow of OpenID Connect takes these steps")
)]
pub(crate) mod oidc;
pub(crate) mod registration;
