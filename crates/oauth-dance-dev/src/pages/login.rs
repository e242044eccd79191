//! The page on which a person says who they are.

use http::StatusCode;
use maud::html;

use super::form_keys::FormKeys;
use super::layout::page;
use crate::addresses::Place;
use crate::answer::Answer;
use crate::provider::Inner;
use crate::registration::Person;
use crate::request::AuthorizationRequest;

/// The login form, with what was wrong about the last try.
pub(crate) fn login(
    provider: &Inner,
    request: &AuthorizationRequest,
    keys: &FormKeys<'_>,
    problem: Option<&str>,
) -> Answer {
    let without_password = |person: &&Person| person.password.is_none();
    let shortcuts: Vec<&Person> = provider.people.iter().filter(without_password).collect();
    let content = html! {
        h1 { "Sign in" }
        p { "to continue to " strong { (request.client_name) } }
        @if let Some(problem) = problem {
            p.problem #problem role="alert" { (problem) }
        }
        form method="post" action=(provider.addresses.path(Place::Login)) #login {
            (keys.fields())
            label.field {
                "Username "
                input type="text" name="username" autocomplete="username" autocapitalize="none"
                    spellcheck="false" maxlength="200" autofocus;
            }
            @if provider.has_passwords() {
                label.field {
                    "Password "
                    input type="password" name="password" autocomplete="current-password" maxlength="200";
                }
            }
            div.buttons { button.lead #sign-in type="submit" { "Sign in" } }
        }
        @if !shortcuts.is_empty() {
            hr;
            p.soft { "Or continue as one of the people who live here:" }
            form method="post" action=(provider.addresses.path(Place::Login)) #people {
                (keys.fields())
                div.buttons {
                    @for person in shortcuts {
                        button type="submit" name="username" value=(person.username) {
                            (person.display_name())
                        }
                    }
                }
            }
        }
    };
    match problem {
        Some(_) => page(
            StatusCode::FORBIDDEN,
            "login",
            "You are not signed in",
            &content,
        ),
        None => {
            let title = format!("Sign in to continue to {}", request.client_name);
            page(StatusCode::OK, "login", &title, &content)
        }
    }
}
