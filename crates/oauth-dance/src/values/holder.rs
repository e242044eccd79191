//! The holder of a token: an owner, and which of their accounts at the provider.

use crate::values::owner::Owner;

/// The owner of a token, and the account at the provider that the token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) owner: Owner,
    /// Empty for a browser, which has one account only, and if the provider was not asked who signed in.
    pub(crate) account: String,
}

impl Holder {
    /// Returns a browser that holds a token, or a user whose account is not known.
    pub(crate) fn without_account(owner: Owner) -> Self {
        let account = String::new();
        Self { owner, account }
    }
}
