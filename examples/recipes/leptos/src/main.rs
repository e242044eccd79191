//! Leptos: the login is mounted around the router, and guards the routes of the pages that need it.

mod app;
mod receivers;

use app::{App, shell};
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::{RequestExt as _, Router};
use leptos::config::get_configuration;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use oauth_dance::{Dances, Key, providers};
use oauth_dance_axum::Api;
use oauth_dance_reqwest::ReqwestClient;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = get_configuration(None)?.leptos_options;
    let address = options.site_addr;
    let dances = Dances::builder(
        format!("http://{address}"),
        Key::from_env("OAUTH_DANCE_KEY")?,
    )
    .client(ReqwestClient::new()?)
    .with(providers::github().redirect_to("/notes"))
    .build()?;

    let page = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let app = Router::new()
        .leptos_routes(&options, generate_route_list(App), page)
        .route_layer(from_fn(signed_in))
        .fallback(leptos_axum::file_and_error_handler(shell))
        .with_state(options);
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, oauth_dance_axum::mount(app, &dances)).await?;
    Ok(())
}

/// Sends a browser that asks for the notes without a login to the login, before the page begins to stream.
///
/// What a page shows is protected by the server function.
async fn signed_in(route: MatchedPath, mut request: Request, next: Next) -> Response {
    if route.as_str() == "/notes" {
        let github: Result<Api<providers::GitHub>, _> = request.extract_parts().await;
        if let Err(error) = github {
            return error.into_response();
        }
    }
    next.run(request).await
}
