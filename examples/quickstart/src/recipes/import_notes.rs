//! Recipe: begin something that takes a while, without holding up the answer.

use std::error::Error;
use std::time::Duration;

use oauth_dance::{ApiClient, Authorized, Dance, OAUTH_AUTHORIZED};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};
use serde::Deserialize;
use signals::receiver;

use super::{accepted, pool};
use crate::dev_provider;
use crate::users::User;

/// What a note costs here. Yours is an upload, a thumbnail, a mail.
const WORK: Duration = Duration::from_millis(900);

/// Only the development provider has notes, and only with the person's permission.
fn may_read_notes(dance: &Dance, login: &Authorized) -> bool {
    dance.name() == dev_provider::NAME && login.token().granted("notes")
}

/// Begins the import and returns. The browser goes on while the task runs; the page shows how far it
/// is, from the database.
///
/// A task ends with the process. What must not get lost belongs into a queue: then the receiver writes
/// the job down, and that is all it does.
#[receiver(
    OAUTH_AUTHORIZED,
    order = 10,
    name = "import the notes",
    when = accepted,
    when = may_read_notes
)]
pub async fn import_notes(_: &Dance, login: &Authorized) -> Result<(), sqlx::Error> {
    let pool = pool(login.request()).clone();
    let Some(person) = login.identity() else {
        return Ok(());
    };
    let Some(user) = User::of(&pool, person).await? else {
        return Ok(());
    };
    sqlx::query("INSERT OR REPLACE INTO imports (user_id, state) VALUES (?, 'running')")
        .bind(user.id)
        .execute(&pool)
        .await?;

    // The token is not stored yet, so the task is handed a client that has it.
    let api = login.api();
    tokio::spawn(async move {
        let state = match import(&api, &pool, user.id).await {
            Ok(()) => "done",
            Err(error) => {
                eprintln!("the notes of user {} were not imported: {error}", user.id);
                "failed"
            }
        };
        // If the database is what failed, the next start marks the import as interrupted.
        let _ = sqlx::query("UPDATE imports SET state = ? WHERE user_id = ?")
            .bind(state)
            .bind(user.id)
            .execute(&pool)
            .await;
    });
    Ok(())
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
