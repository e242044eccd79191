//! Loco: the login is mounted in `Hooks::after_routes`, around the router that Loco has built.

mod notes;
mod receivers;

use async_trait::async_trait;
use axum::Router;
use loco_rs::app::{AppContext, Hooks};
use loco_rs::bgworker::Queue;
use loco_rs::boot::{BootResult, StartMode, create_app};
use loco_rs::config::Config;
use loco_rs::controller::AppRoutes;
use loco_rs::environment::Environment;
use loco_rs::task::Tasks;
use loco_rs::{Error, Result};
use oauth_dance::{Dances, Key, providers};
use oauth_dance_reqwest::ReqwestClient;

/// The application.
pub struct App;

#[async_trait]
impl Hooks for App {
    fn app_name() -> &'static str {
        env!("CARGO_CRATE_NAME")
    }

    async fn boot(
        mode: StartMode,
        environment: &Environment,
        config: Config,
    ) -> Result<BootResult> {
        create_app::<Self>(mode, environment, config).await
    }

    fn routes(_: &AppContext) -> AppRoutes {
        AppRoutes::with_default_routes().add_route(notes::routes())
    }

    /// Mounts the login around all routes. Loco's middleware is inside.
    async fn after_routes(router: Router, context: &AppContext) -> Result<Router> {
        Ok(oauth_dance_axum::mount(router, &dances(context)?))
    }

    async fn connect_workers(_: &AppContext, _: &Queue) -> Result<()> {
        Ok(())
    }

    fn register_tasks(_: &mut Tasks) {}
}

/// The origin is `server.host` of `config/*.yaml`, with the port.
fn dances(context: &AppContext) -> Result<Dances> {
    let origin = context.config.server.full_url();
    let key = Key::from_env("OAUTH_DANCE_KEY").map_err(Error::wrap)?;
    let client = ReqwestClient::new().map_err(Error::wrap)?;
    let dances = Dances::builder(origin, key)
        .client(client)
        // For receivers: with it, they have the database.
        .state(context.clone())
        .with(providers::github().redirect_to("/notes"))
        .build();
    dances.map_err(Error::wrap)
}
