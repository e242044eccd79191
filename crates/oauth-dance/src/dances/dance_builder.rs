//! The builder of one dance.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::check::{check_client, check_name, target};
use crate::contract::token_store::TokenStore;
use crate::dance::Dance;
use crate::dance::paths::Paths;
use crate::dance::settings::Settings;
use crate::dance::site::Site;
use crate::driver::respond::with_fragment;
use crate::keep::vault::Store;
use crate::providers::provider::{ClientAuth, Provider};
use crate::steps::registration::{Description, Registration};
use crate::values::config_error::ConfigError;
use crate::values::credentials::Credentials;
use crate::values::loopback::is_loopback;
use crate::values::scopes::Scopes;

/// Collects the settings of one dance. They are checked when the
/// [`Dances`](crate::Dances) are built.
#[must_use]
pub struct DanceBuilder {
    provider: Provider,
    name: String,
    credentials: Option<Credentials>,
    scopes: Option<Scopes>,
    parameters: Vec<(String, String)>,
    token_parameters: Vec<(String, String)>,
    callback_path: Option<String>,
    redirect_to: String,
    error_to: Option<String>,
    logged_out_to: String,
    store: Option<Store>,
    identify: bool,
}

impl DanceBuilder {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            name: provider.id.clone(),
            provider,
            credentials: None,
            scopes: None,
            parameters: Vec::new(),
            token_parameters: Vec::new(),
            callback_path: None,
            redirect_to: "/".to_owned(),
            error_to: None,
            logged_out_to: "/".to_owned(),
            store: None,
            identify: true,
        }
    }

    /// Names the dance, for example because two registrations with one provider need two names:
    /// lower-case letters, digits and `-`, at most 64. By default the name is the provider's identifier.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the application's registration with the provider. Without this call it is read from the
    /// environment by [`Credentials::from_env`] with the name of the dance.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Reads the registration from the environment when the dances are built. This is the default.
    pub fn credentials_from_env(mut self) -> Self {
        self.credentials = None;
        self
    }

    /// Requests this scope. The first call replaces the provider's default scopes.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.get_or_insert_default().extend([scope.into()]);
        self
    }

    /// Requests exactly these scopes.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().collect());
        self
    }

    /// Adds a parameter to every authorization request, such as `prompt`.
    pub fn authorize_parameter(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Adds a parameter to every request for a token and to every refresh, such as `audience`, or `resource`
    /// (RFC 8707 §2.2, which may be repeated). The parameters of RFC 6749 are refused.
    pub fn token_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.token_parameters.push((name.into(), value.into()));
        self
    }

    /// Sets the path of the callback, for a redirect URI that is registered with the provider already: a path
    /// of the application such as `/oauth/callback`. It is not below [`mount_at`](crate::DancesBuilder::mount_at).
    /// By default it is `/login/` with the name and `/authorized`.
    pub fn callback_path(mut self, path: impl Into<String>) -> Self {
        self.callback_path = Some(path.into());
        self
    }

    /// Sets where a login ends that was begun without a `next`: a path of the application, or an absolute
    /// URL. The default is `/`. A path is below the
    /// [public prefix](crate::DancesBuilder::public_prefix). It is not a page of the dances, where the browser
    /// would begin another login.
    pub fn redirect_to(mut self, location: impl Into<String>) -> Self {
        self.redirect_to = location.into();
        self
    }

    /// Sets where a login ends if the provider refuses it. The default is the location of
    /// [`redirect_to`](Self::redirect_to).
    pub fn on_error_redirect_to(mut self, location: impl Into<String>) -> Self {
        self.error_to = Some(location.into());
        self
    }

    /// Sets where a logout ends: a path of the application, or an absolute URL. The default is `/`.
    pub fn on_logout_redirect_to(mut self, location: impl Into<String>) -> Self {
        self.logged_out_to = location.into();
        self
    }

    /// Keeps the tokens of this dance in `store` instead of the one that all dances share.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.store = Some(Store::Server(Arc::new(store)));
        self
    }

    /// Skips the request for the user's identity, although the provider has a userinfo endpoint. Call it
    /// if the scopes do not cover that endpoint.
    pub fn without_identity(mut self) -> Self {
        self.identify = false;
        self
    }

    /// Adds the callback that this dance has elsewhere, if it has one.
    pub(super) fn add_callback(&self, paths: &mut Paths) -> Result<(), ConfigError> {
        match &self.callback_path {
            Some(path) => paths.add_callback(&self.name, path),
            None => Ok(()),
        }
    }

    /// Returns whether the dance has a store of its own.
    pub(super) fn has_store(&self) -> bool {
        self.store.is_some()
    }

    pub(super) fn build(
        self,
        site: &Arc<Site>,
        common: &Common,
        token_slot: usize,
    ) -> Result<Dance, ConfigError> {
        let name = self.name.as_str();
        check_name(name)?;
        let provider = &self.provider;
        let credentials = match self.credentials {
            Some(credentials) => credentials,
            None if provider.client_auth == ClientAuth::None => Credentials::public_from_env(name)?,
            None => Credentials::from_env(name)?,
        };
        let paths = &site.paths;
        let target = |setting, text: &str| {
            target(&site.origin, paths, text)
                .map_err(|problem| ConfigError::invalid(name, setting, problem))
        };
        let end = |setting, text: &str| {
            let url = target(setting, text)?;
            let is_ours = url.origin() == site.origin.origin() && paths.are_own(&url);
            if is_ours {
                let problem = "is a page of the dances, where a browser would begin another login";
                return Err(ConfigError::invalid(name, setting, problem));
            }
            Ok(with_fragment(url))
        };
        let redirect_uri = paths.on(&site.origin, &paths.authorized(name));
        let description = Description {
            dance: name,
            provider,
            credentials: &credentials,
            scopes: self.scopes,
            authorize_parameters: self.parameters,
            token_parameters: self.token_parameters,
            identify: self.identify,
            redirect_uri: &redirect_uri,
            // An application that is reached over a network must not send its secrets to an unknown
            // program that listens on a port of its machine.
            allow_loopback_http: is_loopback(&site.origin),
        };
        let client = &*site.outbound.client;
        let reach = |setting, endpoint: &Url| check_client(client, name, setting, endpoint);
        let registration = Registration::check(description, reach)?;
        let redirect_to = end("redirect_to", &self.redirect_to)?;
        let settings = Settings {
            token_slot,
            login_url: paths.on(&site.origin, &paths.login(name)),
            logout_url: paths.on(&site.origin, &paths.logout(name)),
            error_to: match &self.error_to {
                Some(location) => end("on_error_redirect_to", location)?,
                None => redirect_to.clone(),
            },
            redirect_to,
            logged_out_to: target("on_logout_redirect_to", &self.logged_out_to)?,
            display_name: provider.display_name.clone(),
            redirect_uri,
            name: self.name,
        };
        let store = match self.store {
            Some(store) => store.in_time(common.store_deadline),
            None => common.store.clone(),
        };
        Ok(Dance::new(settings, registration, store, Arc::clone(site)))
    }
}

impl fmt::Debug for DanceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DanceBuilder")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// The shared settings that the builders of single dances need.
pub(super) struct Common {
    pub(super) store: Store,
    pub(super) store_deadline: Duration,
}
