//! The methods that return the builders.

use crate::contract::token_store::TokenStore;
use crate::dance::Dance;
use crate::dances::Dances;
use crate::dances::builder::DancesBuilder;
use crate::dances::dance_builder::DanceBuilder;
use crate::providers::provider::Provider;
use crate::values::credentials::Credentials;
use crate::values::key::KeyRing;

impl Dances {
    /// Begins to describe the dances of the application at `origin`: scheme, host and port as browsers
    /// see them.
    ///
    /// Everything that the dances give to browsers and stores is sealed under `keys`: a
    /// [`Key`](crate::Key), or a [`KeyRing`] for rotation.
    ///
    /// The origin is https, or plain http on loopback for development. Plain http elsewhere is refused.
    pub fn builder(origin: impl Into<String>, keys: impl Into<KeyRing>) -> DancesBuilder {
        DancesBuilder::new(origin.into(), keys.into())
    }
}

impl Dance {
    /// Begins to describe a dance with this provider.
    pub fn builder(provider: Provider) -> DanceBuilder {
        DanceBuilder::new(provider)
    }
}

/// A provider is a dance that has not been built yet.
impl From<Provider> for DanceBuilder {
    fn from(provider: Provider) -> Self {
        Self::new(provider)
    }
}

/// A provider is a dance that has not been built yet. These methods begin to describe the dance.
impl Provider {
    /// Begins to describe a dance: [`DanceBuilder::name`].
    pub fn named(self, name: impl Into<String>) -> DanceBuilder {
        DanceBuilder::new(self).name(name)
    }

    /// Begins to describe a dance: [`DanceBuilder::credentials`].
    pub fn credentials(self, credentials: Credentials) -> DanceBuilder {
        DanceBuilder::new(self).credentials(credentials)
    }

    /// Begins to describe a dance: [`DanceBuilder::credentials_from_env`].
    pub fn credentials_from_env(self) -> DanceBuilder {
        DanceBuilder::new(self).credentials_from_env()
    }

    /// Begins to describe a dance: [`DanceBuilder::scope`].
    pub fn scope(self, scope: impl Into<String>) -> DanceBuilder {
        DanceBuilder::new(self).scope(scope)
    }

    /// Begins to describe a dance: [`DanceBuilder::authorize_parameter`].
    pub fn authorize_parameter(
        self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> DanceBuilder {
        DanceBuilder::new(self).authorize_parameter(name, value)
    }

    /// Begins to describe a dance: [`DanceBuilder::redirect_to`].
    pub fn redirect_to(self, location: impl Into<String>) -> DanceBuilder {
        DanceBuilder::new(self).redirect_to(location)
    }

    /// Begins to describe a dance: [`DanceBuilder::store`].
    pub fn store(self, store: impl TokenStore) -> DanceBuilder {
        DanceBuilder::new(self).store(store)
    }
}
