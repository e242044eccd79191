//! A JSON value in a sealed cookie, bound to the cookie's name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::cookies::RequestCookies;
use crate::entropy::{Entropy, EntropyError};
use crate::seal::{Purpose, Sealer};

/// Seals `value` for the cookie called `name`.
pub(crate) fn seal<T: Serialize>(
    value: &T,
    sealer: &Sealer,
    purpose: Purpose,
    name: &str,
    entropy: &dyn Entropy,
) -> Result<String, EntropyError> {
    let json = serde_json::to_vec(value).expect("our own types serialize to JSON");
    let sealed = sealer.seal(purpose, &[name], &Zeroizing::new(json), entropy)?;
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
    let json = sealer.open(purpose, &[name], &sealed)?;
    serde_json::from_slice(&json).ok()
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
