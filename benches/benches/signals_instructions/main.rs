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

/// What a receiver of ours may take of what one of the raw loop takes, its own instructions included.
const RECEIVER: f64 = 2.0;

/// What connecting and disconnecting may take more for each receiver that stays: the list is copied twice.
const COPIED: f64 = 100.0;

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
    let mut of_raw = f64::NAN;
    for what in ["raw loop", "signals", "signals, async"] {
        let counts = row("send", what, SENDS)?;
        // From 8 to 64: a loop may treat its first rounds apart.
        let a_receiver = a_receiver(&counts, &SENDS);
        let rest = counts[2] - a_receiver * SENDS[2] as f64;
        print!(" {a_receiver:>12.2} {rest:>12.1}");
        if what == "raw loop" {
            of_raw = a_receiver;
            println!();
        } else {
            let over_raw = a_receiver / of_raw;
            bar(over_raw, RECEIVER, "x the raw loop's, a receiver");
        }
    }
    println!("\ninstructions of connect + disconnect, one receiver more");
    head("connected", CONNECTS);
    println!(" {:>12}", "a receiver");
    for what in ["raw loop", "signals"] {
        let counts = row("connect", what, CONNECTS)?;
        let a_receiver = a_receiver(&counts, &CONNECTS);
        print!(" {a_receiver:>12.2}");
        if what == "raw loop" {
            println!();
        } else {
            bar(a_receiver, COPIED, "for each that stays");
        }
    }
    Ok(())
}

/// What each receiver adds, between the last two lengths.
fn a_receiver<const N: usize>(counts: &[f64; N], lengths: &[usize; N]) -> f64 {
    (counts[N - 1] - counts[N - 2]) / (lengths[N - 1] - lengths[N - 2]) as f64
}

/// Ends a line with the verdict.
fn bar(figure: f64, limit: f64, what: &str) {
    let verdict = if figure <= limit { "holds" } else { "misses" };
    println!("   {verdict}: {figure:.2}, <= {limit} {what}");
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
