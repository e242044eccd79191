//! Holds the sources to the invariants that `ARCHITECTURE.md` states and no compiler checks.

mod coverage;
mod floors;
mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A Rust source of the workspace.
struct Source {
    /// Relative to the workspace, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// Numbered lines that are no comments, up to the unit tests of a source file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let in_src = self.path.contains("/src/");
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .take_while(move |(_, line)| !(in_src && *line == "#[cfg(test)]"))
            .filter(|(_, line)| !line.starts_with("//"))
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All Rust sources below `folders` of the workspace.
fn sources(folders: &[&str]) -> Vec<Source> {
    let root = workspace();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.ends_with("target") || path.ends_with("node_modules") {
            continue;
        }
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            waiting.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(&root).unwrap();
            sources.push(Source {
                path: relative.to_str().unwrap().replace('\\', "/"),
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
    assert!(!sources.is_empty(), "no sources below {folders:?}");
    sources
}

/// The `src` folders of all crates, relative to the workspace, with a `/` at the end.
fn crates_with_sources() -> Vec<String> {
    let crates = fs::read_dir(workspace().join("crates")).unwrap();
    let names = crates.map(|krate| krate.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<String> = names.map(|name| format!("crates/{name}/src/")).collect();
    folders.sort();
    folders
}

/// Fails with every place where one of `words` stands in the code of `sources`.
#[track_caller]
fn forbid<'s>(sources: impl IntoIterator<Item = &'s Source>, words: &[&str]) {
    forbid_on(sources, words, "forbidden here");
}

/// Fails with `rule` and every place where one of `words` stands in the code of `sources`.
#[track_caller]
fn forbid_on<'s>(sources: impl IntoIterator<Item = &'s Source>, words: &[&str], rule: &str) {
    let mut places = Vec::new();
    let mut read = 0;
    for source in sources {
        read += 1;
        for (number, line) in source.code() {
            let found = words.iter().filter(|word| line.contains(**word));
            places.extend(found.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    assert_ne!(read, 0, "no source was read: the rule guards nothing");
    assert!(places.is_empty(), "{rule}:\n{}", places.join("\n"));
}

fn manifest(path: &Path) -> toml::Table {
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// The names in `[dependencies]` of a crate, without the optional ones.
fn required_dependencies(krate: &str) -> Vec<String> {
    let manifest = manifest(&workspace().join("crates").join(krate).join("Cargo.toml"));
    let optional =
        |entry: &toml::Value| entry.get("optional").and_then(toml::Value::as_bool) == Some(true);
    manifest["dependencies"]
        .as_table()
        .unwrap()
        .iter()
        .filter(|(_, entry)| !optional(entry))
        .map(|(name, _)| name.clone())
        .collect()
}

#[test]
fn invariant_1_the_bus_knows_no_http_no_oauth_and_no_runtime() {
    for krate in ["signals", "signals-macros"] {
        for dependency in required_dependencies(krate) {
            let foreign = ["http", "oauth2", "tokio", "oauth-dance"].contains(&dependency.as_str());
            assert!(!foreign, "{krate} depends on {dependency}");
        }
    }
}

#[test]
fn invariant_2_steps_do_not_wait_read_a_clock_or_draw_randomness() {
    forbid(
        &sources(&["crates/oauth-dance/src/steps"]),
        &[
            ".await",
            "async ",
            "SystemTime",
            "Instant",
            "Clock",
            "Entropy",
            "getrandom",
            "random_text",
            "new_random",
        ],
    );
}

#[test]
fn invariant_3_a_dance_has_no_interior_mutability() {
    let core = sources(&["crates/oauth-dance/src"]);
    let immutable = core.iter().filter(|source| {
        [
            "/dance/mod.rs",
            "/dance/settings.rs",
            "/steps/registration.rs",
        ]
        .iter()
        .any(|immutable| source.path.ends_with(immutable))
    });
    forbid(
        immutable,
        &[
            "Mutex",
            "RwLock",
            "Cell",
            "Atomic",
            "Once",
            "Lazy",
            "static mut",
        ],
    );
}

#[test]
fn invariant_4_oauth2_is_called_by_the_steps_only() {
    let core = sources(&["crates/oauth-dance/src"]);
    let (steps, others): (Vec<_>, Vec<_>) = core
        .iter()
        .partition(|source| source.path.contains("/steps/"));
    forbid(others, &["use oauth2", " oauth2::", "<oauth2::"]);
    forbid(
        steps,
        &[
            "pub fn",
            "pub struct",
            "pub enum",
            "pub use",
            "pub mod",
            "pub type",
        ],
    );
}

#[test]
fn invariant_5_adapters_know_no_oauth_word() {
    forbid(
        &sources(&[
            "crates/oauth-dance-actix/src",
            "crates/oauth-dance-axum/src",
            "crates/oauth-dance-poem/src",
            "crates/oauth-dance-rocket/src",
            "crates/oauth-dance-salvo/src",
            "crates/oauth-dance-tower/src",
            "crates/oauth-dance-warp/src",
        ]),
        &[
            "client_id",
            "client_secret",
            "code_challenge",
            "code_verifier",
            "grant_type",
            "nonce",
            "oauth2",
            "pkce",
            "redirect_uri",
            "refresh_token",
            "response_type",
            "scope",
        ],
    );
}

#[test]
fn invariant_9_unsafe_code_is_forbidden() {
    let root = manifest(&workspace().join("Cargo.toml"));
    let shared = &root["workspace"]["lints"]["rust"]["unsafe_code"];
    assert_eq!(shared.as_str(), Some("forbid"));
    for krate in fs::read_dir(workspace().join("crates")).unwrap() {
        let krate = krate.unwrap().path();
        let lints = manifest(&krate.join("Cargo.toml")).remove("lints");
        let inherits = lints.and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(inherits, Some(true), "{}", krate.display());
    }
}

#[test]
fn invariant_10_every_file_opens_with_its_one_job() {
    let silent: Vec<String> = sources(&["crates", "examples", "benches"])
        .into_iter()
        .filter(|source| !source.path.contains("/tests/ui/"))
        .filter(|source| !source.text.starts_with("//!"))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "no `//!` at the top: {silent:#?}");
}

#[test]
fn invariant_10_no_file_outgrows_the_head() {
    let long: Vec<String> = sources(&["crates"])
        .into_iter()
        .filter(|source| source.path.contains("/src/"))
        .filter(|source| source.code().count() > 400)
        .map(|source| source.path)
        .collect();
    assert!(long.is_empty(), "more than 400 lines of code: {long:#?}");
}

/// The numbers in the first column of the tables of `docs/attacks.md`: `a01`, `b02 to b06`.
fn documented_attacks() -> BTreeSet<String> {
    let text = fs::read_to_string(workspace().join("docs/attacks.md")).unwrap();
    let mut numbers = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let words: Vec<&str> = row
            .split(" | ")
            .next()
            .unwrap()
            .split([' ', ',', '|'])
            .filter(|word| !word.is_empty())
            .collect();
        numbers.extend(words.iter().map(|word| (*word).to_owned()));
        for range in words.windows(3).filter(|range| range[1] == "to") {
            let letter = &range[0][..1];
            let number = |word: &str| word[1..].parse::<u32>().unwrap();
            let all = number(range[0])..=number(range[2]);
            numbers.extend(all.map(|number| format!("{letter}{number:02}")));
        }
    }
    numbers
}

/// The numbers at the beginning of a test's name: `d17_d22_an_access_token…` has two.
fn attacks_of(line: &str) -> impl Iterator<Item = &str> {
    let name = line.split("fn ").nth(1).unwrap_or_default();
    name.split('_').take_while(|part| {
        let digits = part.get(1..).unwrap_or_default();
        part.len() == 3
            && part.starts_with(|c: char| c.is_ascii_lowercase() && c != 's')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A public type that `serde` reads can be made of any text. Each of these says how it stays what its
/// documentation promises. A new one has to be added here, with its test.
#[test]
fn no_public_type_is_made_by_serde_around_its_promises() {
    const KNOWN: [(&str, &str); 7] = [
        ("ClientAuth", "an enum without data"),
        ("Flash", "cut again when it is read: `values/flash.rs`"),
        (
            "Next",
            "parsed again when it is read: `c01_a_stored_text_is_parsed_again`",
        ),
        (
            "Owner",
            "an enum of texts, which are checked where they are stored",
        ),
        ("Quirks", "independent switches"),
        ("Scopes", "made of a list, in which a scope counts once"),
        ("Timestamp", "any number of seconds"),
    ];
    let mut found = BTreeSet::new();
    for source in sources(&["crates/oauth-dance/src"]) {
        let mut attributes = String::new();
        for (_, line) in source.code() {
            let is_open = attributes.matches('[').count() > attributes.matches(']').count();
            if is_open || line.starts_with("#[") {
                attributes.push_str(line);
                continue;
            }
            let public = line.starts_with("pub struct ") || line.starts_with("pub enum ");
            let by_hand = line.starts_with("impl<'de> Deserialize<'de> for ");
            let name = if public && attributes.contains("Deserialize") {
                line.split([' ', '(', '{', '<']).nth(2)
            } else if by_hand {
                line.split(' ').nth(3)
            } else {
                None
            };
            found.extend(name.map(str::to_owned));
            attributes.clear();
        }
    }
    let known: BTreeSet<String> = KNOWN.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, known);
}

#[test]
fn every_attack_that_a_test_is_named_after_is_documented() {
    let documented = documented_attacks();
    let mut tested = BTreeSet::new();
    for source in sources(&["crates", "examples"]) {
        // The bus has promises of its own, by the same kind of number.
        if !source.path.starts_with("crates/signals") {
            let names = source.text.lines().flat_map(attacks_of);
            tested.extend(names.map(str::to_owned));
        }
    }
    assert!(tested.len() > 50, "{tested:?}");
    let missing: Vec<_> = tested.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/attacks.md: {missing:?}");
}
