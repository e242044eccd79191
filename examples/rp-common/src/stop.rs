//! Why a relying party does not run, and the exit code that says so.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

/// Why the program ends.
#[derive(Debug)]
pub enum Stop {
    /// It was asked for help, and nothing else: exit code 0.
    Help(&'static str),
    /// An argument, or an environment variable, cannot be used; the text names it: exit code 2.
    Misconfigured(String),
    /// The address cannot be listened on, or the server broke down: exit code 1.
    Failed(String),
}

impl Stop {
    pub(crate) fn argument(argument: &str, problem: impl Display) -> Self {
        Self::Misconfigured(format!("{argument}: {problem}"))
    }

    pub(crate) fn not_yet(argument: &str, what: &str) -> Self {
        Self::argument(argument, format_args!("{what} is not yet supported"))
    }

    pub(crate) fn listen(address: SocketAddr, error: &io::Error) -> Self {
        let problem = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there already".to_owned(),
            _ => error.to_string(),
        };
        Self::Failed(format!("--listen: cannot listen on {address}: {problem}"))
    }

    /// Says why, help on standard output and everything else on standard error.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        // A closed terminal is no reason to panic on the way out.
        match self {
            Self::Help(text) => {
                let _ = write!(io::stdout(), "{text}");
                ExitCode::SUCCESS
            }
            Self::Misconfigured(text) => {
                let _ = writeln!(io::stderr(), "error: {text}\n(--help shows all arguments)");
                ExitCode::from(2)
            }
            Self::Failed(text) => {
                let _ = writeln!(io::stderr(), "error: {text}");
                ExitCode::FAILURE
            }
        }
    }
}

/// What breaks once the arguments are good.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
