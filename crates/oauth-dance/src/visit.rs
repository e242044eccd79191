//! A browser's visit to a page of the application: who is signed in, flash messages, API clients.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use http::header::{CACHE_CONTROL, COOKIE, HeaderMap, SET_COOKIE, VARY};
use http::request::Parts;
use once_cell::sync::OnceCell;
use parking_lot::Mutex;

use crate::api::ApiClient;
use crate::api::error::LoginRequired;
use crate::dance::Dance;
use crate::dances::Dances;
use crate::keep::cookies::RequestCookies;
use crate::keep::session::Session;
use crate::keep::vault::Store;
use crate::refresh::Refreshed;
use crate::values::flash::{self, Flash};
use crate::values::owner::Owner;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// One request of a browser to a page of the application.
///
/// ```no_run
/// # async fn page(dances: &oauth_dance::Dances, request: http::Request<()>)
/// #     -> Result<http::Response<String>, oauth_dance::ApiError> {
/// let (request, _) = request.into_parts();
/// let visit = dances.visit(&request);
///
/// let name = visit.api("github").unwrap().identity().await?.map(|who| who.display_name().to_owned());
/// let mut response = http::Response::new(format!("Hello, {name:?}"));
///
/// visit.finish(response.headers_mut());      // refreshed tokens and taken flash messages
/// # Ok(response)
/// # }
/// ```
///
/// Adapters do the first and the last step. Clones are the same visit.
#[derive(Clone)]
pub struct Visit {
    dances: Dances,
    state: Arc<VisitState>,
}

/// What a visit shares with the API clients it hands out.
pub(crate) struct VisitState {
    cookies: RequestCookies,
    now: Timestamp,
    /// Opened when somebody asks: most pages of most applications do not.
    sessions: HashMap<String, OnceCell<Option<Session>>>,
    effects: Mutex<VisitEffects>,
}

#[derive(Default)]
struct VisitEffects {
    /// By dance, what this visit has refreshed that is kept in cookies: the request's are older.
    refreshed: HashMap<String, Refreshed>,
    finished: bool,
    flashes_taken: bool,
    new_flashes: Vec<Flash>,
}

impl Visit {
    pub(crate) fn new(dances: Dances, request: &Parts) -> Self {
        let site = dances.site();
        Self {
            state: Arc::new(VisitState {
                cookies: site.read_cookies(&request.headers),
                now: site.now(),
                sessions: dances
                    .iter()
                    .map(|dance| (dance.name().to_owned(), OnceCell::new()))
                    .collect(),
                effects: Mutex::default(),
            }),
            dances,
        }
    }

    /// All dances of the application.
    #[must_use]
    pub fn dances(&self) -> &Dances {
        &self.dances
    }

    /// Whom this browser is signed in as with the dance called `dance`. Says nothing about whether
    /// the token is still there: [`ApiClient::token`] does.
    #[must_use]
    pub fn owner(&self, dance: &str) -> Option<&Owner> {
        let session = self.state.session(self.dances.get(dance)?)?;
        Some(&session.owner)
    }

    /// The provider's API as this browser; `None` if there is no such dance. Whether somebody is
    /// signed in shows at the first call.
    #[must_use]
    pub fn api(&self, dance: &str) -> Option<ApiClient> {
        let dance = self.dances.get(dance)?.clone();
        Some(ApiClient::for_visit(dance, Arc::clone(&self.state)))
    }

    /// Takes the messages that wait for a page. They are shown once: the response forgets them.
    #[must_use]
    pub fn take_flashes(&self) -> Vec<Flash> {
        let mut effects = self.state.effects.lock();
        let mut flashes = Vec::new();
        if !effects.flashes_taken {
            effects.flashes_taken = true;
            flashes = flash::waiting(&self.state.cookies, &self.dances.site().sealer);
        }
        flashes.append(&mut effects.new_flashes);
        flashes
    }

