//! One request to one of a dance's pages, and what the response carries beside its own content.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::SET_COOKIE;
use http::request::Parts;

use crate::contract::entropy::Draws;
use crate::dance::Dance;
use crate::dance::effects::{Browser, Effects};
use crate::dance::settings::Settings;
use crate::dance::site::Site;
use crate::keep::cookies::RequestCookies;
use crate::keep::{ended, flash};
use crate::values::error_page::Ended;
use crate::values::flash::Flash;

/// The request as the driver takes it through the steps, with the effects collected on the way.
pub(super) struct Turn<'d> {
    pub(super) dance: &'d Dance,
    pub(super) request: &'d Arc<Parts>,
    pub(super) cookies: RequestCookies,
    pub(super) draws: Draws<'d>,
    /// For the response, also if the login fails.
    pub(super) effects: Effects,
    /// Whether the response shows the messages that waited.
    shows_flashes: bool,
}

impl<'d> Turn<'d> {
    pub(super) fn begin(dance: &'d Dance, request: &'d Arc<Parts>) -> Self {
        let site = dance.site();
        Self {
            dance,
            request,
            cookies: site.read_cookies(&request.headers),
            draws: site.draws(),
            effects: Effects::default(),
            shows_flashes: false,
        }
    }

    pub(super) fn site(&self) -> &'d Site {
        self.dance.site()
    }

    pub(super) fn settings(&self) -> &'d Settings {
        self.dance.settings()
    }

    /// Returns the part for the payload of a signal: the request, and room for the effects of receivers.
    pub(super) fn browser(&self) -> Browser {
        Browser::new(Arc::clone(self.request), Arc::clone(&self.site().state))
    }

    /// Marks that the login of this browser came to nothing, so that no page begins another by itself.
    pub(super) fn came_to_nothing(&mut self, ended: Ended) {
        let site = self.site();
        let mark = ended::mark(ended, &site.cookies, site.now(), &mut self.draws);
        if let Some(cookie) = mark {
            self.effects.set_cookie(cookie);
        }
    }

    /// Forgets the mark of an earlier login: the user has begun another, or is signed in.
    pub(super) fn forget_ended(&mut self) {
        if let Some(cookie) = ended::forget(&self.site().cookies, &self.cookies) {
            self.effects.set_cookie(cookie);
        }
    }

    /// Keeps the effects that receivers have left in `browser` so far.
    pub(super) fn collect(&mut self, browser: &Browser) {
        self.effects.extend(browser.take_effects());
    }

    /// Takes the flash messages that wait in the browser, and those of the receivers so far, for a page that shows
    /// them.
    pub(super) fn take_flashes(&mut self) -> Vec<Flash> {
        let mut flashes = flash::waiting(&self.site().cookies, &self.cookies);
        flashes.append(&mut self.effects.flashes);
        self.shows_flashes = true;
        flashes
    }

    /// Puts the headers on the response, and the flash messages after those that still wait in the
    /// browser.
    pub(super) fn end(mut self, mut response: Response<Bytes>) -> Response<Bytes> {
        let change = flash::Change {
            taken: self.shows_flashes,
            added: std::mem::take(&mut self.effects.flashes),
            is_set: false,
        };
        let cookies = &self.site().cookies;
        let headers = self.effects.headers.iter();
        let set = headers.filter_map(|(name, value)| (name == SET_COOKIE).then_some(value));
        if let Some(cookie) = change.cookie(cookies, &self.cookies, set, &mut self.draws) {
            self.effects.set_cookie(cookie);
        }
        let handed_over = std::mem::take(&mut self.effects.handed_over);
        response.extensions_mut().extend(handed_over);
        self.effects.append_to(response.headers_mut());
        response
    }
}
