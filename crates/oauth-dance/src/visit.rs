//! A browser's visit to a page of the application: its sessions, and its flash messages.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{ACCEPT, CACHE_CONTROL, COOKIE, HeaderMap, SET_COOKIE, VARY};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderName, HeaderValue, Method, Uri};
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::contract::token_store::StoreError;
use crate::dance::Dance;
use crate::dance::effects::Effects;
use crate::dance::flights::Refreshed;
use crate::dances::Dances;
use crate::dances::sessions::BrowserSession;
use crate::driver::cross_site::is_cross_site;
use crate::driver::sign_out::{Of, sign_out};
use crate::keep::cookies::{CookiePolicy, RequestCookies};
use crate::keep::flash;
use crate::keep::session::{SignIn, SignIns};
use crate::values::flash::Flash;
use crate::values::holder::Holder;
use crate::values::owner::Owner;
use crate::values::sign_out_error::SignOutError;
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
    /// Whether a script asks, which cannot be sent to a provider.
    is_script: bool,
    /// Where the browser returns to after a login: the page that it asks for by GET.
    wanted: Option<Uri>,
    /// Opened when the page asks for the first time, which many pages never do.
    sign_ins: OnceCell<SignIns>,
    /// Whether the page depends on the session cookies.
    was_asked: AtomicBool,
    signed_out: AtomicBool,
    effects: Mutex<VisitEffects>,
}

#[derive(Default)]
struct VisitEffects {
    /// By dance, the tokens kept in cookies that this visit has refreshed. Those of the request are
    /// older.
    refreshed: HashMap<String, Refreshed>,
    /// Headers of a sign-out, and of tokens that are lost.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What receivers of a sign-out have handed over.
    handed_over: Extensions,
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
                is_script: is_script(&request.headers),
                wanted: (request.method == Method::GET).then(|| request.uri.clone()),
                sign_ins: OnceCell::new(),
                was_asked: AtomicBool::new(false),
                signed_out: AtomicBool::new(false),
                effects: Mutex::default(),
            }),
            dances: self.clone(),
        }
    }
}

impl Visit {
    /// Says which page the browser has asked for, if the request that [`Dances::visit`] was given has another
    /// URI: a framework that takes a mount prefix off it. The browser returns there after a login.
    #[must_use]
    pub fn at(mut self, uri: &Uri) -> Self {
        if let Some(state) = Arc::get_mut(&mut self.state)
            && state.wanted.is_some()
        {
            state.wanted = Some(uri.clone());
        }
        self
    }

    /// Returns all dances of the application.
    #[must_use]
    pub fn dances(&self) -> &Dances {
        &self.dances
    }

    pub(crate) fn state(&self) -> &Arc<VisitState> {
        &self.state
    }

    /// Returns the application's user that this browser is signed in as: the one that a receiver has passed
    /// to [`Authorized::sign_in`](crate::Authorized::sign_in).
    ///
    /// Without a [session store](crate::DancesBuilder::session_store) the cookies alone are read, and this
    /// does not wait.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the session store failed.
    pub async fn user(&self) -> Result<Option<&str>, StoreError> {
        let sign_ins = self.state.sign_ins(&self.dances).await?;
        Ok(sign_ins.and_then(SignIns::user))
    }

    /// Returns the owner of the token of `dance`, as the session says.
    pub(crate) async fn owner_of(&self, dance: &Dance) -> Result<Option<&Owner>, StoreError> {
        let sign_ins = self.state.sign_ins(&self.dances).await?;
        let sign_in = sign_ins.and_then(|it| it.of(dance.place()));
        Ok(sign_in.map(|it| &it.holder.owner))
    }

    /// Signs this browser out of all dances, as `POST /logout/{name}` does of one: for a logout page of the
    /// application's own. `request` is the request of this visit.
    ///
    /// The session ends. Tokens that belong to this browser are deleted and revoked; tokens of a user of
    /// the application stay. [`OAUTH_LOGGED_OUT`](crate::OAUTH_LOGGED_OUT) is sent for each dance. The
    /// cookies are deleted by the response of this visit.
    ///
    /// A request that a page of another site has sent is refused, as `POST /logout/{name}` refuses it: by
    /// `Sec-Fetch-Site`, or by `Origin` if the browser does not send that header. Its form would bring no cookies, but
    /// the response would delete them. So is a request by GET, or by another method that changes nothing.
    ///
    /// # Errors
    ///
    /// - [`SignOutError::CrossSite`] and [`SignOutError::SafeMethod`] if the request is refused. Nothing has changed.
    /// - [`SignOutError::Incomplete`] if a part of it failed. The browser is signed out nevertheless.
    pub async fn sign_out(&self, request: &Parts) -> Result<(), SignOutError> {
        if request.method.is_safe() {
            return Err(SignOutError::SafeMethod);
        }
        if is_cross_site(request, self.dances.origin()) {
            return Err(SignOutError::CrossSite);
        }
        let dances = self.dances.iter().cloned().collect();
        let cookies = self.state.cookies_after(&self.dances.site().cookies.policy);
        let done = sign_out(Of::All, dances, cookies, Arc::new(request.clone())).await;
        self.state.signed_out.store(true, Ordering::Release);
        let mut effects = self.state.effects.lock();
        effects.refreshed.clear();
        effects.flashes_changed |= !done.effects.flashes.is_empty();
        effects.flashes.added.extend(done.effects.flashes);
        effects.headers.extend(done.effects.headers);
        effects.handed_over.extend(done.effects.handed_over);
        done.failure.map_or(Ok(()), |failed| Err(failed.into()))
    }

