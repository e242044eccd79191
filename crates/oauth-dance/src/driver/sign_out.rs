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
use crate::keep::session_jar::Ending;
use crate::values::login_error::{Failed, LoginError};

/// The result of a sign-out: the browser is signed out when it has the effects.
pub(crate) struct Done {
    pub(crate) effects: Effects,
    /// What has not ended, if anything.
    pub(crate) failure: Option<Failed>,
}

/// The dances that a browser signs out of.
pub(crate) enum Of {
    /// The one of this name.
    One(String),
    All,
}

impl Of {
    fn names(&self, dance: &Dance) -> bool {
        match self {
            Self::One(name) => dance.name() == name,
            Self::All => true,
        }
    }
}

/// Signs the browser that sent this request out. `dances` are those of the application. Waits for the receivers
/// until their deadline, and never for the provider.
pub(crate) async fn sign_out(
    of: Of,
    dances: Vec<Dance>,
    cookies: RequestCookies,
    request: Arc<Parts>,
) -> Done {
    let site = dances.first().map(Dance::site);
    let deadline = site.map_or(Duration::ZERO, |site| site.receiver_deadline);
    let (end_is_done, mut end_of) = oneshot::channel();
    let (all_have_heard, mut heard_of) = oneshot::channel();
    let mut work = ToItsEnd::new(async move {
        let ended = end(&of, &dances, &cookies).await;
        let payloads: Vec<(Dance, LoggedOut)> = dances
            .iter()
            .filter(|dance| of.names(dance))
            .map(|dance| (dance.clone(), payload(dance, &ended, &request)))
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
        sign_ins: _,
    } = ended;
    let _ = timeout(deadline, &mut work).await;
    let not_heard = match heard_of.try_recv() {
        Ok(failure) => failure,
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

fn payload(dance: &Dance, ended: &Ended, request: &Arc<Parts>) -> LoggedOut {
    let sign_in = ended.sign_ins_with(dance).next();
    let browser = Browser::new(Arc::clone(request), Arc::clone(&dance.site().state));
    LoggedOut::new(
        sign_in.map(|it| it.holder.owner.clone()),
        sign_in.and_then(|it| it.user.clone()),
        browser,
    )
}

#[derive(Default)]
struct Ended {
    effects: Effects,
    failure: Option<Failed>,
    sign_ins: Vec<SignIn>,
}

impl Ended {
    fn sign_ins_with(&self, dance: &Dance) -> impl Iterator<Item = &SignIn> {
        let place = dance.place();
        self.sign_ins.iter().filter(move |it| it.is_of(place))
    }
}

/// Ends the session and deletes the tokens that belong to this browser. Goes on if a part of it fails.
async fn end(of: &Of, dances: &[Dance], cookies: &RequestCookies) -> Ended {
    let mut ended = Ended::default();
    let Some(site) = dances.first().map(Dance::site) else {
        return ended;
    };
    let names: Vec<&str> = dances.iter().map(Dance::name).collect();
    let ending = match of {
        Of::One(name) => Ending::Dance(name),
        Of::All => Ending::All(&names),
    };
    let sessions = site.sessions(cookies);
    let signed_out = sessions.sign_out(ending, &mut site.draws()).await;
    for cookie in signed_out.cookies {
        ended.effects.set_cookie(cookie);
    }
    ended.failure = signed_out.failure;
    ended.sign_ins = signed_out.ended;
    for dance in dances.iter().filter(|dance| of.names(dance)) {
        for sign_in in ended.sign_ins.iter().filter(|it| it.is_of(dance.place())) {
            let failed = delete_token(dance, sign_in, cookies).await.err();
            ended.failure = ended.failure.or(failed);
        }
        // Also if no session could be read: they are this browser's, and nobody else's.
        for cookie in dance.forget_token_cookies(cookies) {
            ended.effects.set_cookie(cookie);
        }
    }
    ended
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
