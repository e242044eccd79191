//! A relying party in a child process, and the CPU time that it has taken.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
    origin: String,
}

impl Process {
    /// Starts the party called `name`, which serves as soon as it has met the provider.
    pub(crate) async fn start(name: &str) -> Self {
        let this = std::env::current_exe().expect("the path of this program");
        let mut child = Command::new(this)
            .args(["party", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let stdout = child.stdout.take().expect("a pipe");
        let mut origin = String::new();
        let mut lines = BufReader::new(stdout);
        lines.read_line(&mut origin).await.expect("an origin");
        Self {
            stdin: child.stdin.take().expect("a pipe"),
            child,
            origin: origin.trim().to_owned(),
        }
    }

    /// Tells it where the provider is.
    pub(crate) async fn meet(&mut self, issuer: &str) {
        let line = format!("{issuer}\n");
        self.stdin
            .write_all(line.as_bytes())
            .await
            .expect("it listens");
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The user and system time of all threads so far.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = format!("/proc/{}/task", self.id());
        let tasks = std::fs::read_dir(tasks).expect("the accounts of the kernel (Linux)");
        let nanoseconds = tasks.map(|task| {
            let path = task.expect("a thread").path().join("schedstat");
            // A thread may have ended meanwhile.
            let accounts = std::fs::read_to_string(path).unwrap_or_default();
            let first = accounts.split(' ').next().unwrap_or_default();
            first.parse::<u64>().unwrap_or_default()
        });
        Duration::from_nanos(nanoseconds.sum())
    }
}
