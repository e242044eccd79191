//! `oauth-dance` for [axum]: routes, a layer, and extractors.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use oauth_dance::{Dance, Dances, Key, providers};
//! use oauth_dance_axum::{Error, Visit};
//! use oauth_dance_reqwest::ReqwestClient;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let dances = Dances::builder("https://app.example", Key::from_env("OAUTH_DANCE_KEY")?)
//!     .client(ReqwestClient::new()?)
//!     .with(Dance::builder(providers::github()).redirect_to("/welcome"))
//!     .build()?;
//!
//! let app: Router = Router::new()
//!     .route("/welcome", get(welcome))
//!     .merge(oauth_dance_axum::router(&dances))   // GET /login/github, POST /logout/github, …
//!     .layer(oauth_dance_axum::layer(&dances));   // what the extractors need
//! # Ok(())
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! async fn welcome(Visit(visit): Visit) -> Result<String, Error> {
//!     let github = visit.api("github").expect("the dance above");
//!     let user: serde_json::Value = github.get("/user").await?.json()?;
//!     Ok(format!("Hello, {}!", user["login"]))
//! }
//! ```
//!
//! [`router`] has the dance's own pages. Merge it, do not nest it: its paths are those of
//! [`Dances::paths`](oauth_dance::Dances::paths), and
//! [`mount_at`](oauth_dance::DancesBuilder::mount_at) changes them. Nesting works under exactly the prefix
//! that was given to `mount_at`.
//!
//! [`layer`] opens a [`Visit`] for every request and adds the visit's cookies, such as refreshed tokens,
//! to the response. Cookies that the application sets are kept.

mod error;
mod extract;
mod layer;
mod router;

pub use self::error::Error;
pub use self::extract::{Api, DanceName, Flashes, LayerMissing, Visit};
pub use self::layer::{VisitLayer, VisitService, layer};
pub use self::router::router;

/// The examples of the repository's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
