//! Runs the program as its reader would, and signs in with a browser.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use oauth_dance_testkit::Browser;

/// The variables that the program reads. Its reader may have set them; the tests say what is set.
const VARIABLES: [&str; 3] = [
    "GITHUB_OAUTH_CLIENT_ID",
    "GITHUB_OAUTH_CLIENT_SECRET",
    "OAUTH_DANCE_KEY",
];

/// The program, running until it is dropped.
struct Hello {
    process: Child,
    origin: String,
}

impl Hello {
    /// Starts the program on a free port, and waits until it says which address to open.
    fn start(environment: &[(&str, &str)]) -> Self {
        let mut process = command("127.0.0.1:0", environment)
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        let origin = line.trim_end().strip_prefix("Open ");
        let origin = origin.unwrap_or_else(|| panic!("an address to open, not {line:?}"));
        Self {
            origin: origin.to_owned(),
            process,
        }
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        // It may have ended by itself; its exit is of no interest then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(address: &str, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hello"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
        .arg(address)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn a_person_signs_in_and_is_greeted() {
    let hello = Hello::start(&[]);
    let welcome = format!("{}/welcome", hello.origin);
    let page = Browser::new().sign_in(&welcome, "ada").await.unwrap();
    assert_eq!(page.url().as_str(), format!("{welcome}#"));
    assert_eq!(page.text(), "Hello, Ada Lovelace!");
}

#[tokio::test]
async fn a_person_who_refuses_ends_at_a_page_that_needs_no_login() {
    let hello = Hello::start(&[]);
    let browser = Browser::new();
    let page = browser.get(format!("{}/welcome", hello.origin)).await;
    let page = browser.follow(page.unwrap()).await.unwrap();
    let page = browser.deny(&page, "grace").await.unwrap();
    let page = browser.follow(page).await.unwrap();
    assert_eq!(page.path(), "/");
    assert!(page.text().contains("Sign in"), "{page:?}");
}

/// After a refusal a page that needs a login says so. The link of the front page begins another login.
#[tokio::test]
async fn a_person_who_refused_signs_in_by_the_link_of_the_front_page() {
    let hello = Hello::start(&[]);
    let browser = Browser::new();
    let link = "/login/github?next=/welcome";
    let page = browser.get(&hello.origin).await.unwrap();
    assert!(page.text().contains(link), "{page:?}");
    let link = format!("{}{link}", hello.origin);
    let page = browser.follow(browser.get(&link).await.unwrap()).await;
    let page = browser.deny(&page.unwrap(), "ada").await.unwrap();
    browser.follow(page).await.unwrap();
    let page = browser.get(format!("{}/welcome", hello.origin)).await;
    assert_eq!(page.unwrap().status(), 403);
    let page = browser.sign_in(&link, "ada").await.unwrap();
    assert_eq!(page.text(), "Hello, Ada Lovelace!");
}

#[test]
fn a_port_that_is_taken_is_named_with_a_way_out() {
    let hello = Hello::start(&[]);
    let address = hello.origin.trim_start_matches("http://");
    let output = command(address, &[]).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with(address), "{text}");
    assert!(text.ends_with("name another address\n"), "{text}");
}

#[tokio::test]
async fn with_credentials_the_browser_goes_to_github() {
    let hello = Hello::start(&[
        ("GITHUB_OAUTH_CLIENT_ID", "the-client"),
        ("GITHUB_OAUTH_CLIENT_SECRET", "the-secret"),
    ]);
    let browser = Browser::new();
    let page = browser.get(format!("{}/welcome", hello.origin)).await;
    let page = browser.step(page.unwrap()).await.unwrap();
    let github = page.location().expect("a redirect");
    assert_eq!(github.host_str(), Some("github.com"), "{github}");
    let client = github.query_pairs().find(|(name, _)| name == "client_id");
    assert_eq!(client.expect("a client").1, "the-client");
}

#[test]
fn a_key_that_is_none_is_refused_in_words() {
    let output = command("127.0.0.1:0", &[("OAUTH_DANCE_KEY", "not a key")])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("openssl rand -base64 32"), "{text}");
}
