//! Puts what receivers left behind onto the response that goes out.

use bytes::Bytes;
use http::Response;

use crate::cookies::RequestCookies;
use crate::effects::Effects;
use crate::entropy::Draws;
use crate::flash;
use crate::site::Site;

/// Adds the headers, and the flash messages behind those that still wait in the browser.
pub(super) fn with_effects(
    mut response: Response<Bytes>,
    mut effects: Effects,
    site: &Site,
    cookies: &RequestCookies,
    draws: &mut Draws<'_>,
) -> Response<Bytes> {
    if !effects.flashes.is_empty() {
        let mut flashes = flash::waiting(cookies, &site.sealer);
        flashes.append(&mut effects.flashes);
        // Without randomness a message is lost, and nothing else.
        if let Ok(cookie) = flash::keep(flashes, &site.cookies, &site.sealer, draws) {
            effects.set_cookie(cookie);
        }
    }
    effects.append_to(response.headers_mut());
    response
}
