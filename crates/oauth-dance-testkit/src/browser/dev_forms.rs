//! A person in front of the browser who fills in the forms of the development provider.

use super::{Browser, BrowserError, Page};

impl Browser {
    /// Signs in at the [development provider](oauth_dance_dev), whose login or consent page `page`
    /// is, grants exactly these scopes, and returns the redirect to the application **without**
    /// following it. After `response_mode=form_post` it is a page to
    /// [submit](Browser::submit_form).
    ///
    /// # Errors
    ///
    /// If `page` is another page, or the provider refuses.
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

    /// As [`approve`](Self::approve), but clicks on Deny.
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
        let consent;
        let page = if is_page(page, "login") {
            let signed_in = self.submit(page, &[("username", username)]).await?;
            consent = self.follow(signed_in).await?;
            &consent
        } else {
            page
        };
        if !is_page(page, "consent") {
            return Err(BrowserError::new(
                "not a login or consent page of the development provider",
            ));
        }
        let decided = self.submit(page, decision).await?;
        if decided.location().is_some() || is_page(&decided, "form-post") {
            Ok(decided)
        } else {
            Err(BrowserError::new("the provider did not go on"))
        }
    }
}

/// Whether this is a page of the development provider, by its name.
fn is_page(page: &Page, name: &str) -> bool {
    page.text().contains(&format!("data-page=\"{name}\""))
}
