//! Cot: the login is a layer around its handlers. The types of requests are those of `http`, only bodies differ.

mod login;
mod notes;
mod receivers;

use cot::cli::CliMetadata;
use cot::middleware::SessionMiddleware;
use cot::project::{MiddlewareContext, RegisterAppsContext, RootHandler, RootHandlerBuilder};
use cot::router::{Route, Router};
use cot::{App, AppBuilder, Project};
use oauth_dance::{Dances, Key, providers};
use oauth_dance_reqwest::ReqwestClient;

struct Notes;

impl App for Notes {
    fn name(&self) -> &str {
        env!("CARGO_CRATE_NAME")
    }

    fn router(&self) -> Router {
        Router::with_urls([Route::with_handler("/notes", notes::list)])
    }
}

struct Site {
    dances: Dances,
}

impl Project for Site {
    fn cli_metadata(&self) -> CliMetadata {
        cot::cli::metadata!()
    }

    fn register_apps(&self, apps: &mut AppBuilder, _: &RegisterAppsContext) {
        apps.register_with_views(Notes, "");
    }

    fn middlewares(&self, handler: RootHandlerBuilder, context: &MiddlewareContext) -> RootHandler {
        handler
            .main_handler_middleware(login::layer(&self.dances))
            .middleware(SessionMiddleware::from_context(context))
            .build()
    }
}

fn dances() -> Result<Dances, Box<dyn std::error::Error>> {
    let dances = Dances::builder("http://127.0.0.1:8000", Key::from_env("OAUTH_DANCE_KEY")?)
        .client(ReqwestClient::new()?)
        .with(providers::github().redirect_to("/notes"))
        .build()?;
    Ok(dances)
}

#[cot::main]
fn main() -> impl Project {
    let dances = dances().unwrap_or_else(|error| panic!("{error}"));
    Site { dances }
}
