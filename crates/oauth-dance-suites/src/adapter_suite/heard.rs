//! What the dances of a rig said: every signal, in order, with the facts of its payload.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth_dance::{
    Authorized, BeforeLogin, Dance, LoggedOut, LoginError, LoginFailure, OAUTH_AUTHORIZED,
    OAUTH_BEFORE_LOGIN, OAUTH_ERROR, OAUTH_LOGGED_OUT, OAUTH_REJECTED, OAUTH_REPLY_IGNORED,
    OAUTH_TOKEN_REFRESHED, OAUTH_TOKEN_REVOKED, RejectReason, Rejected, ReplyIgnored, SignalSet,
    Token, TokenRefreshed, TokenRevoked,
};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// A signal that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    BeforeLogin,
    Authorized,
    Error(LoginError),
    Rejected(RejectReason),
    /// The reply of the receiver of this name.
    ReplyIgnored(String),
    Refreshed,
    Revoked,
    LoggedOut,
}

/// Hears every signal of a set, before any other receiver does. Clones share what was heard.
#[derive(Clone, Default)]
pub(crate) struct Ear(Arc<Mutex<Notes>>, Arc<Notify>);

#[derive(Default)]
struct Notes {
    heard: Vec<Heard>,
    /// The payloads by `Debug`, and of errors by `Display`, too.
    printed: String,
    /// The secrets of the tokens.
    secrets: Vec<String>,
}

impl Ear {
    pub(crate) fn listen(signals: &SignalSet) -> Self {
        let ear = Self::default();
        let first = i32::MIN;

        let to = ear.clone();
        let before_login = move |_: &Dance, login: &BeforeLogin| to.note(Heard::BeforeLogin, login);
        let signal = signals.of(&OAUTH_BEFORE_LOGIN);
        signal.receiver(before_login).order(first).connect();

        let to = ear.clone();
        let authorized = move |_: &Dance, login: &Authorized| {
            to.note(Heard::Authorized, login);
            to.keep_secrets(login.token());
        };
        let signal = signals.of(&OAUTH_AUTHORIZED);
        signal.receiver(authorized).order(first).connect();

        let to = ear.clone();
        let error = move |_: &Dance, failure: &LoginFailure| {
            to.note(Heard::Error(failure.error().clone()), failure);
            to.0.lock().printed += &failure.error().to_string();
        };
        let signal = signals.of(&OAUTH_ERROR);
        signal.receiver(error).order(first).connect();

        let to = ear.clone();
        let rejected = move |_: &Dance, rejected: &Rejected| {
            to.note(Heard::Rejected(rejected.reason()), rejected);
        };
        let signal = signals.of(&OAUTH_REJECTED);
        signal.receiver(rejected).order(first).connect();

        let to = ear.clone();
        let ignored = move |_: &Dance, ignored: &ReplyIgnored| {
            to.note(Heard::ReplyIgnored(ignored.receiver().to_owned()), ignored);
        };
        let signal = signals.of(&OAUTH_REPLY_IGNORED);
        signal.receiver(ignored).order(first).connect();

        let to = ear.clone();
        let refreshed = move |_: &Dance, refreshed: &TokenRefreshed| {
            to.note(Heard::Refreshed, refreshed);
            to.keep_secrets(refreshed.token());
        };
        let signal = signals.of(&OAUTH_TOKEN_REFRESHED);
        signal.receiver(refreshed).order(first).connect();

        let to = ear.clone();
        let revoked = move |_: &Dance, revoked: &TokenRevoked| to.note(Heard::Revoked, revoked);
        let signal = signals.of(&OAUTH_TOKEN_REVOKED);
        signal.receiver(revoked).order(first).connect();

        let to = ear.clone();
        let logged_out = move |_: &Dance, logout: &LoggedOut| to.note(Heard::LoggedOut, logout);
        let signal = signals.of(&OAUTH_LOGGED_OUT);
        signal.receiver(logged_out).order(first).connect();
        ear
    }

    /// Everything that was heard so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.0.lock().heard.clone()
    }

    /// Waits until a signal was heard that the dance sends in the background.
    pub(crate) async fn until_heard(&self, expected: &Heard) {
        let heard = async {
            loop {
                let next = self.1.notified();
                if self.heard().contains(expected) {
                    return;
                }
                next.await;
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(30), heard).await;
        assert!(
            heard.is_ok(),
            "{expected:?} was not heard: {:?}",
            self.heard()
        );
    }

    /// All payloads as they print themselves.
    pub(crate) fn printed(&self) -> String {
        self.0.lock().printed.clone()
    }

    /// The access and refresh tokens that were heard of.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.0.lock().secrets.clone()
    }

    fn note(&self, heard: Heard, payload: &impl fmt::Debug) {
        let mut notes = self.0.lock();
        notes.heard.push(heard);
        notes.printed += &format!("{payload:?}\n{payload:#?}\n");
        self.1.notify_waiters();
    }

    fn keep_secrets(&self, token: &Token) {
        let mut notes = self.0.lock();
        let secrets = &mut notes.secrets;
        secrets.push(token.access_token().secret().to_owned());
        secrets.extend(token.refresh_token().map(|token| token.secret().to_owned()));
    }
}
