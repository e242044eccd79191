//! A browser's visit to a page of the application: its sessions, and its flash messages.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use http::header::{CACHE_CONTROL, COOKIE, HeaderMap, SET_COOKIE, VARY};
use http::request::Parts;
use once_cell::sync::OnceCell;
use parking_lot::Mutex;

use crate::dance::Dance;
use crate::dance::flights::Refreshed;
use crate::dances::Dances;
use crate::keep::cookies::RequestCookies;
use crate::keep::flash;
use crate::keep::session::Session;
use crate::values::flash::Flash;
use crate::values::owner::Owner;
use crate::values::time::Timestamp;
use crate::values::token::Token;

/// One request of a browser to a page of the application.
///
/// ```no_run
/// use oauth_dance::leaf;
///
/// # async fn page(dances: &oauth_dance::Dances, request: http::Request<()>)
/// #     -> Result<http::Response<String>, oauth_dance::ApiError> {
/// let (request, _) = request.into_parts();
/// let visit = dances.visit(&request);
///
/// let name = visit.api("github")?.identity().await?.map(|who| who.display_name().to_owned());
/// let mut response = http::Response::new(format!("Hello, {name:?}"));
///
/// leaf::finish(&visit, response.headers_mut()); // refreshed tokens and taken flash messages
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

/// The part of a visit that its API clients share.
pub(crate) struct VisitState {
    cookies: RequestCookies,
    now: Timestamp,
    /// One for each dance, in the order of the dances. The list is made when the page asks for a session
    /// for the first time, which most pages of most applications never do.
    sessions: OnceCell<Box<[OnceCell<Option<Session>>]>>,
    effects: Mutex<VisitEffects>,
}

#[derive(Default)]
struct VisitEffects {
    /// By dance, the tokens kept in cookies that this visit has refreshed. Those of the request are
    /// older.
    refreshed: HashMap<String, Refreshed>,
    finished: bool,
    flashes: flash::Change,
    /// Whether the browser does not know of `flashes` yet.
    flashes_changed: bool,
}

impl Dances {
    /// Opens the browser's visit to a page of the application: who is signed in, flash messages, API
    /// clients. [`leaf::finish`](crate::leaf::finish) puts the cookies of the visit on the response.
    #[must_use]
    pub fn visit(&self, request: &Parts) -> Visit {
        let site = self.site();
        Visit {
            state: Arc::new(VisitState {
                cookies: site.read_cookies(&request.headers),
                now: site.now(),
                sessions: OnceCell::new(),
                effects: Mutex::default(),
            }),
            dances: self.clone(),
        }
    }
}

impl Visit {
    /// Returns all dances of the application.
    #[must_use]
    pub fn dances(&self) -> &Dances {
        &self.dances
    }

    pub(crate) fn state(&self) -> &Arc<VisitState> {
        &self.state
    }

    /// Returns the owner that this browser is signed in as with the dance called `dance`.
    ///
    /// The session alone is read. If the store has lost the token, this still returns the owner;
    /// [`ApiClient::token`](crate::ApiClient::token) asks the store.
    #[must_use]
    pub fn owner(&self, dance: &str) -> Option<&Owner> {
        let session = self.state.session(&self.dances, self.dances.get(dance)?)?;
        Some(&session.owner)
    }

    /// Takes the messages that wait for a page. Each is shown once: the response deletes it.
    #[must_use]
    pub fn take_flashes(&self) -> Vec<Flash> {
        let mut effects = self.state.effects.lock();
        let mut flashes = Vec::new();
        if !effects.flashes.taken {
            effects.flashes.taken = true;
            effects.flashes_changed = true;
            flashes = flash::waiting(&self.dances.site().cookies, &self.state.cookies);
        }
        effects.flashes_changed |= !effects.flashes.added.is_empty();
        flashes.append(&mut effects.flashes.added);
        flashes
    }

    /// Shows `text` once, on the next page that takes its flash messages.
    pub fn flash(&self, text: impl Into<String>) {
        self.flash_as("message", text);
    }

    /// Shows `text` as [`flash`](Self::flash) does, with a category that pages may style.
    pub fn flash_as(&self, category: impl Into<String>, text: impl Into<String>) {
        let flash = Flash::new(category, text);
        let mut effects = self.state.effects.lock();
        effects.flashes.added.push(flash);
        effects.flashes_changed = true;
    }

    /// Appends the cookies of this visit: [`leaf::finish`](crate::leaf::finish).
    pub(crate) fn finish(&self, headers: &mut HeaderMap) {
        let site = self.dances.site();
        let mut effects = self.state.effects.lock();
        effects.finished = true;
        let mut cookies: Vec<HeaderValue> = effects
            .refreshed
            .values_mut()
            .flat_map(|refreshed| refreshed.cookies.drain(..))
            .collect();
        // The cookie replaces the one of an earlier call, so it keeps those messages too.
        if std::mem::take(&mut effects.flashes_changed) {
            let change = &effects.flashes;
            cookies.extend(change.cookie(&site.cookies, &self.state.cookies, &mut site.draws()));
        }
        if self.state.was_asked() || effects.flashes.taken {
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
    pub(crate) fn owner(&self, dances: &Dances, dance: &Dance) -> Option<Owner> {
        let session = self.session(dances, dance)?;
        Some(session.owner.clone())
    }

    fn session(&self, dances: &Dances, dance: &Dance) -> Option<&Session> {
        let index = dances.iter().position(|it| it.name() == dance.name())?;
        let sessions = self
            .sessions
            .get_or_init(|| dances.iter().map(|_| OnceCell::new()).collect());
        sessions[index]
            .get_or_init(|| dance.session(&self.cookies, self.now))
            .as_ref()
    }

    /// Returns whether the page has asked who is signed in.
    fn was_asked(&self) -> bool {
        self.sessions.get().is_some()
    }

    pub(crate) fn cookies(&self) -> &RequestCookies {
        &self.cookies
    }

    /// Returns the token of `dance`, if this visit has a newer one than the request's cookies.
    pub(crate) fn newer_token(&self, dance: &Dance) -> Option<Token> {
        let effects = self.effects.lock();
        let refreshed = effects.refreshed.get(dance.name())?;
        Some(refreshed.token.clone())
    }

    /// Returns whether a refresh would be lost: cookies would keep it, and the response has been sent.
    pub(crate) fn cannot_keep(&self, dance: &Dance) -> bool {
        dance.keeps_tokens_in_cookies() && self.effects.lock().finished
    }

    /// Keeps a refreshed token in place of an earlier one. If a store keeps the tokens, this does
    /// nothing.
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
