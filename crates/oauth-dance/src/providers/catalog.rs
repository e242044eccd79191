//! Reading a catalog of providers, the built-in one or one loaded at run time.

use std::collections::BTreeMap;
use std::time::Duration;

use once_cell::sync::Lazy;
use serde::Deserialize;

use crate::providers::api_base::ApiBaseMember;
use crate::providers::provider::{ClientAuth, Provider};
use crate::providers::quirks::Quirks;
use crate::values::scopes::Scopes;

static BUILT_IN: Lazy<Catalog> = Lazy::new(|| {
    Catalog::from_toml(include_str!("catalog.toml"))
        .expect("the built-in catalog parses, which a test checks")
});

/// Providers by their identifiers.
///
/// ```
/// use oauth_dance::providers::Catalog;
///
/// let github = Catalog::built_in().provider("github").unwrap();
/// assert_eq!(github.name(), "GitHub");
/// ```
#[derive(Debug, Clone)]
pub struct Catalog {
    providers: BTreeMap<String, Provider>,
}

impl Catalog {
    /// Returns the catalog that this crate ships.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads a catalog in the format of the built-in one, for example a newer copy of it.
    ///
    /// # Errors
    ///
    /// - [`CatalogError::Malformed`] if the text is not TOML, or if an entry lacks a field or has an
    ///   unknown one.
    /// - [`CatalogError::Repeated`] if an identifier appears twice.
    pub fn from_toml(text: &str) -> Result<Self, CatalogError> {
        let file: File = toml::from_str(text).map_err(|error| CatalogError::Malformed {
            problem: error.message().to_owned(),
        })?;
        let mut providers = BTreeMap::new();
        for entry in file.provider {
            let id = entry.id.clone();
            if providers.insert(id.clone(), entry.into()).is_some() {
                return Err(CatalogError::Repeated { id });
            }
        }
        Ok(Self { providers })
    }

    /// Returns the provider called `id`.
    #[must_use]
    pub fn provider(&self, id: &str) -> Option<Provider> {
        self.providers.get(id).cloned()
    }

    /// Returns all providers, ordered by identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }
}

/// Why a catalog could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The text is not TOML, or not a catalog.
    #[error("the catalog cannot be read: {problem}")]
    Malformed {
        /// The parser's description of the problem.
        problem: String,
    },
    /// An identifier appears twice.
    #[error("the catalog has two providers called {id:?}")]
    Repeated {
        /// The identifier.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    provider: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    issuer: Option<String>,
    #[serde(default)]
    requires_issuer: bool,
    authorize: String,
    token: String,
    userinfo: Option<String>,
    #[serde(default = "default_user_id")]
    user_id: String,
    user_id_never_changes: Option<String>,
    #[serde(default)]
    denied_errors: Vec<String>,
    revoke: Option<String>,
    api_base: Option<String>,
    api_base_from: Option<ApiBaseMember>,
    /// In seconds.
    token_lifetime: Option<u64>,
    #[serde(default)]
    scopes: Scopes,
    #[serde(default = "default_scope_separator")]
    scope_separator: String,
    #[serde(default)]
    client_auth: ClientAuth,
    #[serde(default)]
    quirks: Quirks,
}

fn default_user_id() -> String {
    "sub".to_owned()
}

fn default_scope_separator() -> String {
    " ".to_owned()
}

impl From<Entry> for Provider {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            display_name: entry.name,
            issuer: entry.issuer,
            requires_issuer: entry.requires_issuer,
            is_from_catalog: true,
            authorize: entry.authorize,
            token: entry.token,
            userinfo: entry.userinfo,
            user_id: entry.user_id,
            stable_user_id: entry.user_id_never_changes,
            denied_errors: entry.denied_errors,
            revoke: entry.revoke,
            api_base: entry.api_base,
            api_base_member: entry.api_base_from,
            token_lifetime: entry.token_lifetime.map(Duration::from_secs),
            scopes: entry.scopes,
            scope_separator: entry.scope_separator,
            client_auth: entry.client_auth,
            quirks: entry.quirks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"
        [[provider]]
        id = "acme"
        name = "Acme"
        authorize = "https://acme.example/a"
        token = "https://acme.example/t"
    "#;

    #[test]
    fn the_built_in_catalog_has_https_endpoints_only() {
        for provider in Catalog::built_in().iter() {
            for url in [&provider.authorize, &provider.token] {
                assert!(
                    provider.endpoint("dance", "endpoint", url, false).is_ok(),
                    "{url}"
                );
            }
        }
    }

    #[test]
    fn an_entry_needs_only_its_endpoints() {
        let catalog = Catalog::from_toml(ENTRY).unwrap();
        assert_eq!(catalog.provider("acme").unwrap().name(), "Acme");
    }

    #[test]
    fn a_repeated_identifier_is_refused() {
        let twice = format!("{ENTRY}{ENTRY}");
        let error = Catalog::from_toml(&twice).unwrap_err();
        assert_eq!(error, CatalogError::Repeated { id: "acme".into() });
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = Catalog::from_toml(&format!("{ENTRY}\ntokn_auth = \"post\"")).unwrap_err();
        assert!(error.to_string().contains("tokn_auth"), "{error}");
    }
}
