//! Revocation in the background: no browser waits for it, and a browser that leaves does not stop it.

use super::to_its_end::in_background;
use crate::dance::Dance;
use crate::dance::events;
use crate::dance::receivers;
use crate::dance::signals::token_revoked::TokenRevoked;
use crate::values::owner::Owner;
use crate::values::token::Token;

/// Asks the provider to revoke a token that is not used any more (RFC 7009).
pub(crate) fn later(dance: &Dance, owner: Option<Owner>, token: Token) {
    if !dance.flow().can_revoke() {
        return;
    }
    let dance = dance.clone();
    in_background(async move { now(&dance, owner, &token).await });
}

/// Revokes a token and tells the receivers. If the provider refuses, the failure is logged.
pub(crate) async fn now(dance: &Dance, owner: Option<Owner>, token: &Token) {
    match dance.flow().revoke(token).await {
        Ok(true) => receivers::tell(dance, &TokenRevoked::new(owner)).await,
        Ok(false) => {}
        Err(failed) => events::revocation_failed(dance, &failed),
    }
}

/// Revokes a token that a failure has lost, or that another one has replaced, if the provider then ends that
/// token alone. At some providers a revocation ends the whole grant, with every other token of it.
pub(crate) fn if_alone(dance: &Dance, owner: Option<Owner>, token: Token) {
    if dance
        .registration()
        .provider
        .quirks
        .revocation_ends_one_token
    {
        later(dance, owner, token);
    }
}
