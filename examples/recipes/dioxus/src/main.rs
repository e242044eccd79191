//! Dioxus fullstack: one program for the server, and one for the browser, which knows nothing of the login.

mod app;
#[cfg(feature = "server")]
mod receivers;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "server")]
fn main() {
    server::serve()
}

#[cfg(not(feature = "server"))]
fn main() {
    dioxus::launch(app::App);
}
