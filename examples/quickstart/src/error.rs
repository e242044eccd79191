//! Why the quickstart did not start, in words that say what to do.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use oauth_dance::{ConfigError, KeyError};
use oauth_dance_reqwest::BuildError;

use crate::database::DatabaseError;

/// Why the quickstart did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The command line cannot be read.
    #[error("{0}\nTry --help.")]
    Arguments(#[from] lexopt::Error),
    /// Somebody else listens there.
    #[error(
        "The port {} is taken by another program.\n\
         Choose another one:  cargo run -p quickstart -- {option} {}:0   (0 takes any that is free)",
        .address.port(), .address.ip()
    )]
    PortTaken {
        /// The address.
        address: SocketAddr,
        /// The option that chooses another one.
        option: &'static str,
    },
    /// The address cannot be listened on for another reason.
    #[error("Cannot listen on {address}: {error}\nChoose another address with {option}.")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The option that chooses another one.
        option: &'static str,
        /// What the operating system says.
        error: io::Error,
    },
    /// Others could reach it, over plain http.
    #[error(
        "{0} can be reached from other machines, and the quickstart speaks plain http.\n\
         Choose a loopback address: {1} 127.0.0.1:PORT"
    )]
    NotLoopback(SocketAddr, &'static str),
    /// The data folder cannot be used.
    #[error("Cannot use {}: {error}\nChoose another folder with --data.", .path.display())]
    Data {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The key file holds no key.
    #[error("{}: {error}\nDelete it to begin with a new key; everybody has to sign in again then.", .path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There is no HTTP client.
    #[error(
        "{0}\nWithout https (and so without real providers) it starts by: cargo run -p quickstart --no-default-features"
    )]
    Client(#[from] BuildError),
    /// A dance cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl StartError {
    /// A failure to listen on `address`, which `option` chose.
    pub(crate) fn listen(address: SocketAddr, option: &'static str, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::AddrInUse {
            Self::PortTaken { address, option }
        } else {
            Self::Listen {
                address,
                option,
                error,
            }
        }
    }
}
