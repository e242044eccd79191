//! The accounts of one owner at one provider.

use crate::api::client::ApiClient;
use crate::contract::token_store::{StoreError, StoredAccount};
use crate::dance::Dance;
use crate::values::holder::Holder;
use crate::values::owner::Owner;
use crate::values::time::Timestamp;

/// One account of an owner at a provider, with a stored token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    holder: Holder,
    stored_at: Timestamp,
}

impl Account {
    /// Returns the identifier of the account for forms and tables of the application: empty, or 43 characters
    /// of base64url. It is a hash of the provider's issuer and subject, and never changes.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.holder.account
    }

    /// Returns when the user last signed in with the account.
    #[must_use]
    pub fn stored_at(&self) -> Timestamp {
        self.stored_at
    }

    pub(crate) fn holder(&self) -> &Holder {
        &self.holder
    }
}

impl Dance {
    /// Returns the accounts of `owner` with a stored token, the one that signed in last first, at most
    /// [`MAX_ACCOUNTS`](crate::MAX_ACCOUNTS).
    ///
    /// One user may have two accounts at one provider. A second login with another account adds its token,
    /// and replaces none.
    ///
    /// ```no_run
    /// # async fn page(github: &oauth_dance::Dance) -> Result<(), oauth_dance::ApiError> {
    /// # let owner = oauth_dance::Owner::user(7);
    /// for account in github.accounts(&owner).await? {
    ///     let api = github.api_of(&account);
    ///     let person = api.identity().await?;
    ///     println!("{}", person.as_ref().map_or("?", |person| person.display_name()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the token store failed.
    pub async fn accounts(&self, owner: &Owner) -> Result<Vec<Account>, StoreError> {
        let holder = Holder::without_account(owner.clone());
        let accounts = self.vault(&holder).accounts().await?;
        Ok(accounts
            .into_iter()
            .map(|StoredAccount { account, stored_at }| Account {
                holder: Holder {
                    owner: owner.clone(),
                    account,
                },
                stored_at,
            })
            .collect())
    }

    /// Deletes the stored token of one account and asks the provider to revoke it, as
    /// [`forget`](Self::forget) does of all accounts. Returns whether there was a token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the token store failed to delete the token. It may still be there.
    pub async fn forget_account(&self, account: &Account) -> Result<bool, StoreError> {
        self.forget_holder(account.holder()).await
    }

    /// Returns the provider's API with the stored token of one account.
    #[must_use]
    pub fn api_of(&self, account: &Account) -> ApiClient {
        ApiClient::for_account(self.clone(), account.holder().clone())
    }
}
