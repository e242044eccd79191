//! `oauth_before_login`: the browser is about to go to the provider.

use std::collections::BTreeMap;
use std::fmt;

use parking_lot::Mutex;
use signals::AsyncSignal;
use url::Url;

use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::flows::may_add;
use crate::values::next::Next;
use crate::values::outcome::Reply;
use crate::values::pending::Pending;

/// Sent before the browser goes to the provider.
///
/// By the payload, a receiver may add authorization parameters and remember values until the callback. A
/// receiver may also answer in place of the redirect, which ends the login. The first reply wins, and
/// [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) reports the others.
///
/// ```
/// use oauth_dance::{BeforeLogin, Dance, OAUTH_BEFORE_LOGIN, ParameterRefused};
///
/// OAUTH_BEFORE_LOGIN.connect(|_: &Dance, login: &BeforeLogin| -> Result<(), ParameterRefused> {
///     login.add_parameter("prompt", "consent")?;
///     login.remember("campaign", "spring");
///     Ok(())
/// });
/// ```
pub static OAUTH_BEFORE_LOGIN: AsyncSignal<Dance, BeforeLogin, Reply> =
    AsyncSignal::new("oauth_before_login").describe(describe);

fn describe(reply: &Reply) -> String {
    reply.to_string()
}

/// The payload of [`OAUTH_BEFORE_LOGIN`].
pub struct BeforeLogin {
    url: Url,
    next: Option<Next>,
    added: Mutex<Added>,
    browser: Browser,
}

#[derive(Default)]
struct Added {
    parameters: Vec<(String, String)>,
    remembered: BTreeMap<String, String>,
}

reaches_the_browser!(BeforeLogin);

impl BeforeLogin {
    pub(crate) fn new(url: Url, next: Option<Next>, browser: Browser) -> Self {
        Self {
            url,
            next,
            added: Mutex::default(),
            browser,
        }
    }

    /// Returns the authorization request with what receivers have added, and the values to remember.
    pub(crate) fn into_parts(self) -> (Url, BTreeMap<String, String>) {
        let mut url = self.url;
        let added = self.added.into_inner();
        if !added.parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(added.parameters);
        }
        (url, added.remembered)
    }

    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// The most bytes of names and values that a login remembers, as JSON: they may wait in a cookie.
    pub const MAX_REMEMBERED_BYTES: usize = Pending::MAX_REMEMBERED_BYTES;

    /// Returns the authorization request so far. It holds the `state`: do not log it.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the page that the browser is sent to after the login, if the request named one and it is
    /// allowed.
    #[must_use]
    pub fn next(&self) -> Option<&Next> {
        self.next.as_ref()
    }

    /// Adds a parameter to the authorization request, such as `prompt` or `login_hint`.
    ///
    /// # Errors
    ///
    /// [`ParameterRefused`] if the dance or an earlier receiver has set the parameter, or if it is the
    /// dance's own to set. A second `state` or `redirect_uri` would hand the login to an attacker.
    pub fn add_parameter(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<(), ParameterRefused> {
        let name = name.into();
        let mut added = self.added.lock();
        let repeated = added.parameters.iter().any(|(ours, _)| *ours == name);
        if repeated || !may_add(Some(&self.url), &name) {
            return Err(ParameterRefused { name });
        }
        added.parameters.push((name, value.into()));
        Ok(())
    }

    /// Remembers `value` until the callback, sealed: see
    /// [`Authorized::remembered`](crate::Authorized::remembered).
    ///
    /// Returns whether the value is remembered. It is not if all names and values together would exceed
    /// [`MAX_REMEMBERED_BYTES`](Self::MAX_REMEMBERED_BYTES).
    pub fn remember(&self, name: impl Into<String>, value: impl Into<String>) -> bool {
        let (name, value) = (name.into(), value.into());
        let mut added = self.added.lock();
        let mut remembered = added.remembered.clone();
        remembered.insert(name, value);
        // As JSON, because JSON is what is kept: a control character is six bytes there.
        let json = serde_json::to_vec(&remembered).expect("texts serialize to JSON");
        let fits = json.len() <= Self::MAX_REMEMBERED_BYTES;
        if fits {
            added.remembered = remembered;
        }
        fits
    }
}

impl fmt::Debug for BeforeLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeforeLogin")
            .field("next", &self.next)
            .field("browser", &self.browser)
            .finish_non_exhaustive()
    }
}

/// An authorization parameter that a receiver may not set: it is reserved for the dance, or is set already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the authorization parameter {name:?} is reserved for the dance, or is set already")]
pub struct ParameterRefused {
    name: String,
}
