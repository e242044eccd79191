//! From arguments to a relying party with a socket to listen on.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};

use signals::Recorder;

use crate::args::Args;
use crate::party::RelyingParty;
use crate::stop::Stop;
use crate::{config, receivers};

/// How many sends `/signals` remembers.
const REMEMBERED_SENDS: usize = 1000;

/// A relying party that is ready to be served.
#[derive(Debug)]
pub struct Started {
    /// The pages.
    pub party: RelyingParty,
    /// The socket to serve them on: bound, listening and non-blocking.
    pub listener: TcpListener,
}

/// Listens, opens the store and connects the receivers. Needs a Tokio runtime; to be called once in
/// a process, because signals are the process's.
///
/// # Errors
///
/// As [`Stop`] says.
pub async fn start(args: Args) -> Result<Started, Stop> {
    // First, because the site's own address depends on it: port 0 is any free one.
    let listener =
        TcpListener::bind(args.listen).map_err(|error| Stop::listen(args.listen, &error))?;
    listener.set_nonblocking(true)?;
    let name = args.name.clone();
    let dances = config::dances(args, listener.local_addr()?).await?;
    let recorder = Recorder::start(REMEMBERED_SENDS);
    receivers::connect();
    Ok(Started {
        party: RelyingParty::new(dances, &name, recorder),
        listener,
    })
}

/// Says on the first line of standard output where the program listens, for whoever gave it port 0.
///
/// # Errors
///
/// If standard output is closed.
pub fn announce(address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()
}
