//! JSON values in sealed cookies, each bound to the name of its cookie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::entropy::{Draws, EntropyError};
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::seal::{Purpose, Sealer};

/// Seals values for cookies, and knows how those cookies are named and set.
pub(crate) struct SealedCookies {
    pub(crate) sealer: Sealer,
    pub(crate) policy: CookiePolicy,
}

impl SealedCookies {
    /// Seals `value` for the cookie called `name`.
    pub(crate) fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        name: &str,
        value: &T,
        draws: &mut Draws<'_>,
    ) -> Result<String, EntropyError> {
        let sealed = self.sealer.seal(purpose, &[name], value, draws)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens the text of a cookie called `name`. A text that is not authentic is absent.
    pub(crate) fn open_text<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        name: &str,
        text: &str,
    ) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        self.sealer.open(purpose, &[name], sealed)
    }

    /// Opens the authentic values among the request's cookies called `name`.
    pub(crate) fn open<'a, T: DeserializeOwned>(
        &'a self,
        purpose: Purpose,
        name: &'a str,
        request: &'a RequestCookies,
    ) -> impl Iterator<Item = T> + use<'a, T> {
        request
            .values(name)
            .filter_map(move |text| self.open_text(purpose, name, text))
    }
}
