//! Checks of single settings.

use std::error::Error as _;
use std::fmt::Display;
use std::time::Duration;

use url::Url;

use crate::contract::client::HttpClient;
use crate::dance::paths::Paths;
use crate::values::config_error::ConfigError;
use crate::values::loopback::is_loopback;
use crate::values::next::Next;

const TARGET_PROBLEM: &str = "must be a path that begins with one / or an absolute http(s) URL";

/// Returns the URL of a configured place to send browsers: a path of the origin, or any http(s) URL that
/// the developer wrote.
pub(super) fn target(origin: &Url, paths: &Paths, text: &str) -> Result<Url, &'static str> {
    if text.starts_with('/') {
        // The prefix cannot make a path of what is none by itself.
        Next::parse(text, origin).map_err(|_| TARGET_PROBLEM)?;
        let next = Next::parse(&paths.public(text), origin).map_err(|_| TARGET_PROBLEM)?;
        return Ok(next.on(origin));
    }
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .ok_or(TARGET_PROBLEM)
}

pub(super) fn check_name(name: &str) -> Result<(), ConfigError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
        let problem = "must be 1 to 64 lower-case letters, digits and `-`";
        return Err(ConfigError::invalid(name, "the name", problem));
    }
    Ok(())
}

pub(super) fn origin(text: &str) -> Result<Url, ConfigError> {
    let invalid = |problem: &str| ConfigError::site("the origin", problem);
    let url = Url::parse(text)
        .map_err(|_| invalid("must be an absolute URL such as https://app.example"))?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare {
        return Err(invalid(
            "must be scheme, host and port alone; a path prefix goes into `mount_at`, or into `public_prefix` if a proxy takes it off",
        ));
    }
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        Ok(url)
    } else {
        Err(invalid(
            "must be https, because the cookies need it: plain http is for loopback, such as http://127.0.0.1:3000, and http elsewhere is refused",
        ))
    }
}

/// Refuses a lifetime that timestamps cannot express, or that is longer than `longest`.
pub(super) fn check_lifetime(
    setting: &'static str,
    lifetime: Duration,
    longest: Duration,
) -> Result<(), ConfigError> {
    let problem = if lifetime < Duration::from_secs(1) {
        "must be at least a second".to_owned()
    } else if lifetime > longest {
        format!("must be at most {} seconds", longest.as_secs())
    } else {
        return Ok(());
    };
    Err(ConfigError::site(setting, problem))
}

/// The longest time that a timer of the runtime takes, in milliseconds: some two years.
const LONGEST_TIMER: Duration = Duration::from_millis((1 << 36) - 1);

/// Refuses a deadline that is over before it begins, or that a timer cannot keep.
pub(super) fn check_timer(setting: &'static str, deadline: Duration) -> Result<(), ConfigError> {
    let problem = if deadline.is_zero() {
        "must be longer than zero".to_owned()
    } else if deadline > LONGEST_TIMER {
        let longest = LONGEST_TIMER.as_secs();
        format!("must be at most {longest} seconds, which is what a timer takes")
    } else {
        return Ok(());
    };
    Err(ConfigError::site(setting, problem))
}

/// Checks that the HTTP client can reach an endpoint at all. A client without TLS cannot reach https.
pub(super) fn check_client(
    client: &dyn HttpClient,
    dance: &str,
    setting: &'static str,
    endpoint: &Url,
) -> Result<(), ConfigError> {
    let unreachable = |problem: &dyn Display| {
        let problem = format!("cannot be reached by the HTTP client: {problem}");
        ConfigError::invalid(dance, setting, problem)
    };
    let uri = endpoint
        .as_str()
        .parse()
        .map_err(|error: http::uri::InvalidUri| unreachable(&error))?;
    client.check(&uri).map_err(|error| match error.source() {
        Some(source) => unreachable(&source),
        None => unreachable(&error),
    })
}
