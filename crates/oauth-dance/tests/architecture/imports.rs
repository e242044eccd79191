//! What each source of a crate imports from other sources of the same crate.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Source;

/// One arrow: a file takes something from another file of its crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// Relative to `src`, with `/`.
    pub(crate) from: String,
    pub(crate) line: usize,
    /// Relative to `src`, with `/`.
    pub(crate) to: String,
}

/// The sources of one crate, by their path below its `src`.
pub(crate) struct Crate<'s> {
    sources: BTreeMap<String, &'s Source>,
}

impl<'s> Crate<'s> {
    /// The crate whose sources are below `src`, which is relative to the workspace and ends with `/`.
    pub(crate) fn below(src: &str, sources: &'s [Source]) -> Self {
        let own = sources.iter().filter_map(|source| {
            let path = source.path.strip_prefix(src)?;
            Some((path.to_owned(), source))
        });
        let own = Self {
            sources: own.collect(),
        };
        assert!(!own.sources.is_empty(), "no sources below {src}");
        own
    }

    /// All arrows between two files, from imports and from paths in code.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (path, source) in &self.sources {
            for (line, names) in paths(source) {
                let Some(to) = self.file_of(path, &names) else {
                    continue;
                };
                let import = Import {
                    from: path.clone(),
                    line,
                    to,
                };
                if import.to != *path && !imports.contains(&import) {
                    imports.push(import);
                }
            }
        }
        imports
    }

    /// The file that a path leads into: the deepest module on it that has one.
    fn file_of(&self, from: &str, names: &[String]) -> Option<String> {
        let mut module = match names.first()?.as_str() {
            "crate" => Vec::new(),
            "self" => module_of(from),
            "super" => {
                let mut module = module_of(from);
                module.pop();
                module
            }
            _ => return None,
        };
        let mut found = self.file_of_module(&module);
        for name in &names[1..] {
            if name == "super" {
                module.pop();
            } else {
                module.push(name.clone());
            }
            match self.file_of_module(&module) {
                Some(file) => found = Some(file),
                None => break,
            }
        }
        found
    }

    fn file_of_module(&self, module: &[String]) -> Option<String> {
        let path = module.join("/");
        let candidates = match module {
            [] => ["lib.rs".to_owned(), "main.rs".to_owned()],
            _ => [format!("{path}.rs"), format!("{path}/mod.rs")],
        };
        candidates
            .into_iter()
            .find(|candidate| self.sources.contains_key(candidate))
    }
}

/// The module that a file is.
fn module_of(path: &str) -> Vec<String> {
    let path = Path::new(path).with_extension("");
    let mut module: Vec<String> = path
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if matches!(
        module.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        module.pop();
    }
    module
}

/// The paths in the code of a source that begin with `crate`, `self` or `super`, groups taken apart, each
/// with its line.
fn paths(source: &Source) -> Vec<(usize, Vec<String>)> {
    let mut text = String::new();
    let mut lines = Vec::new();
    for (number, line) in source.code() {
        lines.extend(std::iter::repeat_n(number, line.len() + 1));
        text.push_str(line);
        text.push('\n');
    }
    let mut found = Vec::new();
    for root in ["crate::", "self::", "super::"] {
        for (at, _) in text.match_indices(root) {
            // Neither `$crate::`, which is the crate of a macro, nor the end of another word, nor the
            // middle of a path.
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | ':')) {
                continue;
            }
            for names in tree(&text[at..]) {
                found.push((lines[at], names));
            }
        }
    }
    found
}

/// Reads `a::b::{c, d::e}` at the beginning of `text`.
fn tree(text: &str) -> Vec<Vec<String>> {
    let word_ends = |c: char| !(c.is_alphanumeric() || c == '_');
    let end = text.find(word_ends).unwrap_or(text.len());
    let first = text[..end].to_owned();
    let Some(rest) = text[end..].strip_prefix("::") else {
        return vec![vec![first]];
    };
    let below = match rest.strip_prefix('{') {
        Some(group) => members(group).flat_map(tree).collect(),
        None => tree(rest),
    };
    below
        .into_iter()
        .map(|names| [vec![first.clone()], names].concat())
        .collect()
}

/// The members of a group, up to its closing brace.
fn members(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let end = group.find(|c| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth < 0
    });
    let group = &group[..end.unwrap_or(group.len())];
    let mut depth = 0;
    group
        .split(move |c| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            c == ',' && depth == 0
        })
        .map(str::trim)
        .filter(|member| !member.is_empty())
}

/// A loop of imports, as the files on it, if there is one.
pub(crate) fn find_loop(imports: &[Import]) -> Option<Vec<String>> {
    let mut arrows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in imports {
        arrows.entry(&import.from).or_default().push(&import.to);
    }
    let mut done = Vec::new();
    let starts: Vec<&str> = arrows.keys().copied().collect();
    for start in starts {
        if let Some(files) = visit(start, &arrows, &mut Vec::new(), &mut done) {
            return Some(files);
        }
    }
    None
}

fn visit<'a>(
    file: &'a str,
    arrows: &BTreeMap<&'a str, Vec<&'a str>>,
    way: &mut Vec<&'a str>,
    done: &mut Vec<&'a str>,
) -> Option<Vec<String>> {
    if let Some(at) = way.iter().position(|earlier| *earlier == file) {
        return Some(way[at..].iter().map(|file| (*file).to_owned()).collect());
    }
    if done.contains(&file) {
        return None;
    }
    way.push(file);
    for next in arrows.get(file).into_iter().flatten() {
        if let Some(files) = visit(next, arrows, way, done) {
            return Some(files);
        }
    }
    way.pop();
    done.push(file);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn arrows(sources: &[Source]) -> Vec<(String, usize, String)> {
        Crate::below("src/", sources)
            .imports()
            .into_iter()
            .map(|import| (import.from, import.line, import.to))
            .collect()
    }

    #[test]
    fn imports_and_paths_are_found_in_groups_and_in_code() {
        let sources = [
            source("src/lib.rs", "mod a;\nmod b;\n"),
            source(
                "src/a/mod.rs",
                "//! use crate::b;\nuse crate::{\n    a::c::{D, E},\n    b::F,\n};\n",
            ),
            source("src/a/c.rs", "fn f() { super::g(); crate::b::h() }\n"),
            source("src/b.rs", "use std::fmt;\n"),
        ];
        let expected = [
            ("a/c.rs", 1, "b.rs"),
            ("a/c.rs", 1, "a/mod.rs"),
            ("a/mod.rs", 2, "a/c.rs"),
            ("a/mod.rs", 2, "b.rs"),
        ];
        let expected = expected.map(|(from, line, to)| (from.to_owned(), line, to.to_owned()));
        assert_eq!(arrows(&sources), expected);
    }

    #[test]
    fn a_loop_is_found() {
        let sources = [
            source("src/a.rs", "use crate::b::B;"),
            source("src/b.rs", "use crate::c::C;"),
            source("src/c.rs", "use crate::a::A;"),
        ];
        let imports = Crate::below("src/", &sources).imports();
        assert_eq!(find_loop(&imports[1..]), None);
        assert_eq!(
            find_loop(&imports),
            Some(vec!["a.rs".into(), "b.rs".into(), "c.rs".into()])
        );
    }
}
