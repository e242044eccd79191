//! What people do at the application of a rig, step by step.

use http::Method;
use oauth_dance::Dance;
use oauth_dance_testkit::{Browser, Page};
use serde_json::Value;
use url::Url;

use super::pages::{COOKIES, DANCE, HOME, ME, ORIGIN, PROFILE};
use super::rig::Rig;

/// The scopes that every dance of a rig asks for.
pub(crate) const SCOPES: [&str; 2] = ["profile", "email"];

/// What the home page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// Who is signed in.
    pub(crate) owner: Option<String>,
    /// The texts of the flash messages.
    pub(crate) flashes: Vec<String>,
}

impl Home {
    /// Reads a body of [`pages::home`](super::pages::home).
    pub(crate) fn read(page: &Page) -> Self {
        assert_eq!(page.status(), 200, "{page:?}");
        let body = page.json().expect("a body made by `pages::home`");
        let flashes = body["flashes"].as_array().expect("flash messages");
        Self {
            owner: body["owner"].as_str().map(str::to_owned),
            flashes: flashes
                .iter()
                .filter_map(|flash| flash["text"].as_str().map(str::to_owned))
                .collect(),
        }
    }
}

impl Rig {
    /// The dance of most tests.
    pub(crate) fn dance(&self) -> &Dance {
        self.dances.get(DANCE).expect("a dance of every rig")
    }

    /// Clicks on "Sign in": the redirect to the provider.
    pub(crate) async fn begin(&self, browser: &Browser) -> Page {
        self.begin_at(browser, "/login/op").await
    }

    /// Goes to this path, which begins a login.
    pub(crate) async fn begin_at(&self, browser: &Browser, path: &str) -> Page {
        let page = get(browser, path).await;
        assert_eq!(page.status(), 303, "{page:?}");
        let to = page.location().expect("a redirect");
        let provider = self.provider.issuer();
        assert!(
            to.as_str().starts_with(&provider),
            "{to} is not the provider"
        );
        page
    }

    /// Signs in at the provider and grants everything: the redirect to the application.
    pub(crate) async fn approve(&self, browser: &Browser, begun: Page) -> Page {
        self.grant(browser, begun, &SCOPES).await
    }

    /// Signs in at the provider and grants these scopes: the redirect to the application.
    pub(crate) async fn grant(&self, browser: &Browser, begun: Page, scopes: &[&str]) -> Page {
        let page = self.at_the_provider(browser, begun).await;
        match page.location() {
            // It did not ask anybody.
            Some(_) => page,
            None => {
                let approved = browser.approve(&page, "ada", scopes).await;
                approved.expect("the provider goes on")
            }
        }
    }

    /// Denies at the provider: the redirect to the application.
    pub(crate) async fn deny(&self, browser: &Browser, begun: Page) -> Page {
        let page = self.at_the_provider(browser, begun).await;
        let denied = browser.deny(&page, "ada").await;
        denied.expect("the provider goes on")
    }

    async fn at_the_provider(&self, browser: &Browser, begun: Page) -> Page {
        let page = browser
            .follow_while(begun, |to| to.origin() != origin())
            .await;
        page.expect("the provider answers")
    }

    /// A whole login up to the redirect to the callback, which is not followed yet.
    pub(crate) async fn ready(&self, browser: &Browser) -> Page {
        let begun = self.begin(browser).await;
        self.approve(browser, begun).await
    }

    /// The address of the callback of a login that is ready to be finished.
    pub(crate) async fn callback(&self, browser: &Browser) -> Url {
        self.ready(browser).await.location().expect("a callback")
    }

    /// A whole login: what the callback answers.
    pub(crate) async fn sign_in(&self, browser: &Browser) -> Page {
        let ready = self.ready(browser).await;
        step(browser, ready).await
    }

    /// A whole login that must work.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        let page = self.sign_in(&browser).await;
        assert_eq!(page.status(), 303, "{page:?}");
        assert!(
            self.home(&browser).await.owner.is_some(),
            "nobody signed in"
        );
        browser
    }

    /// What the home page says, which takes the flash messages.
    pub(crate) async fn home(&self, browser: &Browser) -> Home {
        Home::read(&get(browser, HOME).await)
    }

    /// The page that sets a cookie of its own.
    pub(crate) async fn cookies_page(&self, browser: &Browser) -> Page {
        get(browser, COOKIES).await
    }

    /// The page for who is signed in.
    pub(crate) async fn me(&self, browser: &Browser) -> Page {
        get(browser, ME).await
    }

    /// The page that calls the provider's API.
    pub(crate) async fn profile(&self, browser: &Browser) -> Page {
        get(browser, PROFILE).await
    }

    /// Clicks on "Sign out".
    pub(crate) async fn sign_out(&self, browser: &Browser) -> Page {
        let page = browser.post_form(url("/logout/op"), &[]).await;
        page.expect("an answer")
    }

    /// What `PROFILE` says about the person, if it is the provider's answer.
    pub(crate) fn username(page: &Page) -> Option<String> {
        let body: Value = page.json().ok()?;
        Some(body["username"].as_str()?.to_owned())
    }
}

/// Goes to this path of the application.
pub(crate) async fn get(browser: &Browser, path: &str) -> Page {
    browser.get(url(path)).await.expect("an answer")
}

/// Asks for this path of the application by another method.
pub(crate) async fn ask(browser: &Browser, method: Method, path: &str) -> Page {
    let answer = browser.request(method, url(path)).send().await;
    answer.expect("an answer")
}

/// Goes to an address of the application, in a chain of redirects.
pub(crate) async fn step(browser: &Browser, page: Page) -> Page {
    browser.step(page).await.expect("an answer")
}

/// Goes to a whole URL.
pub(crate) async fn visit(browser: &Browser, url: &Url) -> Page {
    browser.get(url).await.expect("an answer")
}

/// The URL of a path of the application.
pub(crate) fn url(path: &str) -> String {
    format!("{ORIGIN}{path}")
}

/// Where a callback sends the browser: a page of the application, with a fragment of its own, which is empty.
pub(crate) fn end(path: &str) -> String {
    format!("{ORIGIN}{path}#")
}

/// The origin of the application.
pub(crate) fn origin() -> url::Origin {
    Url::parse(ORIGIN).expect("a URL").origin()
}

/// The first value of a query parameter.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// The URL with another query.
pub(crate) fn with_query(url: &Url, query: &str) -> Url {
    let mut url = url.clone();
    url.set_query(Some(query));
    url
}

/// The URL with one more parameter.
pub(crate) fn adding(url: &Url, name: &str, value: &str) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair(name, value);
    url
}

/// The URL without a parameter.
pub(crate) fn without(url: &Url, name: &str) -> Url {
    let mut changed = url.clone();
    changed
        .query_pairs_mut()
        .clear()
        .extend_pairs(url.query_pairs().filter(|(key, _)| key != name));
    changed
}

/// The URL with another value of a parameter.
pub(crate) fn changing(url: &Url, name: &str, value: &str) -> Url {
    adding(&without(url, name), name, value)
}
