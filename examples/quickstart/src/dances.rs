//! The dances of the site: the development provider, and every real one whose credentials are set.

use oauth_dance::providers::Catalog;
use oauth_dance::{Credentials, DanceBuilder, Dances, Key};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_sqlx::SqliteStore;

use crate::dev_provider;
use crate::error::StartError;

/// What the dances are made of.
pub(crate) struct Parts<'a> {
    pub(crate) origin: &'a str,
    pub(crate) port: u16,
    pub(crate) key: Key,
    pub(crate) store: SqliteStore,
    pub(crate) issuer: &'a str,
}

/// Builds the dances; with notes for the terminal about providers that were left out.
pub(crate) fn build(parts: Parts<'_>) -> Result<(Dances, Vec<String>), StartError> {
    let mut builder = Dances::builder(parts.origin, parts.key)
        .client(ReqwestClient::new()?)
        // What the recipes need: `login.state::<SqlitePool>()`.
        .state(parts.store.pool().clone())
        .store(parts.store)
        // Cookies do not see ports: two quickstarts on one machine must not share them.
        .cookie_namespace(format!("quickstart{}", parts.port))
        .with(at_home(dev_provider::dance(parts.issuer)));
    let mut notes = Vec::new();
    for provider in Catalog::built_in().iter() {
        match credentials(provider.id()) {
            None => {}
            Some(Ok(credentials)) => {
                let dance = provider.clone().credentials(credentials);
                builder = builder.with(at_home(dance));
            }
            Some(Err(note)) => notes.push(format!("{} is left out: {note}", provider.name())),
        }
    }
    Ok((builder.build()?, notes))
}

/// Where logins and logouts of this site end.
fn at_home(dance: DanceBuilder) -> DanceBuilder {
    dance.redirect_to("/").on_logout_redirect_to("/signed-out")
}

/// The registration with the provider called `id`, if the environment speaks of one.
fn credentials(id: &str) -> Option<Result<Credentials, String>> {
    let prefix = id.to_ascii_uppercase().replace('-', "_");
    std::env::var_os(format!("{prefix}_OAUTH_CLIENT_ID"))?;
    if !ReqwestClient::HAS_TLS {
        return Some(Err("this build speaks no https".to_owned()));
    }
    Some(Credentials::from_env(id).map_err(|error| error.to_string()))
}
