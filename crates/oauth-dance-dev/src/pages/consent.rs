//! The page on which a person decides what the application may do.

use http::StatusCode;
use maud::html;

use super::form_keys::FormKeys;
use super::layout::page;
use crate::addresses::Place;
use crate::answer::Answer;
use crate::provider::Inner;
use crate::registration::Person;
use crate::request::AuthorizationRequest;

/// The consent form: one checkbox per requested scope.
pub(crate) fn consent(
    provider: &Inner,
    request: &AuthorizationRequest,
    person: &Person,
    keys: &FormKeys<'_>,
) -> Answer {
    let title = format!("{} asks for access", request.client_name);
    let content = html! {
        h1 { (title) }
        p { "You are signed in as " strong #person data-username=(person.username) { (person.display_name()) } "." }
        form method="post" action=(provider.addresses.path(Place::Consent)) #consent {
            (keys.fields())
            @if !request.scopes.is_empty() {
                fieldset {
                    legend { "The application wants to:" }
                    @for scope in &request.scopes {
                        label.scope {
                            input type="checkbox" name="scope" value=(scope) checked;
                            span { (provider.described(scope)) }
                            code { (scope) }
                        }
                    }
                }
            }
            div.buttons {
                button.lead #allow type="submit" name="decision" value="allow" { "Allow" }
                button #deny type="submit" name="decision" value="deny" { "Deny" }
            }
            hr;
            p.soft { "You will return to " (request.back.redirect_uri) }
            button.quiet #switch type="submit" name="decision" value="switch" {
                "Sign in as someone else"
            }
        }
    };
    page(StatusCode::OK, "consent", &title, &content)
}
