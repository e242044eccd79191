//! A browser signs out: its session ends, then its tokens, and the receivers hear of it.
//!
//! A browser that leaves does not stop it half way.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::revoke;
use super::to_its_end::ToItsEnd;
use crate::dance::Dance;
use crate::dance::effects::{Browser, Effects};
use crate::dance::receivers;
use crate::dance::signals::logged_out::LoggedOut;
use crate::keep::cookies::RequestCookies;
use crate::keep::session::SignIn;
use crate::keep::session_jar::{Ending, SignedOut};
use crate::values::login_error::{Failed, LoginError};

/// The result of a sign-out: the browser is signed out when it has the effects.
pub(crate) struct Done {
    pub(crate) effects: Effects,
    /// What has not ended, if anything.
    pub(crate) failure: Option<Failed>,
}

/// The dances that a browser signs out of.
pub(crate) enum Of {
    One(Dance),
    /// All dances of the application: never empty.
    All(Vec<Dance>),
}

impl Of {
    fn dances(&self) -> &[Dance] {
        match self {
            Self::One(dance) => std::slice::from_ref(dance),
            Self::All(dances) => dances,
        }
    }

    fn deadline(&self) -> Duration {
        let site = self.dances().first().map(Dance::site);
        site.map_or(Duration::ZERO, |site| site.receiver_deadline)
    }
}

/// Signs the browser that sent this request out. Waits for the receivers until their deadline, and never for
/// the provider.
pub(crate) async fn sign_out(of: Of, cookies: RequestCookies, request: Arc<Parts>) -> Done {
    let deadline = of.deadline();
    let (end_is_done, mut end_of) = oneshot::channel();
    let (all_have_heard, mut heard_of) = oneshot::channel();
    let mut work = ToItsEnd::new(async move {
        let ended = end(&of, &cookies).await;
        let payloads: Vec<(Dance, LoggedOut)> = of
            .dances()
            .iter()
            .map(|dance| (dance.clone(), payload(dance, &ended.ended, &request)))
            .collect();
        // If it is not received, the browser has left.
        let _ = end_is_done.send((ended, payloads.clone()));
        let mut failure = None;
        for (dance, payload) in &payloads {
            let told = receivers::tell_each(dance, payload).await;
            failure = failure.or(told.err());
        }
        let _ = all_have_heard.send(failure);
    });

    let end = poll_fn(|context| {
        let _ = Pin::new(&mut work).poll(context);
        Pin::new(&mut end_of).poll(context)
    });
    let Ok((ended, payloads)) = end.await else {
        unreachable!("work that panics unwinds through the poll above");
    };
    let Ended {
        mut effects,
        failure,
        ended: _,
    } = ended;
    let is_in_time = timeout(deadline, &mut work).await.is_ok();
    let not_heard = match heard_of.try_recv() {
        Ok(failure) if is_in_time => failure,
        // The work goes on after the response.
        _ => {
            let receiver = String::new();
            Some(LoginError::ReceiverTimeout { receiver }.into())
        }
    };
    for (_, payload) in payloads {
        effects.extend(payload.browser().take_effects());
    }
    let failure = failure.or(not_heard);
    Done { effects, failure }
}

fn payload(dance: &Dance, ended: &[SignIn], request: &Arc<Parts>) -> LoggedOut {
    let sign_in = ended.iter().find(|it| it.is_of(dance.place()));
    let browser = Browser::new(Arc::clone(request), Arc::clone(&dance.site().state));
    LoggedOut::new(
        sign_in.map(|it| it.holder.owner.clone()),
        sign_in.and_then(|it| it.user.clone()),
        browser,
    )
}

struct Ended {
    effects: Effects,
    failure: Option<Failed>,
    ended: Vec<SignIn>,
}

/// Ends the session and deletes the tokens that belong to this browser. Goes on if a part of it fails.
async fn end(of: &Of, cookies: &RequestCookies) -> Ended {
    let mut effects = Effects::default();
    let Some(site) = of.dances().first().map(Dance::site) else {
        let (failure, ended) = (None, Vec::new());
        return Ended {
            effects,
            failure,
            ended,
        };
    };
    let names: Vec<&str> = of.dances().iter().map(Dance::name).collect();
    let ending = match of {
        Of::One(dance) => Ending::Dance(dance.name()),
        Of::All(_) => Ending::All(&names),
    };
    let sessions = site.sessions(cookies);
    let SignedOut {
        ended,
        cookies: session_cookies,
        mut failure,
    } = sessions.sign_out(ending, &mut site.draws()).await;
    for cookie in session_cookies {
        effects.set_cookie(cookie);
    }
    for dance in of.dances() {
        let sign_ins = ended.iter().filter(|it| it.is_of(dance.place()));
        for sign_in in sign_ins {
            let failed = delete_token(dance, sign_in, cookies).await.err();
            failure = failure.or(failed);
        }
        // Also if no session could be read: they are this browser's, and nobody else's.
        for cookie in dance.forget_token_cookies(cookies) {
            effects.set_cookie(cookie);
        }
    }
    Ended {
        effects,
        failure,
        ended,
    }
}

/// Deletes the token of this browser, and revokes it in the background. A token that a store keeps for a user
/// of the application stays, for their other browsers and jobs.
async fn delete_token(
    dance: &Dance,
    sign_in: &SignIn,
    cookies: &RequestCookies,
) -> Result<(), Failed> {
    if sign_in.holder.owner.is_user() && !dance.keeps_tokens_in_cookies() {
        return Ok(());
    }
    let vault = dance.vault(&sign_in.holder);
    let loaded = vault.load(cookies).await;
    // Also if it could not be loaded: a token that cannot be revoked can still be deleted here.
    let deleted = vault.delete(cookies).await;
    if let Ok(Some(found)) = loaded {
        revoke::later(
            dance,
            Some(sign_in.holder.owner.clone()),
            found.record.token,
        );
    }
    deleted?;
    Ok(())
}
