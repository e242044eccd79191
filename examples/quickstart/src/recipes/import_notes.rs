//! Recipe: begin something that takes a while, without holding up the answer.

use std::error::Error;
use std::time::Duration;

use oauth_dance::{ApiClient, Dance, LoggedIn, OAUTH_LOGGED_IN, receiver};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};
use serde::Deserialize;

use super::RecipeError;
use crate::dev_provider;

/// What a note costs here. Yours is an upload, a thumbnail, a mail.
const WORK: Duration = Duration::from_millis(900);

/// Only the development provider has notes, and only with the person's permission.
fn may_read_notes(dance: &Dance, login: &LoggedIn) -> bool {
    dance.name() == dev_provider::NAME && login.token().granted("notes")
}

/// Writes down that the import begins, so that the next page can show how far it is.
///
/// At `OAUTH_LOGGED_IN` the token is stored, and no receiver can refuse it any more.
#[receiver(
    OAUTH_LOGGED_IN,
    order = 10,
    name = "announce the import",
    when = may_read_notes
)]
pub async fn announce_import(_: &Dance, login: &LoggedIn) -> Result<(), RecipeError> {
    let pool: &SqlitePool = login.state()?;
    if let Some(user) = login.user() {
        sqlx::query("INSERT OR REPLACE INTO imports (user_id, state) VALUES (?, 'running')")
            .bind(user)
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// Imports the notes. `detached` lets it run on in the background, with a clone of the login, while the
/// signal goes on to the next receiver.
///
/// It comes too late to answer the browser, and it ends with the process. What must not get lost belongs into
/// a queue: then the receiver above is all there is.
#[receiver(
    OAUTH_LOGGED_IN,
    order = 11,
    name = "import the notes",
    when = may_read_notes,
    detached
)]
pub async fn import_notes(_: &Dance, login: &LoggedIn) -> Result<(), Box<dyn Error + Send + Sync>> {
    let pool: &SqlitePool = login.state()?;
    let Some(user) = login.user() else {
        return Ok(());
    };
    let imported = import(&login.api(), pool, user).await;
    sqlx::query("UPDATE imports SET state = ? WHERE user_id = ?")
        .bind(if imported.is_ok() { "done" } else { "failed" })
        .bind(user)
        .execute(pool)
        .await?;
    imported
}

#[derive(Deserialize)]
struct Notes {
    notes: Vec<String>,
}

async fn import(
    api: &ApiClient,
    pool: &SqlitePool,
    user: &str,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let Notes { notes } = api.get("/notes").await?.json()?;
    sqlx::query("UPDATE imports SET total = ? WHERE user_id = ?")
        .bind(i64::try_from(notes.len())?)
        .bind(user)
        .execute(pool)
        .await?;
    for note in &notes {
        tokio::time::sleep(WORK).await;
        let words = i64::try_from(note.split_whitespace().count())?;
        sqlx::query("UPDATE imports SET done = done + 1, words = words + ? WHERE user_id = ?")
            .bind(words)
            .bind(user)
            .execute(pool)
            .await?;
    }
    Ok(())
}
