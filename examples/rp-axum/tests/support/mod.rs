//! The relying party as a process of its own, and what a person sees of its pages.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oauth_dance_sqlx::{SqliteStore, sqlx};
use oauth_dance_testkit::{Browser, Page};
use serde_json::Value;

/// A relying party that runs, until it is dropped.
pub(crate) struct RelyingParty {
    process: Child,
    url: String,
}

impl RelyingParty {
    /// Starts it on a free loopback port, with these arguments.
    pub(crate) fn start(args: &[(&str, &str)]) -> Self {
        Self::start_with(args, |_| {})
    }

    /// Starts it in an environment that the test changes.
    pub(crate) fn start_with(args: &[(&str, &str)], change: impl FnOnce(&mut Command)) -> Self {
        let mut command = command();
        command.args(["--listen", "127.0.0.1:0", "--insecure-http"]);
        command.args(args.iter().flat_map(|(name, value)| [name, value]));
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        change(&mut command);
        let mut process = command.spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a first line");
        let url = line.trim_end().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("where it listens, not {line:?}"));
        Self {
            url: url.to_owned(),
            process,
        }
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) async fn get(&self, browser: &Browser, path: &str) -> Page {
        browser.get(self.url(path)).await.expect("a page")
    }

    /// The front page.
    pub(crate) async fn home(&self, browser: &Browser) -> Home {
        Home::read(&self.get(browser, "/").await)
    }

    /// Begins a login, and follows it to the provider's first page.
    pub(crate) async fn login(&self, browser: &Browser, next: &str) -> Page {
        let path = format!("/login/op?next={next}");
        let page = self.get(browser, &path).await;
        browser.follow(page).await.expect("the provider's page")
    }

    /// Signs out by the form of the front page.
    pub(crate) async fn logout(&self, browser: &Browser) -> Home {
        let page = browser.post_form(self.url("/logout/op"), &[]).await;
        let page = browser.follow(page.expect("a redirect")).await;
        Home::read(&page.expect("the front page"))
    }

    /// What is known of who is signed in; panics unless somebody is.
    pub(crate) async fn me(&self, browser: &Browser) -> Value {
        let page = self.get(browser, "/me").await;
        assert_eq!(page.status(), 200, "{page:?}");
        page.json().expect("JSON")
    }

    /// Asserts that the pages for signed-in people answer 401, with the place to sign in.
    pub(crate) async fn assert_signed_out(&self, browser: &Browser) {
        assert!(!self.home(browser).await.signed_in);
        for path in ["/me", "/api?path=/anything"] {
            let page = self.get(browser, path).await;
            assert_eq!(page.status(), 401, "{path}: {page:?}");
            let body = page.json().expect("JSON");
            assert_eq!(body["error"], "login_required", "{path}");
            assert_eq!(body["login_url"], self.url("/login/op"), "{path}");
        }
    }

    /// The names of the signals sent so far, each with its receivers and what came of them.
    pub(crate) async fn signals(&self) -> Vec<String> {
        let page = self.get(&Browser::new(), "/signals").await;
        let body = page.json().expect("JSON");
        let sends = body["sends"].as_array().expect("a list");
        sends.iter().map(describe_send).collect()
    }

    /// The sends, once the one that is made in the background is among them.
    pub(crate) async fn signals_once_there_is(&self, expected: &str) -> Vec<String> {
        let sends = async {
            loop {
                let sends = self.signals().await;
                if sends.iter().any(|send| send == expected) {
                    return sends;
                }
            }
        };
        let sends = tokio::time::timeout(Duration::from_secs(30), sends).await;
        sends.expect("the expected send")
    }
}

impl Drop for RelyingParty {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `signal: receiver=outcome receiver=outcome`
fn describe_send(send: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let mut line = text(&send["signal"]) + ":";
    for receiver in send["receivers"].as_array().expect("a list") {
        line.push_str(&format!(
            " {}={}",
            text(&receiver["name"]),
            text(&receiver["ran"])
        ));
    }
    line
}

/// The relying party of the package whose tests these are.
const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

/// The program, in an environment that does not reach into the test.
pub(crate) fn command() -> Command {
    let mut command = Command::new(PROGRAM);
    // A proxy would be asked for loopback addresses too.
    for variable in ["HTTP_PROXY", "ALL_PROXY", "OAUTH_DANCE_KEY"] {
        command.env_remove(variable);
        command.env_remove(variable.to_ascii_lowercase());
    }
    command
}

/// The front page, as far as a person reads it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) signed_in: bool,
    /// The flash messages, each as `category: text`.
    pub(crate) flashes: Vec<String>,
}

impl Home {
    pub(crate) fn read(page: &Page) -> Self {
        assert_eq!(page.status(), 200, "{page:?}");
        let text = page.text();
        let signed_in = match between(&text, "<body data-signed-in=\"", "\"") {
            Some("true") => true,
            Some("false") => false,
            _ => panic!("not the front page: {page:?}"),
        };
        let list = between(&text, "<ul id=\"flashes\">", "</ul>").expect("the messages");
        let flashes = list
            .split("</li>")
            .filter(|item| !item.is_empty())
            .map(|item| {
                let category = between(item, "data-category=\"", "\"").expect("a category");
                let (_, text) = item.split_once('>').expect("a text");
                format!("{category}: {text}")
            })
            .collect();
        Self { signed_in, flashes }
    }
}

/// How many tokens a SQLite file holds.
pub(crate) async fn tokens_in(file: &Path) -> i64 {
    let store = SqliteStore::open(file).await.expect("a database");
    let (tokens,) = sqlx::query_as("SELECT count(*) FROM oauth_dance_tokens")
        .fetch_one(store.pool())
        .await
        .expect("a number");
    tokens
}

/// What stands between the first `start` and the next `end`.
pub(crate) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}
