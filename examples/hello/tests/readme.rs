//! The README shows this very program, and the dependencies that it has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first block of the README whose fence begins with `fence`, without its fences.
fn first_block(readme: &str, fence: &str) -> String {
    let lines = readme.lines().skip_while(|line| !line.starts_with(fence));
    let block = lines.skip(1).take_while(|line| !line.starts_with("```"));
    block.flat_map(|line| [line, "\n"]).collect()
}

fn here(file: &str) -> String {
    read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
}

/// The names in a `[dependencies]` table.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let table = manifest["dependencies"].as_table().expect("a table");
    table.keys().cloned().collect()
}

#[test]
fn the_readme_begins_with_this_program() {
    let shown = first_block(&read(README), "```rust");
    assert_eq!(shown, here("src/main.rs"));
}

#[test]
fn the_program_fits_on_a_screen() {
    assert!(here("src/main.rs").lines().count() <= 56);
}

#[test]
fn the_readme_names_every_dependency() {
    let shown = dependencies(&first_block(&read(README), "```toml"));
    assert_eq!(shown, dependencies(&here("Cargo.toml")));
}
