//! A browser for tests: it keeps cookies as Chromium does, goes one step at a time, and can be made to
//! attack.
//!
//! ```
//! use oauth_dance_testkit::{Browser, DevProvider};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = DevProvider::builder().demo_people().build();
//! let server = provider.serve("127.0.0.1:0").await?;
//!
//! let browser = Browser::new();
//! let page = browser.get(&server.issuer()).await?;
//! assert_eq!(page.status(), 200);
//! assert!(page.text().contains("Ada Lovelace"));
//! # Ok(())
//! # }
//! ```
//!
//! Redirects are shown, and followed when asked to: [`follow`](Browser::follow) goes to the end,
//! [`follow_while`](Browser::follow_while) stops before a URL, [`step`](Browser::step) goes once. A
//! second tab is a clone, a second person [`of_another_person`](Browser::of_another_person), a thief
//! `Browser::with_jar(victim.jar())`.

mod dev_forms;
mod error;
mod form;
mod jar;
mod navigation;
mod navigator;
mod page;
mod request;
mod site;
mod tags;
mod transport;

pub use self::error::BrowserError;
pub use self::jar::{CookieJar, StoredCookie};
pub use self::navigator::Browser;
pub use self::page::Page;
pub use self::request::BrowserRequest;