    /// Takes the value of this type that a receiver has handed over in [`sign_out`](Self::sign_out), with
    /// [`LoggedOut::hand_over`](crate::LoggedOut::hand_over).
    #[must_use]
    pub fn handed_over<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.state.effects.lock().handed_over.remove()
    }

    /// Ends all sessions of the user of this visit, but that of this browser: "sign me out everywhere else". Returns
    /// their number, in which one that has expired a moment ago may be counted. Without a user it ends none.
    ///
    /// It needs a [session store](crate::DancesBuilder::session_store), which is called once to end them. The request
    /// is not looked at: see [`Dances::end_session`].
    ///
    /// # Errors
    ///
    /// - [`StoreError::unavailable`] if the session store failed.
    /// - [`StoreError::refused`] if sessions are kept in cookies, where a server cannot find them.
    pub async fn end_other_sessions(&self) -> Result<u64, StoreError> {
        let (store, site) = (self.dances.session_store()?, self.dances.site());
        let Some(user) = self.user().await? else {
            return Ok(0);
        };
        let this = site.sessions(&self.state.cookies).named();
        store.end_user(&site.name, user, &this).await
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

    /// Shows `text` once, on the next page that takes its flash messages. It waits in the browser, also if another user is signed in
    /// there by then.
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
            let draws = &mut site.draws();
            let change = change.cookie(&site.cookies, &self.state.cookies, cookies.iter(), draws);
            effects.flashes.is_set |= change.is_some();
            cookies.extend(change);
        }
        if self.state.was_asked.load(Ordering::Relaxed) || effects.flashes.taken {
            headers.append(VARY, HeaderValue::from(COOKIE));
        }
        if !cookies.is_empty() || !effects.headers.is_empty() {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie);
        }
        let signed_out = Effects {
            headers: std::mem::take(&mut effects.headers),
            ..Effects::default()
        };
        signed_out.append_to(headers);
    }
}

impl BrowserSession {
    /// Returns whether this is the session of the browser that makes this visit, to mark it in a list. The cookies
    /// of the request alone are read.
    #[must_use]
    pub fn is_of(&self, visit: &Visit) -> bool {
        visit.state.was_asked.store(true, Ordering::Relaxed);
        let sessions = visit.dances.site().sessions(&visit.state.cookies);
        sessions.is_named(self.key())
    }
}

impl VisitState {
    pub(crate) async fn holder(
        &self,
        dances: &Dances,
        dance: &Dance,
    ) -> Result<Option<Holder>, StoreError> {
        let sign_ins = self.sign_ins(dances).await?;
        let sign_in = sign_ins.and_then(|it| it.of(dance.place()));
        Ok(sign_in.map(|it| it.holder.clone()))
    }

    /// Returns when this browser has signed in with `dance`. If the session store fails, the answer is `None`.
    pub(crate) async fn signed_in_at(&self, dances: &Dances, dance: &Dance) -> Option<Timestamp> {
        let sign_ins = self.sign_ins(dances).await.ok()??;
        Some(sign_ins.of(dance.place())?.at)
    }

    /// Returns the sign-ins of this browser, unless it has signed out.
    async fn sign_ins(&self, dances: &Dances) -> Result<Option<&SignIns>, StoreError> {
        // Also if the store fails: the page may show what it shows to everybody.
        self.was_asked.store(true, Ordering::Relaxed);
        let open = || {
            let sessions = dances.site().sessions(&self.cookies);
            async move {
                // A dance that is gone, or has another provider by now, signs nobody in.
                let counts = |it: &SignIn| dances.iter().any(|dance| it.is_of(dance.place()));
                sessions.open(counts).await
            }
        };
        let sign_ins = self.sign_ins.get_or_try_init(open).await?;
        Ok((!self.signed_out.load(Ordering::Acquire)).then_some(sign_ins))
    }

    pub(crate) fn is_script(&self) -> bool {
        self.is_script
    }

    /// Returns the path and the query of the page that the browser asks for.
    pub(crate) fn wanted(&self) -> Option<&str> {
        let uri = self.wanted.as_ref()?;
        uri.path_and_query().map(PathAndQuery::as_str)
    }

    pub(crate) fn cookies(&self) -> &RequestCookies {
        &self.cookies
    }

    /// Returns the cookies as the browser will have them after this visit: with the tokens that it has refreshed.
    pub(crate) fn cookies_after(&self, policy: &CookiePolicy) -> RequestCookies {
        let effects = self.effects.lock();
        let refreshed = effects.refreshed.values();
        let set = refreshed.flat_map(|refreshed| &refreshed.cookies);
        self.cookies.after(set, policy)
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

    /// Forgets a token in the browser's cookies that the provider no longer honours, so that it is not asked
    /// again at every page. If a store keeps the tokens, this does nothing.
    pub(crate) fn has_lost_its_token(&self, dance: &Dance) {
        let mut effects = self.effects.lock();
        if !effects.finished {
            let cookies = dance.forget_token_cookies(&self.cookies).into_iter();
            let cookies = cookies.map(|cookie| (SET_COOKIE, cookie));
            effects.headers.extend(cookies);
        }
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

/// Returns whether a script of a page sends this request, or another program, and not a person's browser that
/// opens a page.
fn is_script(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let mode = text(HeaderName::from_static("sec-fetch-mode"));
    let dest = text(HeaderName::from_static("sec-fetch-dest"));
    mode.is_some_and(|mode| mode != "navigate")
        || dest == Some("empty")
        || headers.contains_key(HeaderName::from_static("x-requested-with"))
        || text(ACCEPT).is_some_and(|accept| !accept.contains("text/html"))
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit")
            .field("dances", &self.dances)
            .finish_non_exhaustive()
    }
}
