//! The data folder: the database, and the key that everything in it and in browsers is sealed under.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use oauth_dance::Key;

use crate::error::StartError;

/// The folder, which is there.
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes the folder if it is not there, for this user alone and invisible to git.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |error| StartError::Data {
            path: path.to_owned(),
            error,
        };
        if !path.is_dir() {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(path).map_err(failed)?;
            fs::write(path.join(".gitignore"), "*\n").map_err(failed)?;
        }
        Ok(Self(path.to_owned()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("quickstart.db")
    }

    /// The key: drawn at the first start, and kept, so that whoever is signed in stays so.
    ///
    /// In production it comes from a secret store instead (`Key::from_env`): whoever has both the key
    /// and the database has everybody's tokens.
    pub(crate) fn key(&self) -> Result<Key, StartError> {
        let path = self.0.join("quickstart.key");
        match fs::read_to_string(&path) {
            Ok(text) => Key::from_base64(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return draw(&path);
            }
            Err(error) => return Err(StartError::Data { path, error }),
        }
        .map_err(|error| StartError::Key { path, error })
    }
}

fn draw(path: &Path) -> Result<Key, StartError> {
    let key = Key::generate().map_err(|error| StartError::Key {
        path: path.to_owned(),
        error,
    })?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // From the first byte on, not made private afterwards.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| {
            writeln!(file, "{}", key.to_base64())?;
            file.sync_all()
        })
        .map_err(|error| StartError::Data {
            path: path.to_owned(),
            error,
        })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_drawn_once_and_is_private() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let folder = DataFolder::open(&path).unwrap();
        let drawn = folder.key().unwrap().to_base64();

        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(folder.key().unwrap().to_base64(), drawn);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path.join("quickstart.key")), 0o600);
            assert_eq!(mode(&path), 0o700);
        }
    }

    #[test]
    fn a_broken_key_is_named_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("quickstart.key"), "not a key").unwrap();
        let error = DataFolder::open(folder.path()).unwrap().key().unwrap_err();
        assert!(error.to_string().contains("quickstart.key"), "{error}");
    }
}
