//! The dance's own addresses, below the mount prefix.

use url::Url;

use crate::values::config_error::ConfigError;

/// The page that a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    Login(&'p str),
    Authorized(&'p str),
    Logout(&'p str),
}

/// The addresses of all dances: as the application sees them, and as browsers do.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// What a proxy takes off the path of every request: empty, or `/prefix` without a final slash.
    public_prefix: String,
    /// Empty, or `/prefix` without a final slash.
    mount: String,
    /// The callbacks that are not below the mount prefix: the name of the dance, and the path.
    callbacks: Vec<(String, String)>,
}

impl Paths {
    pub(crate) fn new(public_prefix: &str, mount: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            public_prefix: prefix("public_prefix", public_prefix)?,
            mount: prefix("mount_at", mount)?,
            callbacks: Vec::new(),
        })
    }

    /// Gives the dance called `name` a callback of its own.
    pub(crate) fn add_callback(&mut self, name: &str, path: &str) -> Result<(), ConfigError> {
        let invalid = |problem| ConfigError::invalid(name, "callback_path", problem);
        if !is_plain_path(path) {
            return Err(invalid(
                "must be a path such as /oauth/callback, of letters, digits and -_.~",
            ));
        }
        if self.route(path).is_some() {
            return Err(invalid("is the path of another page of the dances"));
        }
        self.callbacks.push((name.to_owned(), path.to_owned()));
        Ok(())
    }

    pub(crate) fn login(&self, name: &str) -> String {
        format!("{}/login/{name}", self.mount)
    }

    pub(crate) fn authorized(&self, name: &str) -> String {
        match self.callbacks.iter().find(|(dance, _)| dance == name) {
            Some((_, path)) => path.clone(),
            None => format!("{}/login/{name}/authorized", self.mount),
        }
    }

    pub(crate) fn logout(&self, name: &str) -> String {
        format!("{}/logout/{name}", self.mount)
    }

    /// Returns the path of the application as browsers see it.
    pub(crate) fn public(&self, path: &str) -> String {
        format!("{}{path}", self.public_prefix)
    }

    /// Returns the URL of a path of the application.
    pub(crate) fn on(&self, origin: &Url, path: &str) -> Url {
        let mut url = origin.clone();
        url.set_path(&self.public(path));
        url
    }

    /// Returns whether `url`, which is on the application's origin, is a page of the dances. A login never ends
    /// there: the browser would begin another login, or sign out.
    pub(crate) fn are_own(&self, url: &Url) -> bool {
        // Decoded, as a router may see it.
        let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
        let Some(path) = path.strip_prefix(self.public_prefix.as_str()) else {
            return false;
        };
        let below = |page: &str| {
            path.strip_prefix(self.mount.as_str())
                .and_then(|rest| rest.strip_prefix(page))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        below("/login") || below("/logout") || self.callbacks.iter().any(|(_, own)| own == path)
    }

    /// Returns which of the dance's addresses `path` is.
    pub(crate) fn route<'p>(&'p self, path: &'p str) -> Option<Route<'p>> {
        if let Some((name, _)) = self.callbacks.iter().find(|(_, own)| own == path) {
            return Some(Route::Authorized(name));
        }
        let rest = path.strip_prefix(self.mount.as_str())?;
        if let Some(name) = rest.strip_prefix("/logout/") {
            return Some(Route::Logout(name));
        }
        let rest = rest.strip_prefix("/login/")?;
        match rest.strip_suffix("/authorized") {
            // A dance has one callback (RFC 9700 §4.4).
            Some(name) if self.callbacks.iter().any(|(dance, _)| dance == name) => None,
            Some(name) => Some(Route::Authorized(name)),
            None => Some(Route::Login(rest)),
        }
    }
}

/// Checks a prefix of paths. It may be empty, and may end with a slash, which is taken off.
fn prefix(setting: &'static str, text: &str) -> Result<String, ConfigError> {
    let text = text.strip_suffix('/').unwrap_or(text);
    if text.is_empty() || is_plain_path(text) {
        return Ok(text.to_owned());
    }
    let problem = "must be a path such as /auth, of letters, digits and -_.~";
    Err(ConfigError::site(setting, problem))
}

fn is_plain_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let mut segments = path.split('/').skip(1);
    path.starts_with('/')
        && path.bytes().all(plain)
        && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_below_a_mount_prefix() {
        let paths = Paths::new("", "/auth/").unwrap();
        assert_eq!(paths.route("/auth/login/op"), Some(Route::Login("op")));
        assert_eq!(
            paths.route("/auth/login/op/authorized"),
            Some(Route::Authorized("op"))
        );
        assert_eq!(paths.route("/auth/logout/op"), Some(Route::Logout("op")));
        assert_eq!(paths.route("/login/op"), None);
    }

    #[test]
    fn a_mount_prefix_that_is_no_path_is_refused() {
        for prefix in ["auth", "//evil", "/a/../b", "/a b", "/a?b"] {
            assert!(Paths::new("", prefix).is_err(), "{prefix}");
            assert!(Paths::new(prefix, "").is_err(), "{prefix}");
        }
    }
}
