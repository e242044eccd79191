//! The server's half: the login is mounted around the router of Dioxus.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::{RequestExt as _, Router};
use oauth_dance::{Dances, Key, providers};
use oauth_dance_axum::Api;
use oauth_dance_reqwest::ReqwestClient;

use crate::app::App;

pub(crate) fn serve() -> ! {
    let dances = dances().unwrap_or_else(|error| panic!("{error}"));
    dioxus::serve(move || {
        let router = router(&dances);
        async { Ok(router) }
    })
}

fn dances() -> Result<Dances, Box<dyn std::error::Error + Send + Sync>> {
    // `dx serve` listens here.
    let dances = Dances::builder("http://127.0.0.1:8080", Key::from_env("OAUTH_DANCE_KEY")?)
        .client(ReqwestClient::new()?)
        .with(providers::github().redirect_to("/notes"))
        .build()?;
    Ok(dances)
}

fn router(dances: &Dances) -> Router {
    let app = dioxus::server::router(App).layer(from_fn(signed_in));
    oauth_dance_axum::mount(app, dances)
}

/// Sends a browser that asks for the notes without a login to the login, before the page begins to stream.
///
/// Dioxus finds pages by itself, so this looks at the path. What a page shows is protected by the server function.
async fn signed_in(mut request: Request, next: Next) -> Response {
    if request.uri().path() == "/notes" {
        let github: Result<Api<providers::GitHub>, _> = request.extract_parts().await;
        if let Err(error) = github {
            return error.into_response();
        }
    }
    next.run(request).await
}
