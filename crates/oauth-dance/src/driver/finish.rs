//! The receivers decide what becomes of a token: stored or not, for whom, and what the browser gets.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use parking_lot::Mutex;
use signals::AsyncSignal;
use url::Url;

use super::callback::SignedIn;
use super::first_reply::FirstReply;
use super::turn::Turn;
use super::{failed, receivers};
use crate::api::ApiClient;
use crate::dance::Dance;
use crate::dance::effects::{Browser, reaches_the_browser};
use crate::driver::respond;
use crate::keep::cookies::RequestCookies;
use crate::keep::record::Record;
use crate::keep::session::Session;
use crate::values::failure::Failed;
use crate::values::identity::Identity;
use crate::values::outcome::{Outcome, Reply};
use crate::values::owner::Owner;
use crate::values::pending::Pending;
use crate::values::token::Token;

/// Sent when a token was received and every check has passed, before it is stored.
///
/// All receivers run, in order. **Any** discard wins; the **first** response wins, and
/// [`OAUTH_REPLY_IGNORED`](crate::OAUTH_REPLY_IGNORED) tells of the others. If a receiver fails, or they are
/// not done at the deadline, nothing is stored and nobody is signed in.
///
/// ```
/// use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome};
///
/// OAUTH_AUTHORIZED.connect(async |dance: &Dance, login: &Authorized| {
///     if !login.token().granted("user:email") {
///         return Some(Outcome::discard());
///     }
///     login.flash(format!("Signed in successfully with {}!", dance.display_name()));
///     None
/// });
/// ```
pub static OAUTH_AUTHORIZED: AsyncSignal<Dance, Authorized, Outcome> =
    AsyncSignal::new("oauth_authorized").describe(describe);

fn describe(outcome: &Outcome) -> String {
    outcome.to_string()
}

/// The payload of [`OAUTH_AUTHORIZED`].
///
/// Clones are the same login, for receivers that run on in the background
/// (`#[receiver(OAUTH_AUTHORIZED, detached)]`). What they decide or leave behind after the answer has
/// gone out goes nowhere.
#[derive(Clone)]
pub struct Authorized(Arc<Login>);

struct Login {
    dance: Dance,
    record: Record,
    pending: Pending,
    next: Url,
    decided: Mutex<Decided>,
    browser: Browser,
}

#[derive(Default)]
struct Decided {
    owner: Option<Owner>,
    discarded: bool,
}

reaches_the_browser!(Authorized);

impl Authorized {
    fn browser(&self) -> &Browser {
        &self.0.browser
    }

    /// The token, not stored yet.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.0.record.token
    }

    /// Who signed in, if the provider was asked.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.0.record.identity.as_ref()
    }

    /// The provider's API with this token, before it is stored.
    #[must_use]
    pub fn api(&self) -> ApiClient {
        ApiClient::for_login(self.0.dance.clone(), self.0.record.clone())
    }

    /// Where the browser will be sent if no receiver answers.
    #[must_use]
    pub fn next(&self) -> &Url {
        &self.0.next
    }

    /// What a receiver of [`OAUTH_BEFORE_LOGIN`](crate::OAUTH_BEFORE_LOGIN) remembered under `name`.
    #[must_use]
    pub fn remembered(&self, name: &str) -> Option<&str> {
        self.0.pending.remembered.get(name).map(String::as_str)
    }

    /// Stores the token for this user of the application instead of for the browser: what links a
    /// token to a user record. The last call wins. A blank identifier, or one longer than
    /// [`Owner::MAX_BYTES`], fails the login with [`StorageRefused`].
    ///
    /// [`StorageRefused`]: crate::LoginFailure::StorageRefused
    pub fn store_for(&self, user_id: impl fmt::Display) {
        self.0.decided.lock().owner = Some(Owner::user(user_id));
    }

    /// Whether an earlier receiver has discarded the token.
    #[must_use]
    pub fn is_discarded(&self) -> bool {
        self.0.decided.lock().discarded
    }
}

impl fmt::Debug for Authorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("dance", &self.0.dance)
            .field("token", &self.0.record.token)
            .field("identity", &self.0.record.identity)
            .field("browser", &self.0.browser)
            .finish_non_exhaustive()
    }
}

/// Asks the receivers, stores the token unless one discarded it, and makes the response.
pub(super) async fn finish(mut turn: Turn<'_>, signed_in: SignedIn) -> Response<Bytes> {
    let origin = &turn.site().origin;
    let SignedIn { record, pending } = signed_in;
    let next = match &pending.next {
        Some(next) => next.on(origin),
        None => turn.settings().redirect_to.clone(),
    };
    let login = Authorized(Arc::new(Login {
        dance: turn.dance.clone(),
        record,
        pending,
        next,
        decided: Mutex::default(),
        browser: turn.browser(),
    }));

    let reply = match decide(turn.dance, &login).await {
        Ok(reply) => reply,
        // What receivers left behind speaks of a login that did not happen, so it goes nowhere.
        Err(failure) => return failed::failed(turn, failure).await,
    };
    let left_behind = login.browser().take_effects();
    let response = match reply {
        Some(reply) => reply.into_response(origin),
        None => respond::redirect(login.next()),
    };
    if !login.is_discarded()
        && let Err(failure) = store(&mut turn, &login).await
    {
        return failed::failed(turn, failure).await;
    }
    turn.effects.extend(left_behind);
    turn.end(response)
}

async fn decide(dance: &Dance, login: &Authorized) -> Result<Option<Reply>, Failed> {
    let mut replies = FirstReply::default();
    receivers::ask(dance, &OAUTH_AUTHORIZED, login, |receiver, outcome| {
        login.0.decided.lock().discarded |= outcome.discard;
        if let Some(reply) = outcome.reply {
            replies.hear(receiver, reply);
        }
    })
    .await?;
    Ok(replies.settle(dance, OAUTH_AUTHORIZED.name()).await)
}

/// Stores the token and signs the browser in as its owner.
async fn store(turn: &mut Turn<'_>, login: &Authorized) -> Result<(), Failed> {
    let dance = turn.dance;
    let chosen = login.0.decided.lock().owner.take();
    let owner = match chosen {
        Some(owner) => owner,
        // A new identifier at every login: one that somebody planted or saw before is worth nothing.
        None => Owner::Browser(turn.draws.text()?),
    };
    let vault = dance.vault(&owner);
    let saved = vault.save(&login.0.record, &turn.cookies, &mut turn.draws);
    for cookie in saved.await? {
        turn.effects.set_cookie(cookie);
    }

    let former = Session::open(dance, &turn.cookies, turn.site().now());
    if let Some(former @ Owner::Browser(_)) = former.map(|session| session.owner) {
        // The browser forgets that identifier now, and nobody else knew it. If the storage does not
        // answer, a record stays that nobody can reach.
        let nobody = RequestCookies::default();
        let _ = dance.vault(&former).delete(&nobody).await;
    }
    let session = Session::begin(dance, owner).cookie(dance, &mut turn.draws)?;
    turn.effects.set_cookie(session);
    Ok(())
}
