//! The suite that every HTTP client passes: one function for each promise of
//! [`HttpClient`](oauth_dance::HttpClient), tried against a server on loopback that misbehaves below HTTP.
//!
//! A crate with a client writes one line for it, and gets a test for each function of this module:
//!
//! ```
//! use oauth_dance_suites::client_suite;
//! use oauth_dance_testkit::SocketClient;
//!
//! client_suite!(plain, SocketClient::new);
//! ```
//!
//! The crate needs `tokio` with the features `macros` and `rt`. TLS is not tried: a crate with it has tests
//! of its own for the certificates that it refuses. [`ScriptedServer`] is for those, too.

mod errors;
mod exchange;
mod limits;
mod redirects;
mod server;
mod trap;

pub use self::errors::*;
pub use self::exchange::*;
pub use self::limits::*;
pub use self::redirects::*;
pub use self::server::{Answer, ScriptedServer};

/// Makes a module `$name` with one `#[tokio::test]` for each function of
/// [`client_suite`](mod@crate::client_suite).
///
/// `$client` is a function or a closure that returns a client. Each test calls it once.
#[macro_export]
macro_rules! client_suite {
    (@tests $client:expr; $($test:ident)*) => {$(
        #[::tokio::test]
        async fn $test() {
            $crate::client_suite::$test(($client)()).await;
        }
    )*};
    ($name:ident, $client:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::client_suite! { @tests $client;
                method_path_headers_and_body_arrive_as_given
                status_headers_and_body_come_back
                redirects_are_returned_and_not_followed
                odd_locations_are_not_followed_either
                error_statuses_are_returned_and_not_retried
                d25_a_request_is_sent_once_even_if_the_connection_is_reset
                cookies_are_not_kept
                an_endless_body_is_cut_at_the_cap
                the_cap_is_exact
                d04_a_compressed_body_is_cut_at_the_cap_too
                a_response_that_never_comes_or_never_ends_is_a_timeout
                endless_headers_are_an_error
                d30_broken_http_has_a_word_for_each_cause
                a_request_says_who_sends_it
                a_refused_connection_is_a_refused_one
                k03_errors_show_nothing_of_the_request_or_the_response
            }
        }
    };
}
