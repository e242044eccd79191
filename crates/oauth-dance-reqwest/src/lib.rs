//! The [reqwest] HTTP client for `oauth-dance`.
//!
//! [`ReqwestClient`] sends the requests of the dance to providers and keeps the promises of
//! [`oauth_dance::HttpClient`]: it follows no redirect, keeps no cookie, sends no request twice, and
//! stops at the deadline and at the cap on the body, whatever the provider does.
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
//! With both, `rustls` is used. Neither is on by default, because TLS is the slowest thing to build in
//! the whole tree and tests against a provider on loopback do not need it. Without either, a request
//! to an https URL fails before anything leaves the process, with an error that names these features;
//! [`ReqwestClient::HAS_TLS`] says so beforehand.
//!
//! `rustls` brings its own crypto provider to its own connections and installs none for the process, so
//! it minds neither what the rest of the application uses nor in which order things start. An
//! application that uses rustls itself, with another provider that it never names, has to name it then:
//! rustls guesses only while there is one in the build (`CryptoProvider::install_default`).
//!
//! # Proxies
//!
//! As with reqwest elsewhere, `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` of the
//! environment are obeyed, except for `localhost` and loopback addresses: a provider on this machine is
//! never looked for at the proxy. https stays encrypted between this process and the provider even so:
//! the proxy carries it, and cannot read it. [`ReqwestClientBuilder::configure`] is where to switch that
//! off (`no_proxy`) or to name another proxy.
//!
//! # What it sends
//!
//! HTTP/1.1 with `accept-encoding: gzip`, and `user-agent: oauth-dance/…` unless told otherwise (some
//! providers answer 403 to a client without a name). gzip is the only coding it undoes; an answer in any
//! other one is an error. Connections are kept for a few seconds: long enough for the requests of one
//! login, and too short for a server or a firewall to have dropped them meanwhile.
//!
//! [rustls]: https://docs.rs/rustls

mod builder;
mod client;
mod error;
#[cfg(feature = "rustls")]
mod tls;

pub use self::builder::ReqwestClientBuilder;
pub use self::client::ReqwestClient;
pub use self::error::BuildError;

/// The reqwest whose builder [`ReqwestClientBuilder::configure`] hands out.
pub use reqwest;
