//! Holds the documentation of the bus and of its macros to words that name an actor and a fact.

#[path = "support/prose.rs"]
mod prose;

use std::fs;
use std::path::Path;

use prose::violations;

/// Documentation of folders and files, relative to this package.
const DOCUMENTED: [&str; 4] = [
    "README.md",
    "src",
    "../signals-macros/README.md",
    "../signals-macros/src",
];

/// The engine has no public items. Its comments explain a protocol between threads that have no names.
const ENGINE: &str = "src/engine/";

#[test]
fn documentation_names_actors_and_facts() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places: Vec<String> = DOCUMENTED
        .iter()
        .flat_map(|folder| violations(&package.join(folder)))
        .filter(|place| !place.replace('\\', "/").contains(ENGINE))
        .collect();
    assert!(
        places.is_empty(),
        "say who does what instead:\n{}",
        places.join("\n")
    );
}

#[test]
fn an_avoided_word_is_found_wherever_it_stands_in_documentation() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prose");
    fs::create_dir_all(&folder).unwrap();
    let source = "//! Nobody is here.\n\
                  // whoever reads this\n\
                  /// An error is no\n/// outcome. Thereby, it is no longer one.\n\
                  /// ```\n/// // whatever\n/// ```\n\
                  fn somebody() {} /* lest */\n";
    fs::write(folder.join("a.rs"), source).unwrap();
    fs::write(folder.join("b.md"), "A\nletter *goes\nout*; goes. Out.\n").unwrap();
    let found: Vec<String> = violations(&folder)
        .iter()
        .map(|place| place.rsplit(['/', '\\']).next().unwrap().to_owned())
        .collect();
    let expected = [
        "a.rs:1: nobody",
        "a.rs:3: is no outcome",
        "a.rs:4: thereby",
        "b.md:2: goes out",
    ];
    assert_eq!(found, expected);
}
