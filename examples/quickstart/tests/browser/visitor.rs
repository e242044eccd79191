//! A person at the browser: opens pages, clicks, and reads what is shown.

use std::path::Path;
use std::time::Duration;

use fantoccini::{Client, Locator};

use crate::app::App;

/// How long anything may take to show up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A person, the site, and the folder in which it keeps its data.
pub(crate) struct Visitor<'a> {
    pub(crate) browser: Client,
    pub(crate) app: App,
    pub(crate) data: &'a Path,
}

impl Visitor<'_> {
    pub(crate) async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.app.url);
        self.browser.goto(&url).await.expect("the page opens");
    }

    /// Waits until something is there, and reads it.
    pub(crate) async fn see(&self, css: &str) -> String {
        let element = self.wait(css).await;
        element.text().await.expect("text")
    }

    /// Waits until something is there, and clicks on it.
    pub(crate) async fn click(&self, css: &str) {
        self.wait(css).await.click().await.expect("a click");
    }

    /// Waits until a field is there, and types into it.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.wait(css).await.send_keys(text).await.expect("typing");
    }

    /// Everything that is there of a kind, after the page has come.
    pub(crate) async fn all(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self
            .browser
            .find_all(Locator::Css(css))
            .await
            .expect("a page")
        {
            texts.push(element.text().await.expect("text"));
        }
        texts
    }

    /// From the front page to the consent page of the provider, as Ada.
    pub(crate) async fn go_to_consent(&self) {
        self.open("/").await;
        self.click("#sign-in-dev").await;
        self.click("#people button[value=ada]").await;
        self.see("#consent").await;
    }

    /// Signs in for the first time, which ends on the page for newcomers, and goes on to the front
    /// page.
    pub(crate) async fn sign_in(&self) {
        self.go_to_consent().await;
        self.click("#allow").await;
        self.click("#go-on").await;
        self.see("#name").await;
    }

    async fn wait(&self, css: &str) -> fantoccini::elements::Element {
        match self
            .browser
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
        {
            Ok(element) => element,
            Err(error) => {
                let url = self.browser.current_url().await.expect("an address");
                let page = self.all("body").await.join("\n");
                panic!("{css} does not show up ({error}). {url} shows:\n{page}");
            }
        }
    }
}
