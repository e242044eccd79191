//! Recipe: find the user who signed in, or create them, and sign them in.

use oauth_dance::{Authorized, Dance, Identity, OAUTH_AUTHORIZED, receiver};
use oauth_dance_sqlx::sqlx::{self, SqlitePool};

use super::{RecipeError, accepted};

/// Links the person, as the provider knows them, to a user of this site.
///
/// `sign_in` signs the browser in as this user and stores the token for the user: for each of their
/// browsers, and for jobs that run without one. Without it, the token belongs to the browser that signed in.
///
/// An error of the database fails the login, so no token is ever stored for nobody.
#[receiver(OAUTH_AUTHORIZED, order = -10, name = "find or create the user", when = accepted)]
pub async fn link_user(_: &Dance, login: &Authorized) -> Result<(), RecipeError> {
    // A provider that does not say who signed in: the token stays the browser's.
    let Some(person) = login.identity() else {
        return Ok(());
    };
    let user_id = find_or_create(login.state()?, person).await?;
    login.sign_in(user_id);
    Ok(())
}

/// One transaction, so that there is never a user without a link or a link without a user. It takes
/// the write lock first, so that two first logins at once make one user.
async fn find_or_create(pool: &SqlitePool, person: &Identity) -> Result<i64, sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    // By issuer and subject together and by nothing else: names and addresses change hands.
    let known: Option<i64> =
        sqlx::query_scalar("SELECT user_id FROM oauth WHERE issuer = ? AND subject = ?")
            .bind(person.issuer())
            .bind(person.subject())
            .fetch_optional(&mut *transaction)
            .await?;
    let user_id = match known {
        Some(user_id) => user_id,
        None => {
            let user_id = sqlx::query("INSERT INTO users (name) VALUES (?)")
                .bind(person.display_name())
                .execute(&mut *transaction)
                .await?
                .last_insert_rowid();
            sqlx::query("INSERT INTO oauth (issuer, subject, user_id) VALUES (?, ?, ?)")
                .bind(person.issuer())
                .bind(person.subject())
                .bind(user_id)
                .execute(&mut *transaction)
                .await?;
            user_id
        }
    };
    transaction.commit().await?;
    Ok(user_id)
}
