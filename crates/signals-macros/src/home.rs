//! Where the `signals` crate is found by the crate that the attribute stands in.

use std::iter;
use std::path::Path;

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;
use toml_edit::{DocumentMut, Item, TableLike};

/// A package through which the bus can be reached.
struct Home {
    package: &'static str,
    /// The name of its library.
    library: &'static str,
    /// The module in it that is the `signals` crate, if it is not that crate itself.
    module: Option<&'static str>,
}

/// The packages that are looked for, the preferred one first. A crate that re-exports `signals` for its
/// users has a line here.
const HOMES: [Home; 2] = [
    Home {
        package: "named-signals",
        library: "signals",
        module: None,
    },
    Home {
        package: "oauth-dance",
        library: "oauth_dance",
        module: Some("signals"),
    },
];

/// Returns the path of the `signals` crate, as the package being compiled can write it.
///
/// If nothing is found, or no manifest can be read (another build tool than Cargo), that is `::signals`.
pub(crate) fn path() -> TokenStream {
    let mut found: Vec<(&Home, String)> = HOMES
        .iter()
        .filter_map(|home| Some((home, extern_name(home, crate_name(home.package).ok()?))))
        .collect();
    if found.len() > 1
        && let Some(manifest) = manifest()
    {
        // Tests see the development dependencies too, but the library does not. Otherwise the order stays.
        found.sort_by_key(|(_, name)| !is_always_there(&manifest, name));
    }
    let Some((home, name)) = found.first() else {
        return quote!(::signals);
    };
    let names = iter::once(name.as_str()).chain(home.module);
    let names = names.map(|name| Ident::new(name, Span::call_site()));
    quote!(#(::#names)*)
}

/// Returns the name by which code of the package reaches the library of `home`.
fn extern_name(home: &Home, found: FoundCrate) -> String {
    match found {
        // A dependency that is not renamed goes by its library's name, which the lookup does not know.
        FoundCrate::Name(name) if name != sanitized(home.package) => name,
        // Its own tests, examples and documentation use it from outside.
        FoundCrate::Name(_) | FoundCrate::Itself => home.library.to_owned(),
    }
}

fn manifest() -> Option<DocumentMut> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let text = std::fs::read_to_string(Path::new(&folder).join("Cargo.toml")).ok()?;
    text.parse().ok()
}

/// Whether the package cannot be built without the dependency of this name: it is neither optional nor for
/// development alone.
fn is_always_there(manifest: &DocumentMut, name: &str) -> bool {
    let platforms = manifest.get("target").and_then(Item::as_table_like);
    let platforms = platforms.into_iter().flat_map(TableLike::iter);
    let tables = platforms
        .filter_map(|(_, platform)| platform.get("dependencies"))
        .chain(manifest.get("dependencies"));
    tables
        .filter_map(Item::as_table_like)
        .flat_map(TableLike::iter)
        .filter(|(key, _)| {
            // A package that is not renamed is listed by its own name.
            let home = HOMES
                .iter()
                .find(|home| sanitized(home.package) == sanitized(key));
            home.map_or_else(|| sanitized(key), |home| home.library.to_owned()) == name
        })
        .any(|(_, entry)| entry.get("optional").and_then(Item::as_bool) != Some(true))
}

fn sanitized(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn always(manifest: &str, name: &str) -> bool {
        is_always_there(&manifest.parse().unwrap(), name)
    }

    #[test]
    fn a_dependency_of_every_target_is_always_there() {
        let manifest = "[dependencies]\nbus = { package = 'named-signals', version = '1' }";
        assert!(always(manifest, "bus"));
        assert!(always("dependencies.named-signals = '1'", "signals"));
        assert!(always(
            "dependencies.oauth-dance.workspace = true",
            "oauth_dance"
        ));
        assert!(always(
            "target.'cfg(unix)'.dependencies.signals = '1'",
            "signals"
        ));
    }

    #[test]
    fn a_dependency_for_development_or_behind_a_feature_is_not() {
        assert!(!always("dev-dependencies.signals = '1'", "signals"));
        let optional = "dependencies.signals = { version = '1', optional = true }";
        assert!(!always(optional, "signals"));
        assert!(!always("dependencies.other = '1'", "signals"));
    }

    #[test]
    fn a_package_goes_by_its_new_name_or_by_that_of_its_library() {
        let [bus, dance] = &HOMES;
        let name = |name: &str| FoundCrate::Name(name.to_owned());
        assert_eq!(extern_name(bus, name("bus")), "bus");
        assert_eq!(extern_name(bus, name("named_signals")), "signals");
        assert_eq!(extern_name(bus, FoundCrate::Itself), "signals");
        assert_eq!(extern_name(dance, name("oauth_dance")), "oauth_dance");
        assert_eq!(extern_name(dance, name("dance")), "dance");
    }

    #[test]
    fn a_package_with_neither_is_told_to_have_the_bus() {
        // That of this crate has none of them.
        assert_eq!(path().to_string(), quote!(::signals).to_string());
    }
}
