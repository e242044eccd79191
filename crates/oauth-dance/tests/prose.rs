//! Holds the documentation of the repository to words that name an actor and a fact.

#[path = "../../signals/tests/support/prose.rs"]
mod prose;

use std::fs;
use std::path::{Path, PathBuf};

use prose::violations;

/// Documentation of the whole repository, relative to the workspace.
const DOCUMENTED: [&str; 6] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs",
];

/// What a crate documents, relative to its folder.
const DOCUMENTED_IN_A_CRATE: [&str; 3] = ["README.md", "docs", "src"];

/// Documentation of the repository and of its crates. The bus and its macros have a test of their own.
fn documentation() -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let crates: Vec<PathBuf> = fs::read_dir(workspace.join("crates"))
        .unwrap()
        .map(|krate| krate.unwrap().path())
        .filter(|krate| {
            !krate
                .file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("signals")
        })
        .collect();
    assert!(crates.len() > 1, "{crates:?}");
    let of_crates = crates
        .iter()
        .flat_map(|krate| DOCUMENTED_IN_A_CRATE.map(|path| krate.join(path)))
        .filter(|path| path.exists());
    let of_all = DOCUMENTED.iter().map(|path| workspace.join(path));
    of_all.chain(of_crates).collect()
}

#[test]
fn documentation_names_actors_and_facts() {
    let places: Vec<String> = documentation()
        .iter()
        .flat_map(|path| violations(path))
        .collect();
    assert!(
        places.is_empty(),
        "say who does what instead:\n{}",
        places.join("\n")
    );
}
