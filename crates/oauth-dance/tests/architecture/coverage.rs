//! Which cases of attack have a test, and why the others have none: `docs/security-coverage.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use super::{attacks_of, sources, workspace};

/// The letters of the cases, what each group is about, and how many there are.
const GROUPS: [(char, &str, u32); 12] = [
    ('a', "Whose callback is it?", 33),
    ('b', "Whose provider is it?", 16),
    ('c', "Where does the browser go?", 16),
    ('d', "A hostile token endpoint", 33),
    ('e', "Who is the user?", 38),
    ('f', "Refresh and store", 26),
    ('g', "Cookies and keys", 15),
    ('h', "Receivers", 12),
    ('i', "Sessions, linking, logout", 17),
    ('j', "OAuth 1.0a", 12),
    ('k', "Leaks", 9),
    ('l', "The risks of async Rust", 10),
];

const OPENID: &str = "the login by OpenID Connect (discovery, fetching of keys) is not built";
const OAUTH1: &str = "OAuth 1.0a is not built";
const LINKING: &str = "accounts are linked by the application: the dance has no mode for it";

/// The cases without a test that is named after them, and why.
const WITHOUT: [(&str, &str); 33] = [
    ("a20", "the response mode `form_post` is not built"),
    (
        "a29",
        "a `state` is never compared: its hash and the cookie name the record",
    ),
    ("a31", LINKING),
    ("b10", "no metadata is read: the challenge is always S256"),
    ("b12", OPENID),
    (
        "b14",
        "the values come from the operating system; that they are drawn one by one: `r05_…`",
    ),
    ("b15", OPENID),
    (
        "b16",
        "no metadata is read: a login names the registration it began with (`b01_…`)",
    ),
    (
        "c09",
        "a `next` is on the own origin: other origins cannot be listed",
    ),
    ("c12", "no proxy's header is read"),
    ("c15", "logins that a third party begins are not built"),
    ("d28", OPENID),
    (
        "d31",
        "endpoints come from the configuration and never from a request",
    ),
    ("f11", OPENID),
    ("f15", "a receiver cannot refuse a refreshed token"),
    ("f22", "no store in Redis is built"),
    (
        "f26",
        "a refresh without an ID token does not say whose token it is",
    ),
    (
        "h10",
        "the bus: `crates/signals/tests/load`, and its benchmarks",
    ),
    ("i03", LINKING),
    ("i04", LINKING),
    ("i05", LINKING),
    ("i06", LINKING),
    ("i07", LINKING),
    (
        "i13",
        "the logout at the provider (RP-initiated) is not built",
    ),
    ("i14", "logout tokens (back channel) are not built"),
    ("i15", "the front-channel logout is not built"),
    (
        "k08",
        "buffers of secrets are zeroed when they are dropped (`zeroize`), which no safe test can see",
    ),
    (
        "k09",
        "the guide says how to keep the query of callbacks out of a proxy's log",
    ),
    ("l02", "the bus: `crates/signals/tests`, with loom"),
    (
        "l04",
        "a receiver's panic ends a process with `panic = \"abort\"`, as every panic does",
    ),
    (
        "l06",
        "texts are cut by characters; the texts that show it are those of `d20_…`",
    ),
    ("l09", "SQLite runs on threads of its own"),
    (
        "l10",
        "`adapter_suite!` is one table, and each adapter runs all of it",
    ),
];

/// The tests of each case, as `crate: name`.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut tests: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources(&["crates", "examples"]) {
        // The bus has promises of its own, by the same kind of number.
        if source.path.starts_with("crates/signals") {
            continue;
        }
        let place = source.path.split('/').nth(1).unwrap_or_default();
        for line in source.text.lines() {
            for case in attacks_of(line) {
                let name = line.split("fn ").nth(1).unwrap_or_default();
                let name = name.split(['(', '<']).next().unwrap_or_default();
                let known = tests.entry(case.to_owned()).or_default();
                known.insert(format!("{place}: `{name}`"));
            }
        }
    }
    tests
}

fn reason(case: &str) -> Option<&'static str> {
    let found = WITHOUT.iter().find(|(known, _)| *known == case);
    match case.as_bytes() {
        _ if found.is_some() => found.map(|(_, reason)| *reason),
        [b'e', ..] => Some(OPENID),
        [b'j', ..] => Some(OAUTH1),
        _ => None,
    }
}

fn document() -> String {
    let tests = tests();
    let mut text = String::from(
        "# Which attacks have a test\n\nGenerated from the names of the tests, by `UPDATE_DOCS=1 cargo test -p oauth-dance --test architecture`.\nWhat the cases are is in [attacks.md](attacks.md).\n",
    );
    for (letter, title, count) in GROUPS {
        let cases = (1..=count).map(|number| format!("{letter}{number:02}"));
        let _ = write!(text, "\n## {} · {title}\n\n", letter.to_ascii_uppercase());
        for case in cases {
            let _ = match tests.get(&case) {
                Some(names) => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    writeln!(text, "- {case} — {}", names.join(", "))
                }
                None => writeln!(text, "- {case} — no test: {}", reason(&case).unwrap_or("?")),
            };
        }
    }
    text
}

#[test]
fn every_case_has_a_test_or_a_reason() {
    let tests = tests();
    for (letter, _, count) in GROUPS {
        for case in (1..=count).map(|number| format!("{letter}{number:02}")) {
            let is_tested = tests.contains_key(&case);
            assert!(is_tested || reason(&case).is_some(), "{case} has neither");
        }
    }
    for (case, _) in WITHOUT {
        assert!(!tests.contains_key(case), "{case} has both");
    }
}

#[test]
fn the_list_of_tested_attacks_is_up_to_date() {
    let path = workspace().join("docs/security-coverage.md");
    let document = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &document).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == document,
        "docs/security-coverage.md is out of date: run `UPDATE_DOCS=1 cargo test -p oauth-dance --test architecture`"
    );
}
