//! The guide: one page for each task, with programs that are compiled.
//!
//! | page | |
//! |---|---|
//! | [`getting_started`] | from an empty folder to a login with GitHub |
//! | [`sessions`] | users of your own, and a session of your own beside the session of the dance |
//! | [`proxies`] | TLS that ends at a proxy, paths below a prefix, two applications on one host |
//! | [`testing`] | a whole login in a test, without a network |
//! | [`failures`] | what users see, what the log says, and how to change both |
//! | [`json_clients`] | scripts that want 401 and not a redirect |
//! | [`background_jobs`] | work that goes on after the response, or without a browser |
//! | [`production`] | keys and their rotation, several servers, backups |
//!
//! The pages use axum. With another framework, the extractors have other names, and the rest is the same.
//! In the repository, `examples/lambda` is a function on AWS Lambda, and `examples/recipes` adds the login to applications
//! on Loco, Leptos, Dioxus and Cot.

// The programs of the pages need axum and other crates that depend on this one. They are compiled and run as
// doctests of `oauth-dance-axum`, and not here.
macro_rules! pages {
    ($($(#[$items:meta])* $page:ident, $file:literal;)*) => {
        $(
            #[cfg_attr(not(doctest), doc = include_str!(concat!("../docs/guide/", $file)))]
            #[cfg_attr(not(doctest), doc = "\n# Items of this page\n")]
            $(#[$items])*
            pub mod $page {}
        )*
    };
}

pages! {
    /// [`Dances::builder`](crate::Dances::builder), [`Key`](crate::Key), [`providers`](crate::providers),
    /// [`Credentials`](crate::Credentials), [`receiver`](macro@crate::receiver),
    /// [`Flash`](crate::Flash), [`Provider`](crate::Provider), [`DanceName`](crate::DanceName),
    /// [`TokenStore`](crate::TokenStore)
    getting_started, "getting-started.md";

    /// [`OAUTH_AUTHORIZED`](crate::OAUTH_AUTHORIZED), [`Authorized::store_for`](crate::Authorized::store_for),
    /// [`OAUTH_LOGGED_IN`](crate::OAUTH_LOGGED_IN), [`LoggedIn::extension`](crate::LoggedIn::extension),
    /// [`OAUTH_LOGGED_OUT`](crate::OAUTH_LOGGED_OUT), [`Identity`](crate::Identity), [`Owner`](crate::Owner),
    /// [`UserId`](crate::UserId), [`Dances::sessions`](crate::Dances::sessions),
    /// [`BrowserSession::is_of`](crate::BrowserSession::is_of), [`Visit::sign_out`](crate::Visit::sign_out)
    sessions, "sessions.md";

    /// [`Dances::builder`](crate::Dances::builder), [`DancesBuilder::mount_at`](crate::DancesBuilder::mount_at),
    /// [`DancesBuilder::cookie_namespace`](crate::DancesBuilder::cookie_namespace),
    /// [`DancesBuilder::public_prefix`](crate::DancesBuilder::public_prefix),
    /// [`Dance::redirect_uri`](crate::Dance::redirect_uri), [`Dance::login_url`](crate::Dance::login_url),
    /// [`Dance::logout_url`](crate::Dance::logout_url)
    proxies, "proxies.md";

    /// [`SignalSet`](crate::SignalSet), [`Clock`](crate::Clock), [`Entropy`](crate::Entropy),
    /// [`HttpClient`](crate::HttpClient)
    testing, "testing.md";

    /// [`OAUTH_ERROR`](crate::OAUTH_ERROR), [`LoginFailure`](crate::LoginFailure),
    /// [`LoginError`](crate::LoginError), [`OAUTH_REJECTED`](crate::OAUTH_REJECTED), [`Reply`](crate::Reply),
    /// [`ApiError`](crate::ApiError), [`leaf::failed`](crate::leaf::failed), [`Ended`](crate::Ended),
    /// [`DancesBuilder::pages`](crate::DancesBuilder::pages), [`ConfigError`](crate::ConfigError)
    failures, "failures.md";

    /// [`ApiError::status`](crate::ApiError::status),
    /// [`ApiError::as_login_required`](crate::ApiError::as_login_required),
    /// [`leaf::login_required`](crate::leaf::login_required),
    /// [`LoginRequired::login_url`](crate::LoginRequired::login_url), [`Next`](crate::Next)
    json_clients, "json-clients.md";

    /// [`Dance::api`](crate::Dance::api), [`Owner::user`](crate::Owner::user), [`ApiClient`](crate::ApiClient),
    /// [`LoggedIn`](crate::LoggedIn), [`Dance::forget`](crate::Dance::forget),
    /// [`ApiError::VisitFinished`](crate::ApiError::VisitFinished)
    background_jobs, "background-jobs.md";

    /// [`KeyRing`](crate::KeyRing), [`TokenStore`](crate::TokenStore), [`PendingStore`](crate::PendingStore),
    /// [`DancesBuilder`](crate::DancesBuilder), [`Limits`](crate::Limits)
    production, "production.md";
}
