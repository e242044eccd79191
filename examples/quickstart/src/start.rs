//! Puts the parts together: sockets, database, provider, dances, pages.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use oauth_dance::Dances;
use oauth_dance_dev::RunningProvider;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::args::Config;
use crate::data::DataFolder;
use crate::error::StartError;
use crate::visitors::Visitors;
use crate::{dances, database, dev_provider, site};

/// How many sends the timelines of all visitors together can look back on.
const REMEMBERED_SENDS: usize = 200;

/// How long open requests may take to end when the site is stopped.
const STOP_DEADLINE: Duration = Duration::from_secs(3);

/// The site and its provider, running. Dropping it stops both.
#[must_use = "dropping it stops the site"]
pub struct Running {
    address: SocketAddr,
    provider: RunningProvider,
    dances: Dances,
    data: PathBuf,
    notes: Vec<String>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// Starts the site and its provider.
///
/// # Errors
///
/// Whatever keeps them from starting, and what to do about it.
pub async fn start(config: &Config) -> Result<Running, StartError> {
    for (address, option) in [
        (Some(config.listen), "--listen"),
        (config.provider_listen, "--provider-listen"),
    ] {
        if let Some(address) = address.filter(|address| !address.ip().is_loopback()) {
            return Err(StartError::NotLoopback(address, option));
        }
    }
    // The sockets first: the addresses of the site and of its provider are part of everything else.
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| StartError::listen(config.listen, "--listen", error))?;
    let address = listener
        .local_addr()
        .map_err(|error| StartError::listen(config.listen, "--listen", error))?;
    let provider = dev_provider::serve(address, config.provider_listen).await?;

    let data = DataFolder::open(&config.data)?;
    let store = database::open(&data.database()).await?;
    let pool = store.pool().clone();

    let (dances, notes) = dances::build(dances::Parts {
        origin: &format!("http://{address}"),
        port: address.port(),
        key: data.key()?,
        store,
        issuer: &provider.issuer(),
    })?;
    let app = site::router(&dances, pool, Visitors::start(REMEMBERED_SENDS));

    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let serve = axum::serve(listener, app).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        // It only ever ends because it was told to.
        let _ = serve.await;
    });
    Ok(Running {
        address,
        provider,
        dances,
        data: data.path().to_owned(),
        notes,
        stop,
        serving,
    })
}

impl Running {
    /// Where the site is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to tell the person at the terminal.
    #[must_use]
    pub fn welcome(&self) -> String {
        let mut text = format!(
            "\n  Open  http://{}\n\n  \
             Sign in at the development provider as Ada Lovelace or Grace Hopper; there are no passwords.\n  \
             It runs at {}. Users and tokens are kept in {}.\n",
            self.address,
            self.provider.issuer(),
            self.data.display(),
        );
        for dance in self
            .dances
            .iter()
            .filter(|dance| dance.name() != dev_provider::NAME)
        {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "  {} takes part. Its callback has to be registered as {}",
                dance.display_name(),
                dance.redirect_uri(),
            );
        }
        for note in &self.notes {
            let _ = writeln!(text, "  {note}");
        }
        text.push_str("  Ctrl-C stops it.\n");
        text
    }

    /// Lets requests under way end, then stops.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(STOP_DEADLINE, self.serving).await;
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
