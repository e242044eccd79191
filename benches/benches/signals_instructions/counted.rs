//! Counting: this program under callgrind, as itself doing one thing many times.
//!
//! Callgrind counts a whole process, from the loader to the exit. So the same is run twice, doing its thing
//! more often the second time; the difference holds nothing but those rounds.

use std::fmt;
use std::io;
use std::process::Command;

use crate::work::Work;

const FEWER: usize = 500;
const MORE: usize = 1500;

/// The instructions of one round.
pub(crate) fn each(
    action: &'static str,
    what: &'static str,
    receivers: usize,
) -> Result<f64, CannotCount> {
    let count = |rounds| {
        whole(&Work {
            action,
            what,
            receivers,
            rounds,
        })
    };
    let (fewer, more) = (count(FEWER)?, count(MORE)?);
    Ok((more as f64 - fewer as f64) / (MORE - FEWER) as f64)
}

/// The instructions of a whole process.
fn whole(work: &Work<'_>) -> Result<u64, CannotCount> {
    let program = std::env::current_exe().map_err(CannotCount::Start)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(work.to_arguments())
        .output()
        .map_err(CannotCount::Start)?;
    let said = String::from_utf8_lossy(&output.stderr);
    // ==123== Collected : 456
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    match collected {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(CannotCount::Failed(said.into_owned())),
    }
}

/// Why there is no count.
pub(crate) enum CannotCount {
    /// Valgrind could not be started.
    Start(io::Error),
    /// It ended without a count, and said this.
    Failed(String),
}

impl fmt::Display for CannotCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) if error.kind() == io::ErrorKind::NotFound => write!(
                f,
                "valgrind is not installed, and instructions cannot be counted without it \
                 (on Debian: apt-get install valgrind)"
            ),
            Self::Start(error) => write!(f, "valgrind cannot be started: {error}"),
            Self::Failed(said) => write!(f, "valgrind counted nothing, and said:\n{said}"),
        }
    }
}
