//! The catalog: one constructor and one type per provider. The facts are in `catalog.toml`.
//!
//! A constructor returns the [`Provider`]. The type of the same name names its dance where a type is
//! needed, as in the extractor `Api<providers::GitHub>` of an adapter.

pub(crate) mod api_base;
mod catalog;
pub(crate) mod meaning;
pub(crate) mod name;
pub(crate) mod provider;
pub(crate) mod quirks;

pub use self::catalog::{Catalog, CatalogError};

use self::name::DanceName;
use self::provider::Provider;

macro_rules! constructors {
    ($($(#[$doc:meta])* $constructor:ident, $type:ident, $id:literal;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Panics
            ///
            /// Never in a released crate: a test of this crate builds every constructor.
            #[must_use]
            pub fn $constructor() -> Provider {
                built_in($id)
            }

            #[doc = concat!("The dance called `", $id, "`, which [`", stringify!($constructor), "`] has unless it is named otherwise.")]
            #[derive(Debug, Clone, Copy)]
            pub struct $type;

            impl DanceName for $type {
                const NAME: &'static str = $id;
            }
        )*

        #[cfg(test)]
        const CONSTRUCTORS: &[(fn() -> Provider, &str)] = &[$(($constructor, $id)),*];
    };
}

constructors! {
    /// Returns GitHub, by an *OAuth app*.
    ///
    /// Registration: Settings → Developer settings → OAuth Apps. The callback URL is
    /// `https://YOUR-ORIGIN/login/github/authorized`. Asks for `read:user` and `user:email`. Its errors
    /// arrive with status 200, its granted scopes are separated by commas. Both are known to the catalog.
    github, GitHub, "github";
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
        for (constructor, id) in CONSTRUCTORS {
            assert_eq!(constructor().id(), *id);
        }
    }
}
