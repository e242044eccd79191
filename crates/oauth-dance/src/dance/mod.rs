//! `Dance`: one provider, one registration, ready to sign people in. Immutable.

pub(crate) mod effects;
pub(crate) mod flights;
pub(crate) mod paths;
pub(crate) mod settings;
pub(crate) mod signal_set;
pub(crate) mod site;

use std::fmt;
use std::sync::Arc;

use signals::AsyncSignal;
use url::Url;

use crate::api::ApiClient;
use crate::dance::settings::Settings;
use crate::dance::signal_set::Chosen;
use crate::dance::site::Site;
use crate::dances::dance_builder::DanceBuilder;
use crate::keep::vault::{Store, Vault};
use crate::providers::provider::Provider;
use crate::values::owner::Owner;
use crate::values::scopes::Scopes;

/// The login with one provider: Flask-Dance's blueprint, without its shared state.
///
/// It is the sender of the dance's signals. It never changes after it was built; everything that
/// belongs to one login travels with that login. Clones are cheap and are the same dance.
#[derive(Clone)]
pub struct Dance(pub(crate) Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) site: Arc<Site>,
}

impl Dance {
    /// Begins to describe a dance with this provider.
    pub fn builder(provider: Provider) -> DanceBuilder {
        DanceBuilder::new(provider)
    }

    /// Its name, as in its URLs: `github` in `/login/github`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings().name
    }

    /// The provider's name as people know it.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.settings().display_name
    }

    /// The scopes it asks for.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.settings().scopes
    }

    /// Where a login begins: send a browser there by GET.
    #[must_use]
    pub fn login_url(&self) -> &Url {
        &self.settings().login_url
    }

    /// Where a logout happens: POST there from a page of the application.
    ///
    /// It deletes the stored token and asks the provider to take it back. A token that was stored for a
    /// user of the application is thereby gone for all of the user's browsers.
    #[must_use]
    pub fn logout_url(&self) -> &Url {
        &self.settings().logout_url
    }

    /// The callback, to be registered with the provider as redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> &Url {
        &self.settings().redirect_uri
    }

    /// The provider's API with the stored token of `owner`.
    ///
    /// Tokens kept in the browser's cookies are not within a server's reach: there, ask the
    /// [`Visit`](crate::Visit).
    #[must_use]
    pub fn api(&self, owner: &Owner) -> ApiClient {
        ApiClient::for_owner(self.clone(), owner.clone())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.site
    }

    pub(crate) fn vault(&self, owner: &Owner) -> Vault<'_> {
        Vault::new(self.site(), &self.0.store, self.settings(), owner)
    }

    /// The static signal, or its twin in the application's own set.
    pub(crate) fn signal<P: Send + Sync, O: Send>(
        &self,
        signal: &'static AsyncSignal<Self, P, O>,
    ) -> Chosen<Self, P, O>
    where
        AsyncSignal<Self, P, O>: Send + Sync,
    {
        match &self.site().signals {
            Some(set) => Chosen::Twin(set.of(signal)),
            None => Chosen::Static(signal),
        }
    }
}

/// Receivers may filter by sender: `OAUTH_AUTHORIZED.receiver(f).from(&github)`. Two applications in one
/// process may have dances of one name, so the origin belongs to it.
impl signals::Sender for Dance {
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
