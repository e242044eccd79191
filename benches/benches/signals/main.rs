//! What `signals` costs, beside a bare loop over boxed closures and beside other libraries, in one run.
//!
//! `cargo bench -p benches --bench signals` prints every table; with the names of sections behind `--`, only
//! these. Samples alternate between all candidates of a table, so that what else the machine does falls on
//! each alike; a figure is the median of them. The receivers are the same for all: four closure types in
//! rotation, each with one captured word, that count through the payload with a load and a store.
//!
//! No figure fails the run: the bars are printed with what came of them.

mod answering;
mod awaited;
mod beside;
mod bound;
mod bound_changes;
mod candidates;
mod connecting;
mod dropped;
mod ended;
mod idle;
mod isolation;
mod long;
mod memory;
mod ordered;
mod pending;
mod report;
mod sends;
mod threads;
mod tied;

use crate::report::Report;

/// Measures, prints, and reports its bars.
type Section = fn(&mut Report);

/// The sections, in the order in which they have to run: with `threads` there are threads, and a process
/// that has ever had two allocates more slowly.
const SECTIONS: [(&str, Section); 16] = [
    ("sends", sends::compare),
    ("idle", |_| idle::compare()),
    ("answering", answering::compare),
    ("async", awaited::compare),
    ("isolation", |_| isolation::compare()),
    ("memory", memory::compare),
    ("dropped", dropped::measure_what_stays),
    ("bound", |_| bound::compare()),
    ("bound", bound_changes::compare),
    ("ordered", ordered::compare),
    ("tied", tied::compare),
    ("pending", pending::compare),
    ("connecting", |_| connecting::in_a_quiet_process()),
    ("threads", threads::compare),
    ("connecting", |_| connecting::while_another_thread_sends()),
    ("ended", ended::compare),
];

/// Instead of sections: only what `benches/peers/run` needs.
const LINES: &str = "lines";

fn main() {
    // Cargo says `--bench`.
    let arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let chosen: Vec<String> = arguments.collect();
    if chosen == [LINES] {
        sends::print_lines();
        return;
    }
    let known = |name: &String| SECTIONS.iter().any(|(section, _)| section == name);
    if let Some(unknown) = chosen.iter().find(|name| !known(name)) {
        let names = SECTIONS.map(|(section, _)| section);
        eprintln!("there is no section {unknown:?}; there are {names:?}");
        std::process::exit(2);
    }
    let mut report = Report::default();
    for (section, run) in SECTIONS {
        if chosen.is_empty() || chosen.iter().any(|name| name == section) {
            run(&mut report);
        }
    }
    report.print();
}
