//! Recipe: update the user's profile with what the provider tells.

use oauth_dance::{Authorized, Clock as _, Dance, OAUTH_AUTHORIZED, SystemClock, receiver};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};

use super::{RecipeError, accepted, remember};

/// Writes down the name and the address of today, and when the person was here.
#[receiver(OAUTH_AUTHORIZED, name = "update the profile", when = accepted)]
pub async fn update_profile(_: &Dance, login: &Authorized) -> Result<(), RecipeError> {
    let Some(person) = login.identity() else {
        return Ok(());
    };
    sqlx::query(
        "UPDATE users SET name = ?, email = ?, took_seconds = ?,
             sign_ins = sign_ins + 1, last_sign_in = datetime('now')
         WHERE id = (SELECT user_id FROM oauth WHERE issuer = ? AND subject = ?)",
    )
    .bind(person.display_name())
    .bind(person.email())
    .bind(seconds_since_it_began(login))
    .bind(person.issuer())
    .bind(person.subject())
    .execute(login.state::<SqlitePool>()?)
    .await?;
    Ok(())
}

/// What `remember.rs` kept when this login began, put to use.
fn seconds_since_it_began(login: &Authorized) -> Option<i64> {
    let begun: u64 = login.remembered(remember::BEGUN)?.parse().ok()?;
    let now = SystemClock.now().unix_seconds();
    i64::try_from(now.saturating_sub(begun)).ok()
}
