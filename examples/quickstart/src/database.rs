//! The database: opens it, and says in plain words why it cannot be used.

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};

use oauth_dance_sqlx::SqliteStore;
use oauth_dance_sqlx::sqlx::{self, SqlitePool};

use crate::users;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Opens the database at `path`, and creates what is missing in it.
///
/// Users and tokens are in one file and share its connections.
pub(crate) async fn open(path: &Path) -> Result<SqliteStore, DatabaseError> {
    let failed = |error: BoxError| DatabaseError::new(path, error);
    let store = SqliteStore::open(path)
        .await
        .map_err(|error| failed(error.into()))?;
    check(store.pool()).await.map_err(failed)?;
    users::create_tables(store.pool())
        .await
        .map_err(|error| failed(error.into()))?;
    Ok(store)
}

/// Looks for damage beyond the first page, which opening a database does not read.
async fn check(pool: &SqlitePool) -> Result<(), BoxError> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(pool)
        .await?;
    if found == "ok" {
        Ok(())
    } else {
        Err(Damaged.into())
    }
}

/// SQLite has found damage. Its report is about pages and cells, which say nothing to the person at the
/// terminal.
#[derive(Debug, thiserror::Error)]
#[error("the check found damage")]
struct Damaged;

/// Why the database cannot be used: which file, what is wrong with it, and what to do.
#[derive(Debug)]
pub struct DatabaseError {
    path: PathBuf,
    trouble: Trouble,
    source: BoxError,
}

/// What is wrong with a database, as far as it makes a difference for what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Corrupt,
    ReadOnly,
    Folder,
    NotOpened,
    Full,
    Locked,
    Other,
}

impl DatabaseError {
    fn new(path: &Path, source: BoxError) -> Self {
        let trouble = if path.is_dir() {
            Trouble::Folder
        } else {
            Trouble::of(&*source)
        };
        Self {
            path: path.to_owned(),
            trouble,
            source,
        }
    }
}

impl Trouble {
    fn of(error: &(dyn StdError + 'static)) -> Self {
        if error.is::<Damaged>() {
            return Self::Corrupt;
        }
        // The kind is in the low byte of SQLite's extended result codes.
        match sqlite_code(error).map(|code| code & 0xff) {
            Some(11 | 26) => Self::Corrupt,
            Some(8) => Self::ReadOnly,
            Some(3 | 14 | 23) => Self::NotOpened,
            Some(13) => Self::Full,
            Some(5 | 6) => Self::Locked,
            _ => Self::Other,
        }
    }
}

/// Finds SQLite's result code in an error or in what caused it.
fn sqlite_code(error: &(dyn StdError + 'static)) -> Option<u32> {
    causes(error)
        .filter_map(|error| error.downcast_ref::<sqlx::Error>())
        .find_map(|error| error.as_database_error()?.code()?.parse().ok())
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, advice) = match self.trouble {
            Trouble::Corrupt => (
                "it is not a SQLite database, or it is damaged",
                "Delete the file to start with an empty database (every user has to sign in again)",
            ),
            Trouble::ReadOnly => (
                "it is read-only",
                "Make the file and its folder writable for this user",
            ),
            Trouble::Folder => (
                "it is a folder, and the database is a file",
                "Move the folder away",
            ),
            Trouble::NotOpened => (
                "it cannot be opened or created",
                "Let this user read and write the file and its folder",
            ),
            Trouble::Full => ("the disk is full", "Make room on the disk"),
            Trouble::Locked => (
                "another program has locked it",
                "Stop the other program and start again",
            ),
            Trouble::Other => (
                "it cannot be read or written",
                "Move the file away to start with an empty database (every user has to sign in again)",
            ),
        };
        let path = self.path.display();
        writeln!(f, "Cannot use the database {path}: {what}.")?;
        if self.trouble == Trouble::Other {
            writeln!(f, "The cause: {}", root_of(&*self.source))?;
        }
        write!(f, "{advice}, or choose another folder with --data.")
    }
}

/// The innermost cause: the outer ones only say what was being done.
fn root_of<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    causes(error).last().unwrap_or(error)
}

/// An error, what caused it, and so on.
fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

impl StdError for DatabaseError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Seek as _, SeekFrom, Write as _};

    use oauth_dance_sqlx::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    async fn refused(path: &Path) -> String {
        open(path).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quickstart.db");
        let text = "Dear diary, ".repeat(500);
        fs::write(&path, &text).unwrap();
        assert_eq!(
            refused(&path).await,
            format!(
                "Cannot use the database {}: it is not a SQLite database, or it is damaged.\n\
                 Delete the file to start with an empty database (every user has to sign in again), \
                 or choose another folder with --data.",
                path.display()
            )
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[tokio::test]
    async fn damage_behind_an_intact_first_page_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quickstart.db");
        open(&path).await.unwrap().pool().close().await;
        // The first page has the schema; the tables are on the pages that follow.
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        let length = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(4096)).unwrap();
        let rest = usize::try_from(length - 4096).unwrap();
        file.write_all(&vec![0xff; rest]).unwrap();
        drop(file);

        let text = refused(&path).await;
        assert!(text.contains("it is damaged"), "{text}");
    }

    #[tokio::test]
    async fn a_folder_in_place_of_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quickstart.db");
        fs::create_dir(&path).unwrap();
        let text = refused(&path).await;
        let first = format!(
            "Cannot use the database {}: it is a folder, and the database is a file.\n",
            path.display()
        );
        assert!(text.starts_with(&first), "{text}");
        assert!(text.contains("--data"), "{text}");
    }

    #[tokio::test]
    async fn a_database_in_a_folder_that_is_not_there_cannot_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let text = refused(&folder.path().join("none/quickstart.db")).await;
        assert!(text.contains("cannot be opened or created"), "{text}");
    }

    /// File modes do not stop root, so SQLite itself is told to open the file for reading only.
    #[tokio::test]
    async fn a_read_only_database_is_named_with_what_to_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("quickstart.db");
        open(&path).await.unwrap().pool().close().await;
        let options = SqliteConnectOptions::new().filename(&path).read_only(true);
        let pool = SqlitePoolOptions::new()
            .connect_with(options)
            .await
            .unwrap();

        let error = users::create_tables(&pool).await.unwrap_err();
        assert_eq!(
            DatabaseError::new(&path, error.into()).to_string(),
            format!(
                "Cannot use the database {}: it is read-only.\n\
                 Make the file and its folder writable for this user, \
                 or choose another folder with --data.",
                path.display()
            )
        );
    }
}
