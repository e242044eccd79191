//! `--store`: where tokens are kept.

use std::error::Error;
use std::path::PathBuf;

use oauth_dance::{DancesBuilder, MemoryStore};
use oauth_dance_sqlx::SqliteStore;

use crate::stop::Stop;

const ARGUMENT: &str = "--store";

/// A token store, chosen and not opened yet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Cookie,
    Memory,
    Sqlite(PathBuf),
}

impl Store {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, Stop> {
        let Some(text) = text else {
            return Ok(Self::Cookie);
        };
        match text.split_once(':') {
            None if text == "cookie" => Ok(Self::Cookie),
            None if text == "memory" => Ok(Self::Memory),
            Some(("sqlite", file)) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            Some(("sqlite", _)) => Err(Stop::argument(ARGUMENT, "sqlite: needs a file behind it")),
            Some((kind @ ("postgres" | "mysql" | "redis"), _)) => {
                Err(Stop::not_yet(ARGUMENT, &format!("{kind}:URL")))
            }
            _ => Err(Stop::argument(ARGUMENT, "is cookie, memory or sqlite:FILE")),
        }
    }

    /// Opens the store, and lets `dances` keep their tokens there.
    pub(crate) async fn open(self, dances: DancesBuilder) -> Result<DancesBuilder, Stop> {
        match self {
            // What a dance does when it is told nothing.
            Self::Cookie => Ok(dances),
            Self::Memory => Ok(dances.store(MemoryStore::new())),
            Self::Sqlite(file) => match SqliteStore::open(file).await {
                Ok(store) => Ok(dances.store(store)),
                Err(error) => {
                    let cause = error.source().map(|cause| format!(" ({cause})"));
                    let problem = format!("{error}{}", cause.unwrap_or_default());
                    Err(Stop::argument(ARGUMENT, problem))
                }
            },
        }
    }
}
