//! The quickstart as a person starts it: the program, a folder, and what it prints.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

/// The program, running. Dropping it kills it, as a power cut would.
pub(crate) struct App {
    process: Child,
    /// Where it says that it is to be opened.
    pub(crate) url: String,
}

impl App {
    /// Starts it on free ports.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_at(data, "127.0.0.1:0")
    }

    /// Starts it on this address, and waits until it says what to open.
    pub(crate) fn start_at(data: &Path, listen: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_quickstart"))
            .args(["--listen", listen, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the quickstart starts");
        let stdout = process.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let url = lines
            .find_map(|line| {
                line.trim()
                    .strip_prefix("Open ")
                    .map(|url| url.trim().to_owned())
            })
            .expect("it says what to open");
        // Nobody reads on, and it must not wait for that.
        thread::spawn(move || lines.for_each(drop));
        Self { process, url }
    }

    /// Stops it, and starts it at the same address with the same data.
    pub(crate) fn restart(&mut self, data: &Path) {
        let listen = self.url.trim_start_matches("http://").to_owned();
        self.stop();
        *self = Self::start_at(data, &listen);
    }

    fn stop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop();
    }
}
