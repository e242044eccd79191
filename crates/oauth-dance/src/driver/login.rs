//! `GET /login/{name}`: a login begins.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use parking_lot::Mutex;
use signals::AsyncSignal;
use url::Url;

use super::first_reply::FirstReply;
use super::turn::Turn;
use super::{failed, receivers};
use crate::dance::Dance;
use crate::dance::effects::{Browser, Effects, reaches_the_browser};
use crate::dance::site::Site;
use crate::driver::respond;
use crate::steps::oauth2::begin::{self, Begun};
use crate::values::failure::Failed;
use crate::values::form;
use crate::values::next::Next;
use crate::values::outcome::Reply;
use crate::values::pending::State;
use crate::values::secret::CodeVerifier;

/// Sent before the browser goes to the provider. A receiver may add authorization parameters and
/// remember values until the callback (on the payload), or answer in place of the redirect, which
/// ends the login; the first answer wins, and [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) tells
/// of the others.
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
    fn browser(&self) -> &Browser {
        &self.browser
    }

    /// How many bytes of names and values a login remembers at most, as JSON: it may wait in a cookie.
    pub const MAX_REMEMBERED_BYTES: usize = 1024;

    /// The authorization request so far. It holds the `state`: do not log it.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the browser wants to go afterwards, if it said so and may.
    #[must_use]
    pub fn next(&self) -> Option<&Next> {
        self.next.as_ref()
    }

    /// Adds a parameter to the authorization request, such as `prompt` or `login_hint`.
    ///
    /// # Errors
    ///
    /// A parameter that the dance has set, or that is its own to set, is refused: a second `state` or
    /// `redirect_uri` would hand the login to somebody else.
    pub fn add_parameter(
        &self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<(), ParameterRefused> {
        let name = name.into();
        let mut added = self.added.lock();
        let repeated = added.parameters.iter().any(|(ours, _)| *ours == name);
        if repeated || !begin::may_add(Some(&self.url), &name) {
            return Err(ParameterRefused { name });
        }
        added.parameters.push((name, value.into()));
        Ok(())
    }

    /// Remembers `value` until the callback, sealed: see
    /// [`Authorized::remembered`](crate::Authorized::remembered). What goes beyond
    /// [`MAX_REMEMBERED_BYTES`](Self::MAX_REMEMBERED_BYTES) in all is not remembered; the answer says
    /// whether it was.
    pub fn remember(&self, name: impl Into<String>, value: impl Into<String>) -> bool {
        let (name, value) = (name.into(), value.into());
        let mut added = self.added.lock();
        let mut remembered = added.remembered.clone();
        remembered.insert(name, value);
        // As JSON, because that is what is kept: a control character is six bytes there.
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

/// A receiver tried to set an authorization parameter that belongs to the dance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the authorization parameter {name:?} belongs to the dance and is set already")]
pub struct ParameterRefused {
    name: String,
}

/// Begins a login: authorization request, receivers, the pending login put away, 303.
pub(crate) async fn login(dance: &Dance, request: &Arc<Parts>) -> Response<Bytes> {
    let mut turn = Turn::begin(dance, request);
    match begin_login(&mut turn).await {
        Ok(response) => turn.end(response),
        Err(failure) => {
            // What was collected speaks of a login that did not begin.
            turn.effects = Effects::default();
            failed::failed(turn, failure).await
        }
    }
}

async fn begin_login(turn: &mut Turn<'_>) -> Result<Response<Bytes>, Failed> {
    let (dance, site) = (turn.dance, turn.site());
    let state = State::new(turn.draws.text()?);
    let verifier = CodeVerifier::new(turn.draws.text()?);
    let next = next(turn.request, site);
    let expires_at = site.now().plus(site.login_lifetime);
    let Begun { url, mut pending } =
        begin::begin(dance.settings(), &state, verifier, next, expires_at);

    let login = BeforeLogin {
        url,
        next: pending.next.clone(),
        added: Mutex::default(),
        browser: turn.browser(),
    };
    let mut replies = FirstReply::default();
    receivers::ask(dance, &OAUTH_BEFORE_LOGIN, &login, |receiver, reply| {
        replies.hear(receiver, reply);
    })
    .await?;
    let answer = replies.settle(dance, OAUTH_BEFORE_LOGIN.name()).await;

    turn.collect(&login.browser);
    if let Some(reply) = answer {
        // Nobody goes to the provider, so nothing is pending.
        return Ok(reply.into_response(&site.origin));
    }
    let added = login.added.into_inner();
    pending.remembered = added.remembered;
    let jar = site.jar();
    let put = jar.put(&pending, &state, &turn.cookies, &mut turn.draws);
    for cookie in put.await? {
        turn.effects.set_cookie(cookie);
    }
    let mut url = login.url;
    if !added.parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(added.parameters);
    }
    Ok(respond::redirect(&url))
}

/// The `next` of the query, if it is one path of ours and not one of the dance's own.
fn next(request: &Parts, site: &Site) -> Option<Next> {
    let query = request.uri.query()?;
    if query.len() > 4 * Next::MAX_BYTES {
        return None;
    }
    let mut values = form::pairs(query)
        .filter(|(name, _)| form::decode(name).is_some_and(|name| name == "next"))
        .map(|(_, value)| value);
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let next = Next::parse(&form::decode(value)?, &site.origin)?;
    // Decoded, as a router may see it.
    let path = percent_encoding::percent_decode_str(next.path()).decode_utf8_lossy();
    let own = site.own_paths.iter().any(|own| {
        path.strip_prefix(own.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    (!own).then_some(next)
}
