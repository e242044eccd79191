//! The floors of `crates/oauth-dance/src`: a file takes from its own floor and from lower ones.

use crate::imports::{Crate, find_loop};
use crate::{Source, crates_with_sources, forbid_on, sources};

/// The floors from the lowest to the highest: what stands on each.
const FLOORS: [(&[&str], &str); 11] = [
    (&["values/"], "data without the behaviour of others"),
    (
        &["contract/", "providers/"],
        "what other crates implement, facts on providers",
    ),
    (&["steps/"], "pure functions of the protocols"),
    (&["keep/"], "what is kept, sealed"),
    (&["flows/"], "conversations with a provider"),
    (&["dance/"], "one dance"),
    (&["driver/", "refresh/"], "what awaits between the steps"),
    (&["dances/"], "all dances, and the builders"),
    (&["visit.rs"], "a browser's request to a page"),
    (&["api/"], "the provider's API"),
    (
        &["lib.rs", "crypto.rs", "leaf.rs", "guide.rs"],
        "the public face",
    ),
];

fn floor(path: &str) -> usize {
    let at = FLOORS
        .iter()
        .position(|(rooms, _)| rooms.iter().any(|room| path.starts_with(room)));
    1 + at.unwrap_or_else(|| panic!("{path} stands on no floor: add it to the table of floors"))
}

const CORE: &str = "crates/oauth-dance/src/";

fn core() -> Vec<Source> {
    sources(&[CORE.trim_end_matches('/')])
}

#[test]
fn nothing_imports_upward() {
    let sources = core();
    for source in &sources {
        floor(source.path.strip_prefix(CORE).unwrap());
    }
    let broken: Vec<String> = Crate::below(CORE, &sources)
        .imports()
        .into_iter()
        .filter(|import| floor(&import.to) > floor(&import.from))
        .map(|import| {
            format!(
                "{CORE}{}:{}: floor {} takes from {}, which stands above it on floor {}",
                import.from,
                import.line,
                floor(&import.from),
                import.to,
                floor(&import.to),
            )
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The flows take the steps in their order. A file that names a step itself could leave one out.
#[test]
fn only_flows_and_the_dance_name_steps() {
    let above = [
        ("driver/", 7),
        ("refresh/", 7),
        ("keep/", 4),
        ("api/", 10),
        ("visit.rs", 9),
    ];
    let sources = core();
    for (room, number) in above {
        let rule = format!("floor {number} names a step and skips floor 5, the flows");
        let files = sources
            .iter()
            .filter(|source| source.path.starts_with(&format!("{CORE}{room}")));
        forbid_on(files, &["steps::"], &rule);
    }
}

#[test]
fn flows_name_no_cookie_no_receiver_and_no_store() {
    let sources = core();
    let flows = sources
        .iter()
        .filter(|source| source.path.starts_with("crates/oauth-dance/src/flows/"));
    forbid_on(
        flows,
        &[
            "ookie",
            "eceiver",
            "TokenStore",
            "PendingStore",
            "token_store",
            "pending_store",
            "keep::",
            "signals",
        ],
        "a flow knows nothing of floors 4 and 6: what is kept, and the receivers",
    );
}

#[test]
fn no_crate_has_a_loop_of_imports() {
    for krate in crates_with_sources() {
        // The bus has a test of its own, which knows its engine.
        if krate == "crates/signals/src/" {
            continue;
        }
        let sources = sources(&[krate.trim_end_matches('/')]);
        let imports = Crate::below(&krate, &sources).imports();
        let found = find_loop(&imports);
        assert_eq!(found, None, "{krate}: these files import each other");
    }
}
