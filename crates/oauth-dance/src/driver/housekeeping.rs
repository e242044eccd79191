//! Now and then, after a login, the stores are rid of what has expired.

use super::to_its_end::in_background;
use crate::dance::Dance;
use crate::keep::sessions::SessionRoom;
use crate::keep::vault::Store;

/// Purges the stores of a dance in the background, if it is time to. A failure changes nothing: what has
/// expired does not count, and the next purge deletes it.
pub(super) fn now_and_then(dance: &Dance) {
    let site = dance.site();
    let has_store = !dance.keeps_tokens_in_cookies() || site.session_room.is_a_store();
    if !has_store || !site.chores.is_due(dance.name(), site.now()) {
        return;
    }
    let dance = dance.clone();
    in_background(async move {
        let (site, now) = (dance.site(), dance.site().now());
        if let Store::Server(store) = dance.store() {
            let _ = store.as_ref().purge(now).await;
        }
        if let SessionRoom::Store(store) = &site.session_room {
            let _ = store.as_ref().purge(now).await;
        }
    });
}
