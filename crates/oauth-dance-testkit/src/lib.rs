//! What tests of an OAuth login need: a browser to sign in with, a clock to move, and randomness to
//! repeat, beside the identity provider of [`oauth_dance_dev`].
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
//!
//! // Over a socket, for a person or a browser …
//! let server = provider.serve("127.0.0.1:0").await?;
//! let page = Browser::new().get(server.issuer()).await?;
//! assert!(page.text().contains("Ada Lovelace"));
//!
//! // … and in process, for a test that wants no socket at all.
//! let client = provider.client();
//! # let _ = client;
//! # Ok(())
//! # }
//! ```

pub mod browser;
mod clock;
mod entropy;
mod exchange;
mod socket_client;

pub use oauth_dance_dev::{
    ClientRegistration, DevProvider, DevProviderBuilder, DevProviderClient, Endpoint, Fault, Log,
    LogEntry, NotApproved, Person, RunningProvider,
};

pub use self::browser::{Browser, BrowserError, BrowserRequest, CookieJar, Page, StoredCookie};
pub use self::clock::ManualClock;
pub use self::entropy::SeededEntropy;
pub use self::socket_client::SocketClient;
