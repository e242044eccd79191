//! `Dance::forget`: an application takes back what an owner has granted.

use super::revoke;
use crate::contract::token_store::{StoreError, StoredAccount};
use crate::dance::Dance;
use crate::keep::cookies::RequestCookies;
use crate::values::holder::Holder;
use crate::values::owner::Owner;

impl Dance {
    /// Deletes the stored tokens of `owner`, of every account, and asks the provider to revoke them: when a user unlinks the
    /// provider, or closes their account. Returns whether there were any.
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
        let holder = Holder::without_account(owner.clone());
        let mut was_there = false;
        for StoredAccount { account, .. } in self.vault(&holder).accounts().await? {
            let holder = Holder {
                owner: owner.clone(),
                account,
            };
            was_there |= self.forget_holder(&holder).await?;
        }
        Ok(was_there)
    }

    /// Deletes the token of one holder and asks the provider to revoke it. Returns whether there was one.
    pub(crate) async fn forget_holder(&self, holder: &Holder) -> Result<bool, StoreError> {
        let no_cookies = RequestCookies::default();
        let vault = self.vault(holder);
        let loaded = vault.load(&no_cookies).await;
        vault.delete(&no_cookies).await?;
        let Some(found) = loaded? else {
            return Ok(false);
        };
        revoke::now(self, Some(holder.owner.clone()), &found.record.token).await;
        Ok(true)
    }
}
