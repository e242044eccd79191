//! The front page: what runs here.

use http::StatusCode;
use maud::{Markup, html};

use super::layout::page;
use crate::addresses::Place;
use crate::answer::Answer;
use crate::provider::{Inner, ScopeDescription};
use crate::registration::Person;

/// The front page.
pub(crate) fn home(provider: &Inner) -> Answer {
    let issuer = provider.issuer();
    let url = |place| format!("{issuer}{}", provider.addresses.path(place));
    let metadata = provider.addresses.path(Place::Metadata);
    let content = html! {
        h1 { "It runs" }
        p {
            "This is an OAuth 2.0 authorization server with made-up people. Start at your application: it will \
             send you here to sign in."
        }
        dl {
            dt { "Issuer" } dd #issuer { (issuer) }
            dt { "Authorization endpoint" } dd { (url(Place::Authorize)) }
            dt { "Token endpoint" } dd { (url(Place::Token)) }
            dt { "Userinfo endpoint" } dd { (url(Place::Userinfo)) }
            dt { "Metadata" } dd { a href=(metadata) { (url(Place::Metadata)) } }
            dt { "Scopes" } dd { (list(provider.scopes.iter().map(ScopeDescription::name))) }
            dt { "People" } dd { (list(provider.people.iter().map(Person::display_name))) }
            @for client in &provider.clients {
                dt { "Application " (client.display_name()) }
                dd {
                    "client identifier " code { (client.id) }
                    @for uri in &client.redirect_uris { ", redirect URI " code { (uri) } }
                }
            }
        }
    };
    page(StatusCode::OK, "home", "The provider runs", &content)
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> Markup {
    let words: Vec<&str> = words.collect();
    html! { @if words.is_empty() { "none" } @else { (words.join(", ")) } }
}
