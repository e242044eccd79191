//! The [reqwest] HTTP client for `oauth-dance`.
//!
//! [`ReqwestClient`] sends the requests of the dance to providers and keeps the contract of
//! [`oauth_dance::HttpClient`]: it follows no redirect, keeps no cookie, sends no request twice, and stops
//! at the deadline and at the cap on the body.
//!
//! ```
//! use oauth_dance::{Dances, Key};
//! use oauth_dance_reqwest::ReqwestClient;
//!
//! let dances = Dances::builder("https://app.example", Key::generate()?)
//!     .client(ReqwestClient::new()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # TLS
//!
//! Providers speak https, so an application switches one of these features on:
//!
//! | feature | TLS by | trusts |
//! |---|---|---|
//! | `rustls` | [rustls] with ring; no C toolchain beyond a compiler, a few seconds to build | the certificates of the operating system |
//! | `native-tls` | the operating system: OpenSSL, Schannel or Secure Transport | the same |
//!
//! ```toml
//! [dependencies]
//! oauth-dance-reqwest = { version = "0.1", features = ["rustls"] }
//! ```
//!
//! With both, `rustls` is used. Neither is on by default, because TLS is the slowest dependency to build
//! and tests against a provider on loopback do not need it. Without TLS, a request to an https URL fails
//! before anything leaves the process, with an error that names these features.
//! [`ReqwestClient::HAS_TLS`] tells an application so at its start.
//!
//! `rustls` uses its own crypto provider for its own connections and installs none for the process. If the
//! application uses rustls itself with another crypto provider, it has to install that one
//! (`CryptoProvider::install_default`): rustls chooses by itself only if the build has exactly one.
//!
//! # This machine
//!
//! Plain http is for loopback hosts only: `localhost`, names below `localhost`, 127.0.0.0/8 and `[::1]`.
//! No switch is needed for them, and http elsewhere is refused. The client resolves `localhost` names to
//! 127.0.0.1 and ::1 itself and never by DNS (RFC 6761 §6.3). The operating system resolves every other
//! name.
//!
//! # Proxies
//!
//! The client uses the proxies of the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), except for
//! loopback hosts: a request to this machine never goes to a proxy. https stays encrypted between this
//! process and the provider; the proxy cannot read it. Use [`ReqwestClientBuilder::configure`] to switch
//! proxies off (`no_proxy`) or to set another one.
//!
//! The guide has a page for the [proxy in front of the application](oauth_dance::guide::proxies).
//!
//! # What it sends
//!
//! The client sends HTTP/1.1 with `accept-encoding: gzip` and, by default, `user-agent: oauth-dance/…`:
//! some providers answer 403 to a request without a user agent. A response in another content coding than
//! gzip is an error. An unused connection is closed after a few seconds. This is long enough for the
//! requests of one login, and shorter than servers and firewalls keep an idle connection.
//!
//! [rustls]: https://docs.rs/rustls

mod builder;
mod client;
mod error;
mod resolver;
#[cfg(feature = "rustls")]
mod tls;

pub use self::builder::ReqwestClientBuilder;
pub use self::client::ReqwestClient;
pub use self::error::BuildError;

/// The reqwest whose builder [`ReqwestClientBuilder::configure`] hands out.
pub use reqwest;
