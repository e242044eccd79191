//! `oidc-provider` as a process, and the person who signs in on its pages.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use oauth_dance_testkit::{Browser, Page};
use serde_json::json;

use super::support::{RelyingParty, between};

/// The secret that the relying party is given. Basic authentication has to encode it.
pub(crate) const SECRET: &str = "secret: 100% + more & /=";

/// How the client is registered.
pub(crate) struct Settings {
    pub(crate) says_expires_in: u32,
    pub(crate) client_auth: &'static str,
    pub(crate) secret: &'static str,
}

impl Settings {
    pub(crate) const DEFAULT: Self = Self {
        says_expires_in: 3600,
        client_auth: "client_secret_basic",
        secret: SECRET,
    };
}

/// Why the provider cannot run here, if it cannot.
pub(crate) fn missing() -> Option<String> {
    let works = Command::new("node")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !works {
        return Some("node is not installed".to_owned());
    }
    let installed = folder().join("node_modules/oidc-provider");
    (!installed.is_dir()).then(|| {
        "oidc-provider is not installed: npm ci --prefix examples/rp-axum/tests/oidc-provider"
            .to_owned()
    })
}

/// The relying parties of all frameworks share one installation.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rp-axum/tests/oidc-provider")
}

/// The provider, until it is dropped. It ends with its standard input, so also when a test is killed.
pub(crate) struct OidcProvider {
    process: Child,
    stdout: BufReader<ChildStdout>,
    issuer: String,
}

impl OidcProvider {
    /// Starts it on a free loopback port. It has a name then, and no client yet.
    pub(crate) fn start() -> Self {
        let mut process = Command::new("node")
            .arg(folder().join("server.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It warns at length that it is set up for development.
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let stdout = process.stdout.take().expect("a pipe");
        let mut provider = Self {
            process,
            stdout: BufReader::new(stdout),
            issuer: String::new(),
        };
        provider.issuer = provider.line();
        provider
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Registers the one client.
    pub(crate) fn register(mut self, settings: &Settings, redirect_uri: &str) -> Self {
        let line = json!({
            "client": {
                "client_id": "app",
                "client_secret": settings.secret,
                "redirect_uris": [redirect_uri],
                "response_types": ["code"],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": settings.client_auth,
            },
            "says_expires_in": settings.says_expires_in,
        });
        let stdin = self.process.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{line}").expect("the provider reads");
        assert_eq!(self.line(), "ready");
        self
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("text");
        assert!(
            line.ends_with('\n'),
            "the provider ended; `node {}/server.mjs` says why",
            folder().display()
        );
        line.truncate(line.trim_end().len());
        line
    }

    /// Signs ada in, agrees to everything, and follows to the page of the relying party at the end.
    pub(crate) async fn sign_in(
        &self,
        party: &RelyingParty,
        browser: &Browser,
        next: &str,
    ) -> Page {
        let consent = self.identify(party, browser, next).await;
        if !consent.url().as_str().starts_with(&self.issuer) {
            return consent; // It remembers ada, and what she agreed to.
        }
        submit(browser, &consent, &[("prompt", "consent")]).await
    }

    /// Signs ada in, and does not agree.
    pub(crate) async fn refuse(&self, party: &RelyingParty, browser: &Browser) -> Page {
        let consent = self.identify(party, browser, "/me").await;
        let text = consent.text().into_owned();
        let cancel = between(&text, "<a href=\"", "\"").expect("a way out");
        let page = browser.get(cancel).await.expect("a redirect");
        browser.follow(page).await.expect("the relying party")
    }

    async fn identify(&self, party: &RelyingParty, browser: &Browser, next: &str) -> Page {
        let page = party.login(browser, next).await;
        if page.input("login").is_none() {
            return page;
        }
        let form = [("prompt", "login"), ("login", "ada"), ("password", "any")];
        submit(browser, &page, &form).await
    }

    /// What has happened at the token and revocation endpoints, in order.
    pub(crate) async fn events(&self) -> Vec<String> {
        let url = format!("{}/test/events", self.issuer);
        let page = Browser::new().get(url).await.expect("the events");
        serde_json::from_slice(page.bytes()).expect("a list")
    }

    /// Revokes every token, as an administrator would.
    pub(crate) async fn take_everything_back(&self) {
        let url = format!("{}/test/revoke", self.issuer);
        let page = Browser::new().post_form(url, &[]).await.expect("an answer");
        assert_eq!(page.status(), 200, "{page:?}");
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends the form of a page, and follows to the next page.
async fn submit(browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Page {
    let text = page.text().into_owned();
    let action = between(&text, "action=\"", "\"").unwrap_or_else(|| panic!("a form: {page:?}"));
    let page = browser.post_form(action, fields).await.expect("an answer");
    browser.follow(page).await.expect("the next page")
}
