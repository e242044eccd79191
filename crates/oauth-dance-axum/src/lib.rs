//! `oauth-dance` for [axum]: routes, a layer, and extractors.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use oauth_dance::{Dances, Key, providers};
//! use oauth_dance_axum::{Api, Error};
//! use oauth_dance_reqwest::ReqwestClient;
//! use serde_json::Value;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("http://127.0.0.1:3000", Key::from_env("OAUTH_DANCE_KEY")?)
//!     .client(ReqwestClient::new()?)
//!     .with(providers::github().redirect_to("/welcome"))
//!     .build()?;
//!
//! let app: Router = Router::new().route("/welcome", get(welcome));
//! let app = oauth_dance_axum::mount(app, &dances); // GET /login/github, POST /logout/github, …
//! # Ok(())
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
//!     let user: Value = github.get("/user").await?.json()?;
//!     Ok(format!("Hello, {}!", user["login"].as_str().unwrap_or("you")))
//! }
//! ```
//!
//! [`mount`] adds routes and layer in one call. For applications that compose:
//!
//! - [`router`] brings the dance's own pages. It is merged, not nested: its paths are those that
//!   [`leaf::paths`](oauth_dance::leaf::paths) names, and
//!   [`mount_at`](oauth_dance::DancesBuilder::mount_at) moves them. A router that is nested under the very
//!   prefix of `mount_at` works too.
//! - [`layer`] opens a [`Visit`] for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Cookies that the application sets stay.

mod error;
mod extract;
mod layer;
mod mount;
mod router;

pub use self::error::Error;
pub use self::extract::{Api, Flashes, LayerMissing, Visit};
pub use self::layer::{VisitLayer, VisitService, layer};
pub use self::mount::mount;
pub use self::router::router;
pub use oauth_dance::DanceName;

/// The examples of the repository's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
