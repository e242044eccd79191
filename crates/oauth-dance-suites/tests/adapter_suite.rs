//! The adapter suite passes an application without any framework, which shows the whole contract.

mod no_framework;

use oauth_dance::Dances;
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::Serving;

use crate::no_framework::Reading;

adapter_suite!(serve);

async fn serve(dances: Dances) -> Serving {
    no_framework::serve(dances, Reading::CAREFUL, no_framework::answer).await
}

/// A case that is missing in the macro's list would never run.
#[test]
fn every_case_is_in_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapter_suite");
    let mut cases = Vec::new();
    for file in std::fs::read_dir(folder).expect("the sources") {
        let source = std::fs::read_to_string(file.expect("a file").path()).expect("a source");
        let functions = source.lines().filter_map(|line| {
            let (name, _) = line.strip_prefix("pub async fn ")?.split_once('(')?;
            Some(name.to_owned())
        });
        cases.extend(functions);
    }
    let suite = include_str!("../src/adapter_suite.rs");
    let missing: Vec<_> = cases
        .iter()
        .filter(|case| !suite.lines().any(|line| line.trim() == case.as_str()))
        .collect();
    assert!(cases.len() > 100 && missing.is_empty(), "{missing:?}");
}
