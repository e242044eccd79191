//! The client over real sockets on loopback.

mod hostile;
mod loopback;
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod no_tls;
mod plain;
mod settings;
mod support;
#[cfg(feature = "rustls")]
mod tls;

oauth_dance_suites::client_suite!(contract, support::client);
