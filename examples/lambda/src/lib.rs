//! A function on AWS Lambda whose pages need a login, without what reads its settings.
#![doc = include_str!("../README.md")]

mod pages;
mod stage;

use std::convert::Infallible;

use lambda_http::{Request, Service};
use oauth_dance::Dances;
use oauth_dance_tower::{mount, service_fn};

pub use self::pages::Page;
pub use self::stage::{WithoutStage, without_stage};

/// Returns the service that [`lambda_http::run`] calls: the pages of the dances, and those of the application.
pub fn app(
    dances: &Dances,
) -> impl Service<Request, Response = Page, Error = Infallible, Future: Send> + Clone + use<> {
    without_stage(mount(service_fn(pages::page), dances))
}
