//! The catalog: one constructor per provider, its facts in `catalog.toml`.

mod catalog;
pub(crate) mod provider;
pub(crate) mod quirks;

pub use self::catalog::{Catalog, CatalogError};

use crate::providers::provider::Provider;

/// GitHub, by an *OAuth app*.
///
/// Registration: Settings → Developer settings → OAuth Apps; the callback URL is
/// `https://YOUR-ORIGIN/login/github/authorized`. Asks for `read:user` and `user:email`. Its errors
/// arrive with status 200, its granted scopes are separated by commas; both are known to the catalog.
///
/// # Panics
///
/// Never in a released crate: the built-in catalog is checked by its own tests.
#[must_use]
pub fn github() -> Provider {
    built_in("github")
}

fn built_in(id: &str) -> Provider {
    Catalog::built_in()
        .provider(id)
        .expect("every constructor has an entry in the catalog, which a test checks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constructor_has_its_entry() {
        assert_eq!(github().id(), "github");
    }
}
