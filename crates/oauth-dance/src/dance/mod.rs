//! `Dance`: one provider and one registration, ready to sign users in. Immutable.

pub(crate) mod chores;
pub(crate) mod effects;
pub(crate) mod events;
pub(crate) mod first_reply;
pub(crate) mod flights;
pub(crate) mod login;
pub(crate) mod paths;
pub(crate) mod receivers;
pub(crate) mod settings;
pub(crate) mod signal_set;
pub(crate) mod signals;
pub(crate) mod site;

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use url::Url;

use crate::contract::token_store::StoreKey;
use crate::dance::settings::Settings;
use crate::dance::site::Site;
use crate::flows::oauth2::OAuth2;
use crate::keep::cookies::RequestCookies;
use crate::keep::place::Place;
use crate::keep::token_cookie;
use crate::keep::vault::{InCookies, Store, Vault};
use crate::steps::registration::Registration;
use crate::values::holder::Holder;
use crate::values::scopes::Scopes;

/// The login with one provider: Flask-Dance's blueprint, without its shared state.
///
/// The dance is the sender of its signals. It never changes after it was built, and everything that
/// belongs to one login travels with that login. Clones are cheap and are the same dance.
#[derive(Clone)]
pub struct Dance(Arc<Parts>);

struct Parts {
    settings: Settings,
    registration: Registration,
    store: Store,
    site: Arc<Site>,
}

impl Dance {
    pub(crate) fn new(
        settings: Settings,
        registration: Registration,
        store: Store,
        site: Arc<Site>,
    ) -> Self {
        Self(Arc::new(Parts {
            settings,
            registration,
            store,
            site,
        }))
    }

    /// Returns the name of the dance, as in its URLs: `github` in `/login/github`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings().name
    }

    /// Returns the name that users know the provider by.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.settings().display_name
    }

    /// Returns the scopes that the dance requests.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.registration().scopes
    }

    /// Returns the URL where a login begins. Send a browser there by GET.
    #[must_use]
    pub fn login_url(&self) -> &Url {
        &self.settings().login_url
    }

    /// Returns the URL where a logout happens. A page of the application sends a POST there.
    ///
    /// The logout ends this browser's sign-in with this dance. A token that belongs to the browser is
    /// deleted, and the provider is asked to revoke it. A token that belongs to a user of the application
    /// stays, because their other browsers and background jobs use it: [`forget`](Self::forget) deletes it.
    #[must_use]
    pub fn logout_url(&self) -> &Url {
        &self.settings().logout_url
    }

    /// Returns the URL of the callback. Register it with the provider as redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> &Url {
        &self.settings().redirect_uri
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn registration(&self) -> &Registration {
        &self.0.registration
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.site
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Returns whether tokens are kept in the browser's cookies.
    pub(crate) fn keeps_tokens_in_cookies(&self) -> bool {
        matches!(self.0.store, Store::Cookies)
    }

    /// Returns the conversation with the provider.
    pub(crate) fn flow(&self) -> OAuth2<'_> {
        OAuth2 {
            registration: self.registration(),
            outbound: &self.site().outbound,
            clock: &*self.site().clock,
        }
    }

    /// Returns the place that everything kept for this dance belongs to.
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            dance: self.name(),
            registration: &self.registration().fingerprint,
        }
    }

    /// Returns the headers that delete the token cookies of this dance that a request carries.
    pub(crate) fn forget_token_cookies(&self, request: &RequestCookies) -> Vec<HeaderValue> {
        token_cookie::forget(self.name(), &self.site().cookies.policy, request)
    }

    /// Returns the place of a holder's token.
    pub(crate) fn vault(&self, holder: &Holder) -> Vault<'_> {
        let site = self.site();
        let key = StoreKey::new(self.name(), holder.owner.clone())
            .at_site(&site.name)
            .of_account(&holder.account);
        let registration = self.place().registration;
        let now = site.now();
        let in_cookies = InCookies {
            first_slot: self.settings().token_slot,
            now,
            expires_at: now.plus(site.session_lifetime),
        };
        Vault::new(key, registration, &self.0.store, &site.cookies, in_cookies)
    }
}

/// Receivers may filter by sender: `OAUTH_AUTHORIZED.receiver(f).from(&github)`. Two applications in one
/// process may have dances of one name, so the origin is a part of the sender.
impl ::signals::Sender for Dance {
    type Key = (url::Origin, String);

    fn key(&self) -> Self::Key {
        (self.site().origin.origin(), self.name().to_owned())
    }
}

impl fmt::Debug for Dance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dance").field(&self.name()).finish()
    }
}
