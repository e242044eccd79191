//! `Dance::forget`: an application takes back what an owner has granted.

use super::revoke;
use crate::contract::token_store::StoreError;
use crate::dance::Dance;
use crate::keep::cookies::RequestCookies;
use crate::values::owner::Owner;

impl Dance {
    /// Deletes the stored token of `owner` and asks the provider to revoke it: when a user unlinks the
    /// provider, or closes their account. Returns whether there was a token.
    ///
    /// The revocation is awaited, at most as long as [`Limits::deadline`](crate::Limits) says. If the
    /// provider refuses, the failure is logged: the token is deleted here nevertheless.
    ///
    /// The browsers of the user stay signed in with the application: end their sessions with
    /// [`Dances::end_sessions`](crate::Dances::end_sessions). A token in a browser's cookies is out of a
    /// server's reach: only that browser's logout deletes it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store failed to delete the token. It may still be there.
    pub async fn forget(&self, owner: &Owner) -> Result<bool, StoreError> {
        let no_cookies = RequestCookies::default();
        let vault = self.vault(owner);
        let loaded = vault.load(&no_cookies).await;
        vault.delete(&no_cookies).await?;
        let Some(found) = loaded? else {
            return Ok(false);
        };
        revoke::now(self, Some(owner.clone()), &found.record.token).await;
        Ok(true)
    }
}
