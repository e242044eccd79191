//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use lexopt::prelude::*;

/// What `--help` prints.
pub const HELP: &str = "\
A small site with sign-in, and an identity provider to sign in at.

Usage: quickstart [--listen ADDR] [--provider-listen ADDR] [--data DIR]

  --listen ADDR           where the site listens, on a loopback address; port 0 takes any that is free
                          [127.0.0.1:3000]
  --provider-listen ADDR  where the identity provider listens [the next free port]
  --data DIR              the folder with the database and its key [quickstart-data]
  --help                  this text

Real providers appear beside the development one when the environment has their credentials:
GITHUB_OAUTH_CLIENT_ID and GITHUB_OAUTH_CLIENT_SECRET, and so on for every provider of the catalog.";

const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Start.
    Run(Config),
    /// Print [`HELP`].
    Help,
}

/// How to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the site listens.
    pub listen: SocketAddr,
    /// Where the identity provider listens: on the next free port, unless told.
    pub provider_listen: Option<SocketAddr>,
    /// The folder with the database and its key.
    pub data: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            provider_listen: None,
            data: PathBuf::from("quickstart-data"),
        }
    }
}

impl Command {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    ///
    /// An argument that is not known, or a value that cannot be read.
    pub fn from_env() -> Result<Self, lexopt::Error> {
        Self::parse(lexopt::Parser::from_env())
    }

    fn parse(mut arguments: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut config = Config::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("listen") => config.listen = arguments.value()?.parse()?,
                Long("provider-listen") => {
                    config.provider_listen = Some(arguments.value()?.parse()?);
                }
                Long("data") => config.data = arguments.value()?.into(),
                Long("help") | Short('h') => return Ok(Self::Help),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Self::Run(config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, lexopt::Error> {
        Command::parse(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn nothing_is_needed() {
        assert_eq!(parse(&[]).unwrap(), Command::Run(Config::default()));
    }

    #[test]
    fn everything_can_be_said() {
        let command = parse(&[
            "--listen=[::1]:0",
            "--provider-listen",
            "127.0.0.1:9",
            "--data=d",
        ]);
        let config = Config {
            listen: "[::1]:0".parse().unwrap(),
            provider_listen: Some("127.0.0.1:9".parse().unwrap()),
            data: "d".into(),
        };
        assert_eq!(command.unwrap(), Command::Run(config));
    }

    #[test]
    fn a_typing_mistake_is_named() {
        let error = parse(&["--lisen", "x"]).unwrap_err();
        assert!(error.to_string().contains("--lisen"), "{error}");
    }
}
