//! The pages. One of them needs the login.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

pub(crate) fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

#[component]
pub(crate) fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| "Not found.">
                <Route path=path!("/") view=Home/>
                <Route path=path!("/notes") view=Notes/>
            </Routes>
        </Router>
    }
}

/// The link leaves the application, so the router of the browser must not follow it.
#[component]
fn Home() -> impl IntoView {
    view! { <a href="/login/github?next=/notes" rel="external">"Sign in"</a> }
}

#[component]
fn Notes() -> impl IntoView {
    let name = Resource::new(|| (), |()| name());
    view! {
        <Suspense fallback=|| "…">
            {move || Suspend::new(async move { name.await.map(|name| format!("Notes of {name}")) })}
        </Suspense>
    }
}

/// Returns who is signed in. A server function has an address of its own, and the guard of the page does not see it.
#[server]
async fn name() -> Result<String, ServerFnError> {
    use oauth_dance_axum::Visit;

    let Visit(visit) = leptos_axum::extract().await?;
    let github = visit.api("github").map_err(refused)?;
    let person = github.identity().await.map_err(refused)?;
    Ok(person.map_or("you".into(), |person| person.display_name().to_owned()))
}

/// Answers with the status of the error, and keeps its text from the browser.
fn refused(error: oauth_dance::ApiError) -> ServerFnError {
    expect_context::<leptos_axum::ResponseOptions>().set_status(error.status());
    ServerFnError::new("Please sign in again.")
}
