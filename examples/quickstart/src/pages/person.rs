//! Who is signed in with one dance, and what they granted.

use maud::{Markup, html};
use oauth_dance::{ApiError, Dance, Token, Visit};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};

use super::import;
use crate::dev_provider;
use crate::users::{Import, User};

/// Somebody who is signed in.
pub(super) struct Person<'a> {
    dance: &'a Dance,
    /// Who they are at the provider, if it said so.
    name: String,
    token: Token,
    user: Option<User>,
    import: Option<Import>,
}

impl<'a> Person<'a> {
    /// Who is signed in with `dance` in this browser.
    pub(super) async fn signed_in(
        visit: &Visit,
        dance: &'a Dance,
        pool: &SqlitePool,
    ) -> Result<Option<Self>, PersonError> {
        let Ok(api) = visit.api(dance.name()) else {
            return Ok(None);
        };
        let token = match api.token().await {
            Ok(token) => token,
            // Nobody is, or the token has expired and the provider does not renew it.
            Err(ApiError::LoginRequired(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let user = match visit.owner(dance.name()).await? {
            Some(owner) if owner.is_user() => User::by_id(pool, owner.id()).await?,
            _ => None,
        };
        let import = match &user {
            Some(user) if dance.name() == dev_provider::NAME => Import::of(pool, user.id).await?,
            _ => None,
        };
        let name = match (&user, api.identity().await?) {
            (Some(user), _) => user.name.clone(),
            (None, Some(identity)) => identity.display_name().to_owned(),
            (None, None) => "Somebody".to_owned(),
        };
        Ok(Some(Self {
            dance,
            name,
            token,
            user,
            import,
        }))
    }

    pub(super) fn cards(&self) -> Markup {
        html! {
            section.card.person aria-label="Signed in" {
                div.who {
                    span.initial aria-hidden="true" { (self.name.chars().next().unwrap_or('?')) }
                    div {
                        h1 #name { (self.name) }
                        p.soft { (self.contact()) }
                    }
                }
                dl {
                    dt { "Signed in with" }
                    dd { (self.dance.display_name()) }
                    @if let Some(user) = &self.user {
                        dt { "User" }
                        dd { "number " (user.id) "; " (count(user.sign_ins, "sign-in")) }
                        @if let Some(at) = &user.last_sign_in {
                            dt { "Last sign-in" }
                            dd { (at) " UTC" }
                        }
                        @if let Some(seconds) = user.took_seconds {
                            dt { "At the provider" }
                            dd { "for " (count(seconds, "second")) }
                        }
                    }
                    dt { "Granted" }
                    dd { (self.scopes()) }
                }
                form method="post" action=(self.dance.logout_url().path()) {
                    button.quiet #sign-out type="submit" { "Sign out" }
                }
            }
            @if let Some(import) = &self.import { (import::card(import)) }
            section.card aria-label="Call the API" {
                h2 { "Call the API with the token" }
                form.call action={ "/api/" (self.dance.name()) } {
                    label for="path" { "GET" }
                    input #path name="path" value=(self.example_call()) spellcheck="false"
                        autocapitalize="none";
                    button #call type="submit" { "Call" }
                }
                @if self.dance.name() == dev_provider::NAME {
                    p.soft { "Or open " a href="/notes" { "your notes" } ", a page for people who are signed in." }
                }
            }
        }
    }

    fn contact(&self) -> &str {
        let email = self.user.as_ref().and_then(|user| user.email.as_deref());
        email.unwrap_or("no e-mail address known")
    }

    /// What was granted; and what was asked for and was not.
    fn scopes(&self) -> Markup {
        html! {
            ul.scopes #scopes {
                @for scope in self.token.scopes().iter() { li.granted { (scope) } }
                @for scope in self.token.missing() { li.missing { (scope) } }
            }
        }
    }

    fn example_call(&self) -> &'static str {
        match self.dance.name() {
            dev_provider::NAME => "/profile",
            "github" => "/user",
            _ => "/",
        }
    }
}

fn count(number: i64, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {of}{plural}")
}

/// Why it cannot be said who is signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PersonError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Token(#[from] ApiError),
}
