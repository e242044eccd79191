//! The faults that are injected right now, each for its endpoint.

use parking_lot::Mutex;

use super::effect::Effect;
use super::endpoint::Endpoint;

/// The faults that are injected right now, in the order in which they came.
#[derive(Default)]
pub(crate) struct Armed(Mutex<Vec<Injected>>);

struct Injected {
    endpoint: Endpoint,
    effect: Effect,
    once: bool,
}

impl Armed {
    pub(crate) fn inject(&self, endpoint: Endpoint, effect: Effect, once: bool) {
        let injected = Injected {
            endpoint,
            effect,
            once,
        };
        self.0.lock().push(injected);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The effects at `at` that `wanted` asks for. Those that were injected once are used up by it.
    fn take(&self, at: Endpoint, wanted: impl Fn(&Effect) -> bool) -> Vec<Effect> {
        let mut taken = Vec::new();
        self.0.lock().retain(|injected| {
            let heeded = injected.endpoint.covers(at) && wanted(&injected.effect);
            if heeded {
                taken.push(injected.effect.clone());
            }
            !(heeded && injected.once)
        });
        taken
    }

    /// What is done to the HTTP answer of an endpoint.
    pub(crate) fn on_the_answer(&self, at: Endpoint) -> Vec<Effect> {
        self.take(at, |effect| match at {
            Endpoint::Authorization => effect.is_about_http(),
            _ => true,
        })
    }

    /// What is done to the parameters of an authorization response.
    pub(crate) fn on_the_redirect(&self) -> Vec<Effect> {
        self.take(Endpoint::Authorization, Effect::is_about_fields)
    }

    /// The parameters to refuse an authorization request with.
    pub(crate) fn refusal(&self) -> Option<Vec<(String, String)>> {
        let refusals = self.take(Endpoint::Authorization, |effect| {
            matches!(effect, Effect::Refuse(_))
        });
        refusals.into_iter().find_map(|effect| match effect {
            Effect::Refuse(parameters) => Some(parameters),
            _ => None,
        })
    }

    /// Whether PKCE is to be ignored; asked by the authorization endpoint.
    pub(crate) fn ignores_pkce(&self) -> bool {
        let is_wanted = |effect: &Effect| matches!(effect, Effect::IgnorePkce);
        !self.take(Endpoint::Authorization, is_wanted).is_empty()
    }

    /// Whether PKCE is still to be ignored; asked by the token endpoint.
    pub(crate) fn still_ignores_pkce(&self) -> bool {
        let injected = self.0.lock();
        injected
            .iter()
            .any(|injected| matches!(injected.effect, Effect::IgnorePkce) && !injected.once)
    }
}
