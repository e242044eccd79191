//! `oauth-dance` for [tower]: a service, a layer, and errors as responses. For plain [hyper], and for any framework
//! that serves a [`Service`](tower_service::Service).
//!
//! ```no_run
//! # use bytes::Bytes;
//! # use http::{Request, Response};
//! # use http_body_util::Full;
//! # use hyper::body::Incoming;
//! # use hyper::server::conn::http1;
//! # use hyper_util::rt::TokioIo;
//! # use hyper_util::service::TowerToHyperService;
//! # use oauth_dance_tower::{Error, mount, service_fn, visit};
//! # use serde_json::Value;
//! # async fn example(dances: oauth_dance::Dances) -> std::io::Result<()> {
//! let app = mount(service_fn(welcome), &dances); // GET /login/github, POST /logout/github, …
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     let app = TowerToHyperService::new(app.clone());
//!     tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), app));
//! }
//! # }
//!
//! /// Sends a browser that is not signed in to the login, and back here afterwards.
//! async fn welcome(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
//!     let user: Value = visit(&request)?.api("github")?.get("/user").await?.json()?;
//!     let name = user["login"].as_str().unwrap_or("you");
//!     Ok(Response::new(format!("Hello, {name}!").into()))
//! }
//! ```
//!
//! [`mount`] puts the pages of the dances and a visit around a service in one call. For applications that compose:
//!
//! - [`routes`] is a service of the dances' own pages. It compares whole paths, those that
//!   [`leaf::paths`](oauth_dance::leaf::paths) names. A router that takes a prefix off the path hands on the whole one.
//! - [`layer`] opens a visit for every request and puts what the visit has for the browser, such as
//!   refreshed tokens, on the response. Headers that the application sets stay.
//! - [`service_fn`] makes a service of an async function, and [`Error`] is the error that such a function returns.
//!
//! # Bodies
//!
//! The layer takes requests with any body. The pages of the dances read theirs as an [`http_body::Body`]. Responses
//! have any body that can be made of [`bytes::Bytes`], such as `http_body_util::Full<Bytes>` or `axum::body::Body`. The
//! error of the inner service is passed on.
//!
//! The pages wait for request bodies with a timer, so they need a tokio runtime with time enabled.
//!
//! [tower]: https://docs.rs/tower
//! [hyper]: https://docs.rs/hyper

mod asked;
mod error;
mod mount;
mod route;
mod service_fn;
mod visit;

pub use self::asked::Asked;
pub use self::error::Error;
pub use self::mount::{Mount, mount};
pub use self::route::{Routes, routes};
pub use self::service_fn::{ServiceFn, service_fn};
pub use self::visit::{VisitLayer, VisitService, layer, visit};

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
