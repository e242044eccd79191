//! A JSON value in a sealed cookie, bound to the cookie's name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::entropy::{Draws, EntropyError};
use crate::keep::cookies::RequestCookies;
use crate::keep::seal::{Purpose, Sealer};

/// Seals `value` for the cookie called `name`.
pub(crate) fn seal<T: Serialize>(
    value: &T,
    sealer: &Sealer,
    purpose: Purpose,
    name: &str,
    draws: &mut Draws<'_>,
) -> Result<String, EntropyError> {
    let sealed = sealer.seal(purpose, &[name], value, draws)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens the text of a cookie called `name`; what is not authentic is absent.
pub(crate) fn open_text<T: DeserializeOwned>(
    text: &str,
    sealer: &Sealer,
    purpose: Purpose,
    name: &str,
) -> Option<T> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    sealer.open(purpose, &[name], sealed)
}

/// The first authentic value among the request's cookies called `name`.
pub(crate) fn open<T: DeserializeOwned>(
    cookies: &RequestCookies,
    sealer: &Sealer,
    purpose: Purpose,
    name: &str,
) -> Option<T> {
    cookies
        .values(name)
        .find_map(|text| open_text(text, sealer, purpose, name))
}
