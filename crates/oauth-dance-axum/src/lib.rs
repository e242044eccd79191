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
//! - [`router`] brings the dance's own pages. It is merged, never nested: its paths are the whole paths that
//!   [`leaf::paths`](oauth_dance::leaf::paths) names, and
//!   [`mount_at`](oauth_dance::DancesBuilder::mount_at) puts a prefix before them. Inside a nest they are
//!   not found.
//! - [`layer`] opens a [`Visit`] for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Cookies that the application sets stay.
//!
//! # Extractors
//!
//! | argument of a handler | the handler gets |
//! |---|---|
//! | [`Api<providers::GitHub>`](Api) | the provider's API as the signed-in user; other browsers are sent to the login |
//! | `Option<Api<providers::GitHub>>` | the same, or `None` |
//! | [`SignedIn<UserId>`](SignedIn) | the application's user; other browsers are sent to the login |
//! | [`Visit`] | the whole visit: the owner of each dance, API clients by name, flash messages |
//! | [`Flashes`] | the messages for this page, once |
//!
//! # More
//!
//! - [Getting started](oauth_dance::guide::getting_started) goes from an empty folder to a login with GitHub.
//! - The [guide](oauth_dance::guide) has a page for
//!   [users and their sessions](oauth_dance::guide::sessions), [proxies](oauth_dance::guide::proxies),
//!   [tests](oauth_dance::guide::testing), [failures and logs](oauth_dance::guide::failures),
//!   [JSON clients](oauth_dance::guide::json_clients), [background jobs](oauth_dance::guide::background_jobs)
//!   and [production](oauth_dance::guide::production).
//! - In the repository, `cargo run -p quickstart` starts a small site on axum. Its folder `src/recipes/` has
//!   one small file to copy for each task.

mod error;
mod extract;
mod mount;
mod route;
mod visit;

pub use self::error::Error;
pub use self::extract::{Api, Flashes, SignedIn, Visit};
pub use self::mount::mount;
pub use self::route::router;
pub use self::visit::layer;
pub use oauth_dance::DanceName;
pub use oauth_dance_tower::{VisitLayer, VisitService};

/// The examples of the repository's README and of the guide, compiled and run.
#[cfg(doctest)]
mod pages {
    macro_rules! pages {
        ($($page:ident, $file:literal;)*) => {
            $(
                #[doc = include_str!(concat!("../../../", $file))]
                struct $page;
            )*
        };
    }

    pages! {
        Readme, "README.md";
        ReadmeOfThisCrate, "crates/oauth-dance-axum/README.md";
        GettingStarted, "crates/oauth-dance/docs/guide/getting-started.md";
        Sessions, "crates/oauth-dance/docs/guide/sessions.md";
        Proxies, "crates/oauth-dance/docs/guide/proxies.md";
        Testing, "crates/oauth-dance/docs/guide/testing.md";
        Failures, "crates/oauth-dance/docs/guide/failures.md";
        JsonClients, "crates/oauth-dance/docs/guide/json-clients.md";
        BackgroundJobs, "crates/oauth-dance/docs/guide/background-jobs.md";
        Production, "crates/oauth-dance/docs/guide/production.md";
    }
}
