//! axe-core, which finds what keeps people from using a page.

use std::fs;
use std::path::{Path, PathBuf};

use fantoccini::Client;
use serde::Deserialize;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/axe/node_modules/axe-core/axe.min.js")
}

/// Says how to install axe-core, if it is not there.
pub(crate) fn installed() -> Result<(), String> {
    if path().is_file() {
        return Ok(());
    }
    Err(
        "axe-core is not installed: npm ci --prefix examples/quickstart/tests/browser/axe"
            .to_owned(),
    )
}

/// What a rule of axe-core found on a page.
#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    /// The rule.
    id: String,
    /// What to do.
    help: String,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    html: String,
    failure_summary: Option<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "  {}: {}", self.id, self.help)?;
        for node in &self.nodes {
            let why = node.failure_summary.as_deref().unwrap_or_default();
            writeln!(
                f,
                "    {}\n      {}",
                node.html,
                why.replace('\n', "\n      ")
            )?;
        }
        Ok(())
    }
}

/// Runs every rule that axe-core runs by default on the page that is open.
///
/// Besides violations it returns texts whose contrast cannot be judged: they are not shown to be
/// readable.
pub(crate) async fn run(browser: &Client) -> Vec<Finding> {
    // A new document has forgotten the script. A command of WebDriver is not held to the page's policy.
    let loaded = browser.execute("return 'axe' in window", Vec::new()).await;
    if loaded.expect("an answer") != true {
        let script = fs::read_to_string(path()).expect("axe-core is installed");
        browser
            .execute(&script, Vec::new())
            .await
            .expect("axe-core");
    }
    let call = "
        const done = arguments[0];
        axe.run(document).then(
            ({ violations, incomplete }) => done({ found:
                violations.concat(incomplete.filter((rule) => rule.id === 'color-contrast')) }),
            (error) => done({ failed: String(error) }));";
    let answer = browser.execute_async(call, Vec::new()).await;
    let mut answer = answer.expect("an answer");
    assert_eq!(answer["failed"], serde_json::Value::Null, "axe-core failed");
    serde_json::from_value(answer["found"].take()).expect("findings")
}
