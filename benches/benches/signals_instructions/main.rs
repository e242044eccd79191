//! How many instructions `signals` takes, beside a bare loop over boxed closures.
//!
//! `cargo bench -p benches --bench signals_instructions`. Instructions can be counted again and come out the
//! same, where times on a shared machine do not. The program runs itself under Valgrind's callgrind, which
//! counts; how, says [`counted`].

mod counted;
#[path = "../signals/candidates/ours.rs"]
mod ours;
#[path = "../signals/candidates/ours_async.rs"]
mod ours_async;
mod work;

use std::process::ExitCode;

use self::counted::{CannotCount, each};
use self::work::Work;

/// How many receivers a send calls.
const SENDS: [usize; 4] = [0, 1, 8, 64];

/// What a receiver of ours may take, its own instructions included.
const BAR: f64 = 18.0;

/// How many receivers stay connected while one more comes and goes.
const CONNECTS: [usize; 4] = [0, 8, 64, 1000];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = if let Some(work) = Work::from_arguments(&arguments) {
        work.run();
        Ok(())
    } else {
        print()
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print() -> Result<(), CannotCount> {
    println!("instructions a send, the receivers' own included");
    head("receivers", SENDS);
    println!(" {:>12} {:>12}", "a receiver", "the rest");
    for what in ["raw loop", "signals", "signals, async"] {
        let counts = row("send", what, SENDS)?;
        // From 8 to 64: a loop may treat its first rounds apart.
        let a_receiver = (counts[3] - counts[2]) / (SENDS[3] - SENDS[2]) as f64;
        let rest = counts[2] - a_receiver * SENDS[2] as f64;
        print!(" {a_receiver:>12.2} {rest:>12.1}");
        if what == "signals" {
            let verdict = if a_receiver <= BAR { "holds" } else { "misses" };
            print!("   {verdict}: <= {BAR} a receiver");
        }
        println!();
    }
    println!("\ninstructions of connect + disconnect, one receiver more");
    head("connected", CONNECTS);
    println!();
    for what in ["raw loop", "signals"] {
        row("connect", what, CONNECTS)?;
        println!();
    }
    Ok(())
}

fn head<const N: usize>(of: &str, lengths: [usize; N]) {
    print!("{of:<16}");
    for length in lengths {
        print!(" {length:>10}");
    }
}

fn row<const N: usize>(
    action: &'static str,
    what: &'static str,
    lengths: [usize; N],
) -> Result<[f64; N], CannotCount> {
    print!("{what:<16}");
    let mut counts = [0.0; N];
    for (count, receivers) in counts.iter_mut().zip(lengths) {
        *count = each(action, what, receivers)?;
        print!(" {count:>10.1}");
    }
    Ok(counts)
}
