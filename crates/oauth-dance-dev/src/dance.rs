//! A provider as an application's dance.

use oauth_dance::{ClientAuth, Credentials, Dance, DanceBuilder, Provider};

use crate::addresses::Place;
use crate::provider::{DevProvider, ScopeDescription};

impl DevProvider {
    /// Returns a provider that answers at the very URLs of `provider`, in this process: what an
    /// application needs to test its own login.
    ///
    /// Its people are `ada` and `grace`. One application is registered, under a client identifier that no
    /// other stand-in has and with every redirect URI. [`dance`](Self::dance) and [`client`](Self::client)
    /// are what the application is built with:
    ///
    /// ```
    /// use oauth_dance::{Dances, Key, providers};
    /// use oauth_dance_dev::DevProvider;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let github = DevProvider::standing_in_for(providers::github());
    /// let dances = Dances::builder("https://app.test", Key::generate()?)
    ///     .client(github.client())
    ///     .with(github.dance().redirect_to("/welcome"))
    ///     .build()?;
    /// # let _ = dances;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What [`Provider::token_quirks`] says the other provider may do, this one does: errors with status
    /// 200, commas between scopes, form-encoded tokens unless the application asks for JSON. Every scope
    /// can be asked for. The userinfo endpoint says everything about the person, also what was not granted:
    /// the identifier where the provider has it, `login` and `preferred_username`, `name`, `email`. For
    /// other people or answers of the API, use [`stand_in_for`](crate::DevProviderBuilder::stand_in_for).
    ///
    /// # Panics
    ///
    /// If an endpoint of `provider` is not an absolute URL.
    #[must_use]
    pub fn standing_in_for(provider: Provider) -> Self {
        Self::builder().demo_people().stand_in_for(provider).build()
    }

    /// Returns the provider as a dance that waits to be built, with the credentials of the first client.
    ///
    /// # Panics
    ///
    /// If no client is registered.
    pub fn dance(&self) -> DanceBuilder {
        let provider = &*self.inner;
        let client = provider.clients.first();
        let client =
            client.expect("an application is registered: see `DevProviderBuilder::client`");
        let described = match &provider.stand_in {
            Some(stand_in) => stand_in.0.clone(),
            None => self.described(),
        };
        match &client.secret {
            Some(secret) => {
                Dance::builder(described).credentials(Credentials::new(&client.id, secret))
            }
            None => Dance::builder(described.client_auth(ClientAuth::None))
                .credentials(Credentials::public(&client.id)),
        }
    }

    /// What an application writes about this provider.
    fn described(&self) -> Provider {
        let issuer = self.issuer();
        let at = |place| {
            let path = self.inner.addresses.path(place);
            format!("{issuer}{path}")
        };
        let scopes = self.inner.scopes.iter().map(ScopeDescription::name);
        let described = Provider::oauth2("dev", at(Place::Authorize), at(Place::Token))
            .display_name("Development provider")
            .userinfo(at(Place::Userinfo), "sub")
            .revoke(at(Place::Revoke))
            .api_base(format!("{issuer}/api/"))
            .scopes(scopes);
        if self.inner.names_issuer {
            // RFC 9207 §2.4: what the metadata announces is required.
            return described.issuer(issuer).require_issuer();
        }
        described
    }
}
