//! `Dance::forget`: an application takes back what an owner has granted.

use super::revoke;
use crate::contract::token_store::{MAX_ACCOUNTS, StoreError, StoredAccount};
use crate::dance::Dance;
use crate::keep::cookies::RequestCookies;
use crate::values::holder::Holder;
use crate::values::owner::Owner;

/// How many lists of accounts are worked through. No user has that many.
const MAX_LISTS: usize = 100;

impl Dance {
    /// Deletes the stored tokens of `owner`, of every account, and asks the provider to revoke them: when a user unlinks the
    /// provider, or closes their account. Returns whether there were any.
    ///
    /// The revocations are awaited, each at most as long as [`Limits::deadline`](crate::Limits) says. If the
    /// provider refuses, the failure is logged: the token is deleted here nevertheless.
    ///
    /// The browsers of the user stay signed in with the application: end their sessions with
    /// [`Dances::end_sessions`](crate::Dances::end_sessions). A token in a browser's cookies is out of a
    /// server's reach: only that browser's logout deletes it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store failed. A token may still be there, or it is deleted and was not revoked.
    pub async fn forget(&self, owner: &Owner) -> Result<bool, StoreError> {
        let any = Holder::without_account(owner.clone());
        let (mut was_there, mut failure) = (false, None);
        for _ in 0..MAX_LISTS {
            let accounts = self.vault(&any).accounts().await?;
            let is_last = accounts.len() < MAX_ACCOUNTS;
            for StoredAccount { account, .. } in accounts {
                let holder = Holder {
                    owner: owner.clone(),
                    account,
                };
                // One that fails keeps no other.
                match self.forget_holder(&holder).await {
                    Ok(is_gone) => was_there |= is_gone,
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            if is_last || failure.is_some() {
                break;
            }
        }
        failure.map_or(Ok(was_there), Err)
    }

    /// Deletes the token of one holder and asks the provider to revoke it. Returns whether there was one.
    pub(crate) async fn forget_holder(&self, holder: &Holder) -> Result<bool, StoreError> {
        let no_cookies = RequestCookies::default();
        let vault = self.vault(holder);
        let loaded = vault.load(&no_cookies).await;
        vault.delete(&no_cookies).await?;
        // A token that cannot be loaded is deleted, and cannot be revoked.
        let Some(found) = loaded? else {
            return Ok(false);
        };
        revoke::now(self, Some(holder.owner.clone()), &found.record.token).await;
        Ok(true)
    }
}
