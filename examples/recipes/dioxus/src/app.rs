//! The pages. One of them needs the login.

use dioxus::prelude::*;
#[cfg(feature = "server")]
use {oauth_dance::providers, oauth_dance_axum::Api};

#[derive(Clone, PartialEq, Routable)]
enum Page {
    #[route("/")]
    Home {},
    #[route("/notes")]
    Notes {},
}

#[component]
pub(crate) fn App() -> Element {
    rsx! { Router::<Page> {} }
}

/// The link leaves the application: the login is no page of it.
#[component]
fn Home() -> Element {
    rsx! { a { href: "/login/github?next=/notes", "Sign in" } }
}

#[component]
fn Notes() -> Element {
    let name = use_server_future(name)?;
    let text = match name() {
        Some(Ok(name)) => format!("Notes of {name}"),
        _ => "Please sign in again.".to_owned(),
    };
    rsx! { p { "{text}" } }
}

/// Returns who is signed in. Its argument of the attribute is an extractor: a browser that is not signed in gets 401.
#[get("/api/name", github: Api<providers::GitHub>)]
async fn name() -> Result<String> {
    let person = github.identity().await?;
    Ok(person.map_or("you".into(), |person| person.display_name().to_owned()))
}
