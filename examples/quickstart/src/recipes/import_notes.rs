//! Recipe: begin something that takes a while, without holding up the answer.

use std::error::Error;
use std::time::Duration;

use oauth_dance::{ApiClient, Authorized, Dance, OAUTH_AUTHORIZED, receiver};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};
use serde::Deserialize;

use super::{RecipeError, accepted};
use crate::dev_provider;
use crate::users::User;

/// What a note costs here. Yours is an upload, a thumbnail, a mail.
const WORK: Duration = Duration::from_millis(900);

/// Only the development provider has notes, and only with the person's permission.
fn may_read_notes(dance: &Dance, login: &Authorized) -> bool {
    dance.name() == dev_provider::NAME && login.token().granted("notes")
}

/// Writes down that the import begins, so that the next page can show how far it is.
#[receiver(
    OAUTH_AUTHORIZED,
    order = 10,
    name = "announce the import",
    when = accepted,
    when = may_read_notes
)]
pub async fn announce_import(_: &Dance, login: &Authorized) -> Result<(), RecipeError> {
    let pool: &SqlitePool = login.state()?;
    if let Some(user) = user(pool, login).await? {
        sqlx::query("INSERT OR REPLACE INTO imports (user_id, state) VALUES (?, 'running')")
            .bind(user.id)
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Imports the notes. `detached` lets it run on in the background, with a clone of the login, while the
/// signal goes on to the next receiver.
///
/// It comes too late to answer the browser or to refuse the token, and it ends with the process. What
/// must not get lost belongs into a queue: then the receiver above is all there is.
#[receiver(
    OAUTH_AUTHORIZED,
    order = 11,
    name = "import the notes",
    when = accepted,
    when = may_read_notes,
    detached
)]
pub async fn import_notes(
    _: &Dance,
    login: &Authorized,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let pool: &SqlitePool = login.state()?;
    let Some(user) = user(pool, login).await? else {
        return Ok(());
    };
    let imported = import(&login.api(), pool, user.id).await;
    sqlx::query("UPDATE imports SET state = ? WHERE user_id = ?")
        .bind(if imported.is_ok() { "done" } else { "failed" })
        .bind(user.id)
        .execute(pool)
        .await?;
    imported
}

async fn user(pool: &SqlitePool, login: &Authorized) -> Result<Option<User>, sqlx::Error> {
    match login.identity() {
        Some(person) => User::of(pool, person).await,
        None => Ok(None),
    }
}

#[derive(Deserialize)]
struct Notes {
    notes: Vec<String>,
}

async fn import(
    api: &ApiClient,
    pool: &SqlitePool,
    user_id: i64,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Notes { notes } = api.get("/notes").await?.json()?;
    sqlx::query("UPDATE imports SET total = ? WHERE user_id = ?")
        .bind(i64::try_from(notes.len())?)
        .bind(user_id)
        .execute(pool)
        .await?;
    for note in &notes {
        tokio::time::sleep(WORK).await;
        let words = i64::try_from(note.split_whitespace().count())?;
        sqlx::query("UPDATE imports SET done = done + 1, words = words + ? WHERE user_id = ?")
            .bind(words)
            .bind(user_id)
            .execute(pool)
            .await?;
    }
    Ok(())
}
