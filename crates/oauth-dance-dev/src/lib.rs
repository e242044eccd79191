//! The development identity provider: a small but honest OAuth 2.0 authorization server.
//!
//! It signs in made-up people, asks them for consent, and issues tokens, over plain [`http`] types
//! ([`DevProvider::handle`]), over a socket ([`DevProvider::serve`]) or as an in-process
//! [`HttpClient`](oauth_dance::HttpClient) ([`DevProvider::client`]).
//!
//! # Endpoints
//!
//! | endpoint | what |
//! |---|---|
//! | `GET /authorize` | code flow with PKCE `S256`, exact redirect URIs; then login and consent |
//! | `POST /token` | `authorization_code` and `refresh_token`, with rotation and reuse detection |
//! | `POST /revoke`, `POST /introspect` | RFC 7009, RFC 7662 |
//! | `GET /userinfo` | claims by granted scope: `profile` shows `name` and `preferred_username`, `email` shows `email` and `email_verified` |
//! | `GET /api/profile`, `GET /api/notes` | an API to call; the second needs the scope `notes` |
//! | `GET /.well-known/oauth-authorization-server` | RFC 8414 metadata |
//!
//! # Driving the pages
//!
//! They are plain forms, work without scripts, and keep these names:
//!
//! | page | element |
//! |---|---|
//! | any | `body[data-page=login]`, `consent`, `problem`, `home`; `#problem` says what is wrong |
//! | login | `form#login`, `input[name=username]`, `input[name=password]` if a person has a password, `button#sign-in` |
//! | login | `form#people`, one `button[name=username][value=…]` per person without a password |
//! | any | `form#response` with `button#continue`: the answer on its way back, if `response_mode=form_post` was asked for; scripts post it at once |
//! | consent | `form#consent`, `input[name=scope][value=…]` (ticked), `button#allow`, `button#deny`, `button#switch`, `#person[data-username=…]` |
//!
//! A test without a browser uses [`DevProvider::approve`] and [`DevProvider::deny`].
//!
//! # Standing in for another provider
//!
//! [`DevProvider::standing_in_for`] answers at the URLs of a provider of the catalog, in process and with
//! that provider's habits. An application tests its own login with it; `oauth-dance-testkit` has the browser
//! for that.
//!
//! # Faults
//!
//! A test can make a running provider break the rules ([`DevProvider::inject`],
//! [`DevProvider::inject_once`]) and see what was asked of it ([`DevProvider::log`],
//! [`DevProvider::seen`]):
//!
//! ```
//! use std::time::Duration;
//! use oauth_dance_dev::{DevProvider, Endpoint, Fault};
//!
//! let provider = DevProvider::builder().demo_people().build();
//! let refusal = Fault::refuses("access_denied", Some("not today"), None);
//! provider.inject(Endpoint::Authorization, refusal);
//! provider.inject(Endpoint::Token, Fault::with("expires_in", "3600"));
//! provider.inject_once(Endpoint::Refresh, Fault::unavailable(Duration::from_secs(5)));
//! provider.inject_once(Endpoint::CodeExchange, Fault::error(200, "bad_verification_code"));
//! provider.clear_faults();
//! assert_eq!(provider.log().token_requests(), 0);
//! ```

mod addresses;
mod answer;
mod approve;
mod builder;
mod client;
mod credentials;
mod dance;
mod endpoints;
mod faults;
mod ledger;
mod log;
mod pages;
mod params;
mod provider;
mod registration;
mod registry;
mod request;
mod route;
mod secret;
mod server;
mod stand_in;

pub use self::approve::NotApproved;
pub use self::builder::DevProviderBuilder;
pub use self::client::DevProviderClient;
pub use self::faults::Fault;
pub use self::faults::endpoint::Endpoint;
pub use self::log::{Log, LogEntry};
pub use self::provider::DevProvider;
pub use self::registration::{ClientRegistration, Person};
pub use self::server::RunningProvider;
