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

/// The mount prefix and the addresses below it.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// Empty, or `/prefix` without a final slash.
    mount: String,
}

impl Paths {
    pub(crate) fn new(mount: &str) -> Result<Self, ConfigError> {
        let mount = mount.strip_suffix('/').unwrap_or(mount);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
        let segments = mount.split('/').skip(1);
        let well_formed = mount.is_empty()
            || (mount.starts_with('/')
                && mount.bytes().all(plain)
                && segments.into_iter().all(|s| !matches!(s, "" | "." | "..")));
        if !well_formed {
            let problem = "must be a path such as /auth, of letters, digits and -_.~";
            return Err(ConfigError::site("mount_at", problem));
        }
        Ok(Self {
            mount: mount.to_owned(),
        })
    }

    pub(crate) fn login(&self, name: &str) -> String {
        format!("{}/login/{name}", self.mount)
    }

    pub(crate) fn authorized(&self, name: &str) -> String {
        format!("{}/login/{name}/authorized", self.mount)
    }

    pub(crate) fn logout(&self, name: &str) -> String {
        format!("{}/logout/{name}", self.mount)
    }

    pub(crate) fn on(&self, origin: &Url, path: &str) -> Url {
        let mut url = origin.clone();
        url.set_path(path);
        url
    }

    /// Returns the prefixes below which every path is the dance's. A login never ends there: the browser
    /// would begin another login, or sign out.
    pub(crate) fn own(&self) -> Vec<String> {
        vec![
            format!("{}/login", self.mount),
            format!("{}/logout", self.mount),
        ]
    }

    /// Returns which of the dance's addresses `path` is.
    pub(crate) fn route<'p>(&self, path: &'p str) -> Option<Route<'p>> {
        let rest = path.strip_prefix(self.mount.as_str())?;
        if let Some(name) = rest.strip_prefix("/logout/") {
            return Some(Route::Logout(name));
        }
        let rest = rest.strip_prefix("/login/")?;
        Some(match rest.strip_suffix("/authorized") {
            Some(name) => Route::Authorized(name),
            None => Route::Login(rest),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_below_a_mount_prefix() {
        let paths = Paths::new("/auth/").unwrap();
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
            assert!(Paths::new(prefix).is_err(), "{prefix}");
        }
    }
}