    /// Shows `text` once, on the next page that takes its flash messages.
    pub fn flash(&self, text: impl Into<String>) {
        self.flash_as("message", text);
    }

    /// Like [`flash`](Self::flash), with a category that pages may style.
    pub fn flash_as(&self, category: impl Into<String>, text: impl Into<String>) {
        let flash = Flash::new(category, text);
        self.state.effects.lock().new_flashes.push(flash);
    }

    /// Appends what this visit has for the browser to the headers of the response: refreshed tokens,
    /// and which flash messages still wait. Headers that are there stay, with one exception: a response
    /// that sets one of our cookies is for one browser, so its `Cache-Control` becomes `no-store`. One
    /// that depends on who is signed in, or that shows messages, says `Vary: Cookie`.
    ///
    /// A task that goes on with the visit's API clients after this has nowhere to put cookies. Where
    /// tokens are kept in them, nothing is refreshed any more, for the browser would be left with a
    /// refresh token that is spent: calls work while the token lives, and then fail with
    /// [`ApiError::VisitFinished`](crate::ApiError::VisitFinished).
    pub fn finish(&self, headers: &mut HeaderMap) {
        let site = self.dances.site();
        let mut effects = self.state.effects.lock();
        effects.finished = true;
        let mut cookies: Vec<HeaderValue> = effects
            .refreshed
            .values_mut()
            .flat_map(|refreshed| refreshed.cookies.drain(..))
            .collect();
        if effects.flashes_taken || !effects.new_flashes.is_empty() {
            // What was not taken keeps waiting, in front of what is new.
            let mut flashes = flash::waiting(&self.state.cookies, &site.sealer);
            if effects.flashes_taken {
                flashes.clear();
            }
            flashes.append(&mut effects.new_flashes);
            let cookie = if !flashes.is_empty() {
                // Without randomness a message is lost, and nothing else.
                flash::keep(flashes, &site.cookies, &site.sealer, &mut site.draws()).ok()
            } else if flash::is_carried(&self.state.cookies) {
                Some(flash::forget(&site.cookies))
            } else {
                None
            };
            cookies.extend(cookie);
        }
        let asked = self
            .state
            .sessions
            .values()
            .any(|session| session.get().is_some());
        if asked || effects.flashes_taken {
            headers.append(VARY, HeaderValue::from(COOKIE));
        }
        if !cookies.is_empty() {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

impl VisitState {
    fn session(&self, dance: &Dance) -> Option<&Session> {
        self.sessions
            .get(dance.name())?
            .get_or_init(|| Session::open(dance, &self.cookies, self.now))
            .as_ref()
    }

    pub(crate) fn owner(&self, dance: &Dance) -> Result<Owner, LoginRequired> {
        self.session(dance)
            .map(|session| session.owner.clone())
            .ok_or_else(|| LoginRequired::new(dance))
    }

    pub(crate) fn cookies(&self) -> &RequestCookies {
        &self.cookies
    }

    /// The token of `dance`, if this visit has a newer one than the request's cookies.
    pub(crate) fn newer_token(&self, dance: &Dance) -> Option<Token> {
        let effects = self.effects.lock();
        let refreshed = effects.refreshed.get(dance.name())?;
        Some(refreshed.token.clone())
    }

    /// Whether a refresh would be lost, because cookies would keep it and the response has gone.
    pub(crate) fn cannot_keep(&self, dance: &Dance) -> bool {
        matches!(dance.0.store, Store::Cookies) && self.effects.lock().finished
    }

    /// Keeps what was refreshed, in place of what was refreshed before. A storage keeps its own.
    pub(crate) fn refreshed(&self, dance: &Dance, fresh: &Refreshed) {
        if !fresh.cookies.is_empty() {
            let mut effects = self.effects.lock();
            effects
                .refreshed
                .insert(dance.name().to_owned(), fresh.clone());
        }
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit")
            .field("dances", &self.dances)
            .finish_non_exhaustive()
    }
}
