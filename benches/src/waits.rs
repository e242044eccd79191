//! Whether a thread had to wait for a processor, which no sample should include.

use std::fs::File;
use std::io::{Read as _, Seek as _};

/// How long a thread has waited for a processor, where the kernel tells (Linux).
#[derive(Debug)]
pub struct Waits(Option<File>);

impl Waits {
    /// Of the thread that asks. Another may go on asking.
    #[must_use]
    pub fn of_this_thread() -> Self {
        Self(File::open("/proc/thread-self/schedstat").ok())
    }

    /// In nanoseconds, since the thread began; always zero where the kernel does not tell.
    #[must_use]
    pub fn so_far(&self) -> u64 {
        self.read().unwrap_or_default()
    }

    fn read(&self) -> Option<u64> {
        let mut file = self.0.as_ref()?;
        let mut said = String::new();
        file.rewind().ok()?;
        file.read_to_string(&mut said).ok()?;
        // Time run, time waited, slices run.
        said.split_whitespace().nth(1)?.parse().ok()
    }
}
