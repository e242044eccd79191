//! A person in front of the browser who fills in the forms of the development provider.

use http::Method;
use url::Position;

use super::error::BrowserError;
use super::navigator::Browser;
use super::page::Page;
use super::tags::{Tag, tags};

impl Browser {
    /// Submits the first posted form of `page` with its hidden fields, as a script on that page does.
    /// A provider answers like this by `response_mode=form_post`.
    ///
    /// # Errors
    ///
    /// If the page has no such form, or nothing complete comes back.
    pub async fn submit_form(&self, page: &Page) -> Result<Page, BrowserError> {
        self.submit(page, &[]).await
    }

    /// Fills the first posted form of `page` in with these fields, beside its hidden ones, and submits
    /// it.
    ///
    /// # Errors
    ///
    /// If the page has no such form, or nothing complete comes back.
    pub async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Result<Page, BrowserError> {
        let no_form = || BrowserError::new("the page has no form to post");
        let form = page.form().ok_or_else(no_form)?;
        let action = page.url().join(&form.action).map_err(|_| no_form())?;
        let hidden = form.fields.iter();
        let mut all: Vec<(&str, &str)> = hidden
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        all.extend_from_slice(fields);
        self.request(Method::POST, action)
            .caused_by(page.url().as_str())
            .form(&all)
            .send()
            .await
    }

    /// Signs in: goes to `path`, which begins a login, signs `username` in at the [development
    /// provider](oauth_dance_dev), grants everything that the application asks for, and returns the
    /// page at the end.
    ///
    /// # Errors
    ///
    /// If the path does not lead to the provider, or the provider does not know the person, or nothing
    /// complete comes back.
    pub async fn sign_in(
        &self,
        path: impl AsRef<str>,
        username: &str,
    ) -> Result<Page, BrowserError> {
        let page = self.get(path).await?;
        let page = self.follow(page).await?;
        let consent = self.consent(&page, username).await?;
        let scopes = consent.inputs("scope");
        let mut decision = vec![("decision", "allow")];
        decision.extend(scopes.iter().map(|scope| ("scope", scope.as_str())));
        let decided = self.decided(&consent, &decision).await?;
        if is_page(&decided, "form-post") {
            let page = self.submit_form(&decided).await?;
            return self.follow(page).await;
        }
        self.follow(decided).await
    }

    /// Signs in at the [development provider](oauth_dance_dev), whose login or consent page `page`
    /// is, grants exactly these scopes, and returns the redirect to the application **without**
    /// following it. After `response_mode=form_post` it returns a page to
    /// [submit](Browser::submit_form).
    ///
    /// If the provider knows another person from an earlier login of this browser, `username` takes their place
    /// there.
    ///
    /// # Errors
    ///
    /// If `page` is another page, or the provider refuses or does not know the person.
    pub async fn approve(
        &self,
        page: &Page,
        username: &str,
        scopes: &[&str],
    ) -> Result<Page, BrowserError> {
        let mut decision = vec![("decision", "allow")];
        decision.extend(scopes.iter().map(|scope| ("scope", *scope)));
        self.decide(page, username, &decision).await
    }

    /// Does what [`approve`](Self::approve) does, but denies.
    ///
    /// # Errors
    ///
    /// As [`approve`](Self::approve).
    pub async fn deny(&self, page: &Page, username: &str) -> Result<Page, BrowserError> {
        self.decide(page, username, &[("decision", "deny")]).await
    }

    async fn decide(
        &self,
        page: &Page,
        username: &str,
        decision: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        let consent = self.consent(page, username).await?;
        self.decided(&consent, decision).await
    }

    /// The consent page of this person, after the login page if `page` is that one, or is shown to another person.
    async fn consent(&self, page: &Page, username: &str) -> Result<Page, BrowserError> {
        let (switched, signed_in);
        let page = if is_page(page, "consent") && !is_shown_to(page, username) {
            switched = self.submit(page, &[("decision", "switch")]).await?;
            &switched
        } else {
            page
        };
        let page = if is_page(page, "login") {
            let answer = self.submit(page, &[("username", username)]).await?;
            signed_in = self.follow(answer).await?;
            &signed_in
        } else {
            page
        };
        if is_page(page, "consent") {
            Ok(page.clone())
        } else {
            Err(stopped(
                "the consent page of the development provider was expected",
                page,
            ))
        }
    }

    /// The redirect to the application, or the page that is to be posted to it.
    async fn decided(
        &self,
        consent: &Page,
        decision: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        let decided = self.submit(consent, decision).await?;
        if decided.location().is_some() || is_page(&decided, "form-post") {
            Ok(decided)
        } else {
            Err(stopped(
                "a redirect to the application was expected",
                &decided,
            ))
        }
    }
}

/// Whether this is a page of the development provider, by its name.
fn is_page(page: &Page, name: &str) -> bool {
    page.text().contains(&format!("data-page=\"{name}\""))
}

/// Whether this consent page says that this person is signed in. The provider reads a name without the spaces
/// around it, too.
fn is_shown_to(page: &Page, username: &str) -> bool {
    let person = |tag: &Tag| tag.attribute("id") == Some("person");
    let tags = tags(&page.text());
    let shown_to = tags.iter().find(|tag| person(tag));
    shown_to.and_then(|tag| tag.attribute("data-username")) == Some(username.trim())
}

/// Says where the browser is instead. The query of its address has secrets, and is left out.
fn stopped(expected: &str, page: &Page) -> BrowserError {
    let at = &page.url()[..Position::AfterPath];
    let status = page.status();
    let problem = page.text();
    let problem = problem
        .split_once("id=\"problem\"")
        .and_then(|(_, rest)| rest.split_once('>')?.1.split_once('<'))
        .map(|(problem, _)| format!(": {problem}"))
        .unwrap_or_default();
    BrowserError::new(format!("{expected}, and {at} answered {status}{problem}"))
}
