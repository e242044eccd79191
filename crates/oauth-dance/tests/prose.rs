//! Holds the documentation of the core and of the repository to words that name an actor and a fact.

#[path = "../../signals/tests/support/prose.rs"]
mod prose;

use std::path::{Path, PathBuf};

use prose::violations;

/// Documentation of folders and files, relative to the workspace.
const DOCUMENTED: [&str; 7] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "crates/oauth-dance/README.md",
    "crates/oauth-dance/src",
    "docs",
];

/// The front page has a commit of its own.
const FRONT_PAGE: &str = "crates/oauth-dance/src/lib.rs:";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn documentation_names_actors_and_facts() {
    let workspace = workspace();
    let places: Vec<String> = DOCUMENTED
        .iter()
        .flat_map(|path| violations(&workspace.join(path)))
        .filter(|place| !place.replace('\\', "/").contains(FRONT_PAGE))
        .collect();
    assert!(
        places.is_empty(),
        "say who does what instead:\n{}",
        places.join("\n")
    );
}
