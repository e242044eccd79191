//! The switches that are set right now, and who has to heed them.

use http::Method;
use http::request::Parts;
use parking_lot::Mutex;

use crate::DevProvider;
use crate::endpoints::callback::Answered;
use crate::faults::effect::Spoil;
use crate::faults::endpoint::{CallbackFault, Endpoint, Kind, Misbehaviour};
use crate::log::Log;
use crate::params::Params;

impl DevProvider {
    /// Misbehaves from now on, until told to [`behave`](Self::behave). Switches add up.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        self.inner.mischief.set(misbehaviour, false);
    }

    /// Misbehaves once: the next time it matters.
    pub fn misbehave_once(&self, misbehaviour: Misbehaviour) {
        self.inner.mischief.set(misbehaviour, true);
    }

    /// Takes every switch back.
    pub fn behave(&self) {
        self.inner.mischief.0.lock().clear();
    }

    /// A copy of what the provider has seen so far.
    #[must_use]
    pub fn log(&self) -> Log {
        self.inner.log.copy()
    }

    /// Forgets what it has seen.
    pub fn clear_log(&self) {
        self.inner.log.clear();
    }

    /// Waits until the log is as wished, for example until a request has arrived that is never
    /// answered.
    ///
    /// ```
    /// # async fn wait(provider: &oauth_dance_dev::DevProvider) {
    /// provider.seen(|log| log.refreshes() == 1).await;
    /// # }
    /// ```
    pub async fn seen(&self, wish: impl Fn(&Log) -> bool) {
        self.inner.log.until(wish).await;
    }
}

/// A switch that is set.
struct Switch {
    kind: Kind,
    once: bool,
}

/// The switches that are set.
#[derive(Default)]
pub(crate) struct Mischief(Mutex<Vec<Switch>>);

impl Mischief {
    fn set(&self, Misbehaviour(kind): Misbehaviour, once: bool) {
        self.0.lock().push(Switch { kind, once });
    }

    /// What `pick` takes of every switch; those that were set for once are used up by it.
    fn take<T>(&self, pick: impl Fn(&Kind) -> Option<T>) -> Vec<T> {
        let mut taken = Vec::new();
        self.0.lock().retain(|switch| match pick(&switch.kind) {
            Some(picked) => {
                taken.push(picked);
                !switch.once
            }
            None => true,
        });
        taken
    }

    /// The faults of an endpoint, in the order they were set.
    pub(crate) fn faults(&self, at: Endpoint) -> Vec<Spoil> {
        self.take(|kind| match kind {
            Kind::At(endpoint, fault) if endpoint.covers(at) => Some(fault.0.clone()),
            _ => None,
        })
    }

    /// The error to refuse an authorization request with.
    pub(crate) fn refusal(&self) -> Option<Answered> {
        let refusals = self.take(|kind| match kind {
            Kind::Refuse {
                error,
                description,
                uri,
            } => {
                let mut answer = vec![("error".to_owned(), error.clone())];
                let optional = |name: &str, value: &Option<String>| {
                    value.clone().map(|value| (name.to_owned(), value))
                };
                answer.extend(optional("error_description", description));
                answer.extend(optional("error_uri", uri));
                Some(answer)
            }
            _ => None,
        });
        refusals.into_iter().next()
    }

    /// Spoils the parameters of an authorization response.
    pub(crate) fn spoil_callback(&self, answer: &mut Answered) {
        let faults = self.take(|kind| match kind {
            Kind::Callback(fault) => Some(fault.clone()),
            _ => None,
        });
        for fault in faults {
            match fault {
                CallbackFault::Set(name, value) => {
                    answer.retain(|(known, _)| *known != name);
                    answer.push((name, value));
                }
                CallbackFault::Remove(name) => answer.retain(|(known, _)| *known != name),
                CallbackFault::Repeat(name) => {
                    let repeated = answer.iter().find(|(known, _)| *known == name).cloned();
                    answer.extend(repeated);
                }
            }
        }
    }

    /// Whether PKCE is to be ignored; asked by the authorization endpoint.
    pub(crate) fn ignores_pkce(&self) -> bool {
        let picked = self.take(|kind| matches!(kind, Kind::IgnorePkce).then_some(()));
        !picked.is_empty()
    }

    /// Whether PKCE is still to be ignored; asked by the token endpoint.
    pub(crate) fn still_ignores_pkce(&self) -> bool {
        let switches = self.0.lock();
        switches
            .iter()
            .any(|switch| matches!(switch.kind, Kind::IgnorePkce) && !switch.once)
    }
}

impl Endpoint {
    /// Which endpoint a request is for.
    pub(crate) fn of(head: &Parts, form: &Params) -> Option<Self> {
        match (&head.method, head.uri.path()) {
            (&Method::POST, "/token") => match form.all("grant_type").next() {
                Some("authorization_code") => Some(Self::CodeExchange),
                Some("refresh_token") => Some(Self::Refresh),
                _ => Some(Self::Token),
            },
            (&Method::POST, "/revoke") => Some(Self::Revocation),
            (&Method::POST, "/introspect") => Some(Self::Introspection),
            (&Method::GET, "/userinfo") => Some(Self::Userinfo),
            (&Method::GET, "/.well-known/oauth-authorization-server") => Some(Self::Metadata),
            (&Method::GET, path) if path.starts_with("/api/") => Some(Self::Api),
            _ => None,
        }
    }

    fn covers(self, other: Self) -> bool {
        self == other
            || (self == Self::Token && matches!(other, Self::CodeExchange | Self::Refresh))
    }
}
