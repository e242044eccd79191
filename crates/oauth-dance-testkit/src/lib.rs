//! What an application needs to test its own login: a browser to sign in with, an identity provider that
//! stands in for the real one, a clock to move, and randomness to repeat.
//!
//! ```
//! # use axum::{Router, routing::get};
//! # use oauth_dance::{DanceBuilder, Dances, HttpClient, Key};
//! use oauth_dance::providers;
//! use oauth_dance_testkit::{Browser, DevProvider};
//!
//! # const ORIGIN: &str = "https://app.test";
//! # mod my_app {
//! #     use super::*;
//! #     pub fn router(github: DanceBuilder, client: impl HttpClient) -> Router {
//! #         let dances = Dances::builder(ORIGIN, Key::generate().expect("randomness"))
//! #             .client(client)
//! #             .with(github.redirect_to("/welcome"))
//! #             .build()
//! #             .expect("a working set-up");
//! #         oauth_dance_axum::mount(Router::new().route("/welcome", get(|| async { "Hello!" })), &dances)
//! #     }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // `my_app::router` builds the application as in production.
//! let github = DevProvider::standing_in_for(providers::github());
//! let browser = Browser::of(ORIGIN, my_app::router(github.dance(), github.client()));
//! let page = browser.sign_in("/login/github", "ada").await?;
//! assert_eq!(page.path(), "/welcome");
//! # Ok(())
//! # }
//! ```
//!
//! No socket is opened. A program in another process, or one that has no `tower` service, is tested over a
//! socket with a provider that [listens](DevProvider::serve):
//!
//! ```
//! use oauth_dance_testkit::{Browser, ClientRegistration, DevProvider, Person};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = DevProvider::builder()
//!     .client(
//!         ClientRegistration::new("my-app", "my-secret")
//!             .redirect_uri("http://127.0.0.1:3000/login/dev/authorized"),
//!     )
//!     .person(Person::new("ada").name("Ada Lovelace").email("ada@example.com"))
//!     .scope("profile", "See your name")
//!     .scope("email", "See your e-mail address")
//!     .build();
//! let server = provider.serve("127.0.0.1:0").await?;
//! let page = Browser::new().get(server.issuer()).await?;
//! assert!(page.text().contains("Ada Lovelace"));
//! # Ok(())
//! # }
//! ```
//!
//! # What the receivers did
//!
//! A [`Recorder`] keeps the sends of every signal, with the receivers that ran and what they answered:
//!
//! ```
//! use oauth_dance_testkit::Recorder;
//!
//! let recorder = Recorder::start(100); // the last 100 sends
//! // … a login …
//! assert!(recorder.sends_of("oauth_authorized").is_empty());
//! ```

pub mod browser;
mod clock;
mod entropy;
mod exchange;
mod socket_client;

pub use oauth_dance::signals::{CallRecord, Ran, Recorder, SendRecord};
pub use oauth_dance_dev::{
    ClientRegistration, DevProvider, DevProviderBuilder, DevProviderClient, Endpoint, Fault, Log,
    LogEntry, NotApproved, Person, RunningProvider,
};

pub use self::browser::{Browser, BrowserError, BrowserRequest, CookieJar, Page, StoredCookie};
pub use self::clock::ManualClock;
pub use self::entropy::SeededEntropy;
pub use self::socket_client::SocketClient;
