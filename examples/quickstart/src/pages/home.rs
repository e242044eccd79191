//! The front page: sign in; or who you are, and what ran when you did.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use oauth_dance::Dance;
use oauth_dance_axum::{Flashes, Visit};

use super::layout::{Page, Trouble};
use super::person::Person;
use super::timeline;
use crate::site::Site;
use crate::visitors::VisitorId;

/// `GET /`.
pub(crate) async fn show(
    State(site): State<Site>,
    Extension(visitor): Extension<VisitorId>,
    Visit(visit): Visit,
    Flashes(flashes): Flashes,
) -> Result<Response, Trouble> {
    let mut people = Vec::new();
    let mut others = Vec::new();
    for dance in visit.dances().iter() {
        match Person::signed_in(&visit, dance, &site.pool).await? {
            Some(person) => people.push(person),
            None => others.push(dance),
        }
    }
    let signed_in = !people.is_empty();
    let content = html! {
        div.columns {
            div {
                @for person in &people { (person.cards()) }
                @if signed_in { (sign_in_as_well(&others)) } @else { (invitation(&others)) }
            }
            (timeline::card(site.visitors.sends_for(&visitor)))
        }
    };
    Ok(Page {
        title: "Home",
        signed_in,
        flashes: &flashes,
        content,
    }
    .into_response())
}

fn invitation(dances: &[&Dance]) -> Markup {
    html! {
        section.invitation {
            h1 { "Sign in, and watch what runs." }
            p { "Every function that takes part in a login shows up on this page: in which order it ran, how long it took, and what it decided." }
            @for (index, dance) in dances.iter().enumerate() {
                (sign_in_button(dance, index == 0))
            }
            p.soft { "Then do it again and untick a scope, or say no: there is a function for that, too." }
        }
    }
}

fn sign_in_as_well(dances: &[&Dance]) -> Markup {
    html! {
        @for dance in dances { (sign_in_button(dance, false)) }
    }
}

/// A link: a login begins by GET.
fn sign_in_button(dance: &Dance, lead: bool) -> Markup {
    let class = if lead { "button lead" } else { "button" };
    html! {
        a class=(class) id={ "sign-in-" (dance.name()) } href=(dance.login_url().path()) {
            "Sign in with " (dance.display_name())
        }
    }
}
