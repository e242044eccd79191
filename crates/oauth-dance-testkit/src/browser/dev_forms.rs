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
        let page = if page.text().contains("data-page=\"login\"") {
            let signed_in = self
                .submit(page, "/login", &[("username", username)])
                .await?;
            consent = self.follow(signed_in).await?;
            &consent
        } else {
            page
        };
        let decided = self.submit(page, "/consent", decision).await?;
        if decided.location().is_some() || decided.text().contains("data-page=\"form-post\"") {
            Ok(decided)
        } else {
            Err(BrowserError::new("the provider did not go on"))
        }
    }

    async fn submit(
        &self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Page, BrowserError> {
        let hidden = |name| {
            page.input(name).ok_or_else(|| {
                BrowserError::new("not a login or consent page of the development provider")
            })
        };
        let (request, csrf) = (hidden("request")?, hidden("csrf")?);
        let action = page
            .url()
            .join(action)
            .map_err(|error| BrowserError::from_source("not a form", error))?;
        let mut form = vec![("request", request.as_str()), ("csrf", csrf.as_str())];
        form.extend_from_slice(fields);
        self.post_form(action.as_str(), &form).await
    }
}
