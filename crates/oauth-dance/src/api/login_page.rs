//! The response to a page that needs a login.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::api::error::LoginRequired;
use crate::dance::{Dance, events};
use crate::driver::respond;
use crate::keep::ended;
use crate::values::error_page::Ended;
use crate::visit::Visit;

/// If a page needs a login so soon after one that succeeded, another one would not help either.
const SOON: Duration = Duration::from_secs(10);

impl Visit {
    /// Makes the response: [`leaf::login_required`](crate::leaf::login_required).
    pub(crate) async fn login_required(&self, required: &LoginRequired) -> Response<Bytes> {
        let dance = self.dances().get(required.dance());
        // A dance of another application: its login is all that is known of it.
        let Some(dance) = dance else {
            return respond::to_login(&required.login_url(None));
        };
        let (state, site) = (self.state(), dance.site());
        if state.is_script() {
            return respond::login_for_script(dance);
        }
        let mark = ended::read(&site.cookies, state.cookies(), site.now());
        let ended = match mark {
            Some(ended) => Some(ended),
            None if !self.has_just_signed_in(dance).await => None,
            None if required.is_for_a_user() => {
                events::no_user(dance);
                Some(Ended::NoUser)
            }
            None => Some(Ended::Useless),
        };
        let wanted = state.wanted().map(|path| site.paths.public(path));
        let login_url = required.login_url(wanted.as_deref());
        match ended {
            None => respond::to_login(&login_url),
            Some(ended) => {
                let flashes = self.take_flashes();
                respond::login_came_to_nothing(dance, login_url, ended, flashes)
            }
        }
    }

    async fn has_just_signed_in(&self, dance: &Dance) -> bool {
        let at = self.state().signed_in_at(self.dances(), dance).await;
        let site = dance.site();
        // The response has waited for the receivers of the login.
        let soon = SOON.saturating_add(site.receiver_deadline);
        at.is_some_and(|at| site.now().since(at) < soon)
    }
}
