//! Holds the files of the bus and of its macros to an order: no file is imported by what it imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What the engine takes from files that use the engine: types that both sides share. The list may shrink.
const ENGINE_TAKES_BACK: [&str; 3] = ["detach.rs", "receive.rs", "shared.rs"];

/// The name of the engine, whose folder counts as one room.
const ENGINE: &str = "engine";

/// What each file imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Reads the sources of a crate of one level.
///
/// A file is named as in `src`, a folder of files counts as one, and a name at the root of the crate
/// belongs to `lib.rs`.
fn imports(krate: &str) -> Graph {
    let src = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(krate)
        .join("src");
    let lib = code(&src.join("lib.rs"));
    let mut graph = Graph::new();
    for path in sources(&src) {
        let room = room(&src, &path);
        let imported = graph.entry(room.clone()).or_default();
        for name in names_of_the_crate(&code(&path)) {
            imported.extend(files_of_module(&src, &lib, &name));
        }
        imported.remove(&room);
    }
    assert!(graph.len() > 3, "{krate} has no sources: {graph:?}");
    graph
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    sources
}

/// The first part of a path below `src`: a file, or the folder it is in.
fn room(src: &Path, path: &Path) -> String {
    let first = path.strip_prefix(src).unwrap().iter().next().unwrap();
    first.to_str().unwrap().to_owned()
}

/// The text of a file up to its unit tests, without comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]");
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What comes right after `crate::`, in imports and elsewhere: `a` of `crate::a::B`, `b` and `c` of
/// `crate::{b::D, c}`.
fn names_of_the_crate(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (position, _) in code.match_indices("crate::") {
        if code[..position].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &code[position + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(names_of_group(group)),
            None => names.extend([word(rest)]),
        }
    }
    names
}

/// The first word of each entry of `a::{B, C}, d}…`.
fn names_of_group(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut is_first) = (0, true);
    for (position, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_first = true,
            _ if is_first && !letter.is_whitespace() => {
                names.push(word(&group[position..]));
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> String {
    let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    text.chars().take_while(is_part).collect()
}

/// The files that a module of the crate may be made of: `clock` is `clock.rs`, or `no_clock.rs` by a
/// `path` attribute. A name that is no module comes from `lib.rs`.
fn files_of_module(src: &Path, lib: &str, name: &str) -> Vec<String> {
    if src.join(name).is_dir() {
        return vec![name.to_owned()];
    }
    let declared = lib.find(&format!("\nmod {name};"));
    let Some(declared) = declared else {
        return vec!["lib.rs".to_owned()];
    };
    let mut files = vec![format!("{name}.rs")];
    // The attributes of this module stand after the end of the one before it.
    let attributes = lib[..declared].rsplit(';').next().unwrap();
    let other = attributes.split("path = \"").nth(1);
    files.extend(other.map(|other| other.split('"').next().unwrap().to_owned()));
    for file in &files {
        assert!(
            src.join(file).is_file(),
            "the module `{name}` has no {file}"
        );
    }
    files
}

/// Finds the files that import each other in a circle; `None` if there is none.
fn cycle(graph: &Graph) -> Option<Vec<String>> {
    fn visit(
        graph: &Graph,
        at: &str,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|file| file == at) {
            return Some(way[start..].to_vec());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at.to_owned());
        let imported = graph.get(at).into_iter().flatten();
        let found = imported
            .filter_map(|next| visit(graph, next, way, done))
            .next();
        way.pop();
        done.insert(at.to_owned());
        found
    }

    let mut done = BTreeSet::new();
    graph
        .keys()
        .find_map(|start| visit(graph, start, &mut Vec::new(), &mut done))
}

#[track_caller]
fn assert_no_cycle(krate: &str, graph: &Graph) {
    if let Some(files) = cycle(graph) {
        panic!(
            "files of {krate} import each other in a circle: {} -> {}\n\
             move what they share into a file that imports neither",
            files.join(" -> "),
            files[0]
        );
    }
}

#[test]
fn no_files_of_the_bus_import_each_other_in_a_circle() {
    let mut graph = imports("signals");
    let engine = graph.get_mut(ENGINE).unwrap();
    for file in ENGINE_TAKES_BACK {
        assert!(
            engine.remove(file),
            "the engine no longer imports {file}: take it off the list"
        );
    }
    assert_no_cycle("signals", &graph);
}

#[test]
fn no_files_of_the_macros_import_each_other_in_a_circle() {
    assert_no_cycle("signals-macros", &imports("signals-macros"));
}

#[test]
fn every_import_of_the_bus_is_read() {
    let graph = imports("signals");
    assert!(graph["signal.rs"].contains("hub.rs"));
    assert!(graph["shared.rs"].contains(ENGINE));
    assert!(graph[ENGINE].contains("order.rs"));
    // By a `path` attribute, and by a path within a macro.
    assert!(graph["observe.rs"].contains("no_clock.rs"));
    assert!(graph["common.rs"].contains("collect_nothing.rs"));
    assert!(graph["lib.rs"].contains("signal.rs"));
}

#[test]
fn a_circle_is_found_and_named() {
    let graph = |edges: &[(&str, &[&str])]| -> Graph {
        let edges = edges.iter().map(|(file, imported)| {
            let imported = imported.iter().map(|file| (*file).to_owned());
            ((*file).to_owned(), imported.collect())
        });
        edges.collect()
    };
    let open = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
    assert_eq!(cycle(&open), None);
    let closed = graph(&[("a", &["b"]), ("b", &["c", "d"]), ("c", &[]), ("d", &["b"])]);
    assert_eq!(cycle(&closed).unwrap(), ["b", "d"]);
}

#[test]
fn names_are_read_of_every_form_of_import() {
    let code = "use crate::one::A;\nuse crate::{two::{B, C}, three, four::D};\n\
                $crate::five(); other_crate::six(); crate::seven::go()";
    let names: Vec<_> = names_of_the_crate(code).into_iter().collect();
    assert_eq!(names, ["five", "four", "one", "seven", "three", "two"]);
}

/// A reader has to be able to hold the engine in mind.
const ENGINE_LINES: usize = 1200;

#[test]
fn everything_that_keeps_orders_finds_or_calls_receivers_is_short() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = sources(&src.join(ENGINE));
    // What stands in for locks and atomics where loom tries the engine is no part of it.
    files.retain(|file| !file.ends_with("sync_loom.rs"));
    files.extend(["order.rs", "walk.rs", "concurrent.rs"].map(|file| src.join(file)));
    let lines = |file: &PathBuf| {
        let code = code(file);
        let lines = code.lines().filter(|line| !line.trim().is_empty());
        lines.count()
    };
    let all: usize = files.iter().map(lines).sum();
    assert!(all > 500, "the engine was not found");
    assert!(all <= ENGINE_LINES, "the engine has {all} lines of code");
}
