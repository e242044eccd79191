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
    let endpoints = [
        ("Authorization endpoint", Place::Authorize),
        ("Token endpoint", Place::Token),
        ("Userinfo endpoint", Place::Userinfo),
        ("Metadata", Place::Metadata),
    ]
    .map(|(name, place)| (name, place, provider.addresses.url(place, &issuer)));
    let content = html! {
        h1 { "It runs" }
        p {
            "This is an OAuth 2.0 authorization server with made-up people. Start at your application: it will \
             send you here to sign in."
        }
        dl {
            dt { "Issuer" } dd #issuer { (issuer) }
            @for (name, place, url) in endpoints {
                @if let Some(url) = url {
                    dt { (name) }
                    dd {
                        @if place == Place::Metadata { a href=(url) { (url) } } @else { (url) }
                    }
                }
            }
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
