//! The words that public documentation does without, and where they stand in doc comments and Markdown.
//!
//! Shared by the crates of the workspace: a test includes this file with `#[path]`.

use std::fs;
use std::path::{Path, PathBuf};

/// Words that hide the actor or the fact. They are compared as whole words, without regard to case.
const AVOIDED: [&str; 13] = [
    "whoever",
    "whatever",
    "whichever it",
    "nobody",
    "somebody",
    "none of ours",
    "all the same",
    "lest",
    "thereby",
    "tells of",
    "goes out",
    "as named",
    "when it cannot",
];

/// Before another word this denies a noun: "is no error", where "is not an error" reads at once.
const DENIAL: &str = "is no";

/// Returns every place below `root` where documentation uses an avoided word: `file:line: word`.
///
/// Read are the `///` and `//!` lines of Rust sources, without their examples, and all of Markdown outside of
/// code blocks.
///
/// # Panics
///
/// Panics if a file cannot be read, or if there is no documentation below `root`.
pub(crate) fn violations(root: &Path) -> Vec<String> {
    let mut places = Vec::new();
    let mut read = 0;
    for path in files(root) {
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
        let documentation = documentation(&path, &text);
        read += documentation.len();
        for (number, word) in avoided_in(&documentation) {
            places.push(format!("{}:{number}: {word}", path.display()));
        }
    }
    assert_ne!(read, 0, "no documentation below {}", root.display());
    places
}

/// Rust and Markdown files below a folder, or the file itself, in order.
fn files(root: &Path) -> Vec<PathBuf> {
    if root.is_file() {
        return vec![root.to_owned()];
    }
    let entries = fs::read_dir(root)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", root.display()));
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if matches!(extension, Some("rs" | "md")) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The lines of documentation with their numbers, outside of code blocks.
fn documentation<'t>(path: &Path, text: &'t str) -> Vec<(usize, &'t str)> {
    let is_markdown = path.extension().is_some_and(|extension| extension == "md");
    let lines = text.lines().enumerate().filter_map(|(index, line)| {
        let comment = if is_markdown {
            Some(line)
        } else {
            let line = line.trim_start();
            line.strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"))
        };
        Some((index + 1, comment?.trim()))
    });
    let mut in_code = false;
    let prose = lines.filter(|(_, line)| {
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    });
    prose.collect()
}

/// The avoided words, each with the number of the line it begins in. A phrase may run on in the next line.
fn avoided_in(documentation: &[(usize, &str)]) -> Vec<(usize, String)> {
    let words: Vec<(usize, String)> = documentation
        .iter()
        .flat_map(|(number, line)| words(line).map(move |word| (*number, word)))
        .collect();
    let mut found = Vec::new();
    for start in 0..words.len() {
        let number = words[start].0;
        let begins = |phrase: &str| {
            let mut here = words[start..].iter().map(|(_, word)| word.as_str());
            phrase.split(' ').all(|part| here.next() == Some(part))
        };
        found.extend(
            AVOIDED
                .iter()
                .filter(|phrase| begins(phrase))
                .map(|phrase| (number, (*phrase).to_owned())),
        );
        let noun = words.get(start + DENIAL.split(' ').count());
        if let Some((_, noun)) = noun.filter(|(_, noun)| begins(DENIAL) && is_word(noun)) {
            found.push((number, format!("{DENIAL} {noun}")));
        }
    }
    found
}

/// Lower-case words. Punctuation counts as a word of its own, so that no phrase reaches across it.
fn words(line: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for letter in line.chars().chain([' ']) {
        if letter.is_alphanumeric() || letter == '_' {
            word.extend(letter.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !letter.is_whitespace() {
            words.push(letter.to_string());
        }
    }
    words.into_iter()
}

/// Whether this can be a noun. "There is no longer" and "is no more" deny nothing.
fn is_word(word: &str) -> bool {
    word.starts_with(char::is_alphabetic) && !matches!(word, "longer" | "more")
}
