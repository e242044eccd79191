//! CPU of a relying party as a process of its own, for one whole dance over sockets: login, callback, and the
//! page at the end.
//!
//! Four clients dance at a time, each over a keep-alive connection and with a fresh cookie jar for each dance. The
//! provider and the clients are in this process, the relying party in a child. User and system time of all its
//! threads count, from the kernel's accounts (Linux). `cargo bench -p benches --bench processes`; with the name of
//! a party behind it, that party dances alone, and its process identifier is printed for a profiler.

#[path = "../parties/mod.rs"]
mod parties;

mod client;
mod party;
mod process;

use std::time::Duration;

use benches::median;
use oauth_dance_dev::{ClientRegistration, DevProvider, Person};

use self::client::Clients;
use self::process::Process;

const ROUNDS: usize = 15;
const DANCES_PER_ROUND: usize = 400;

/// The most that a party may take, over the one that is written by hand.
const BARS: [(&str, f64); 4] = [
    ("by-hand", f64::INFINITY),
    ("memory", 1.25),
    ("cookies", 1.35),
    ("sqlite", 2.2),
];

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [role, name] = args.as_slice()
        && role == "party"
    {
        return party::serve(name).await;
    }
    let alone = args.iter().find(|arg| !arg.starts_with('-'));
    let names = BARS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = names
        .filter(|name| alone.is_none_or(|alone| alone == name))
        .collect();
    assert!(!names.is_empty(), "the name of a party");

    let mut processes = Vec::new();
    for name in &names {
        processes.push(Process::start(name).await);
    }
    let provider = provider(&processes);
    let server = provider.serve("127.0.0.1:0").await.expect("a port");
    for process in &mut processes {
        process.meet(&server.issuer()).await;
    }
    let clients = Clients::new(provider);
    if alone.is_some() {
        let process = &processes[0];
        println!("process {}", process.id());
        clients.dance(process.origin(), 50 * DANCES_PER_ROUND).await;
        return;
    }

    let mut cpu = vec![Vec::new(); names.len()];
    let mut durations = vec![Vec::new(); names.len()];
    // One round of each in turn, so that a drift of the machine's speed hits all alike. The first one warms up
    // connections and caches and does not count.
    for round in 0..=ROUNDS {
        for (index, process) in processes.iter().enumerate() {
            let before = process.cpu();
            let took = clients.dance(process.origin(), DANCES_PER_ROUND).await;
            let spent = process.cpu() - before;
            if round > 0 {
                cpu[index].push(spent.as_secs_f64() * 1e6 / DANCES_PER_ROUND as f64);
                durations[index].extend(took);
            }
        }
    }
    report(&names, &cpu, &mut durations);
}

fn report(names: &[&str], cpu: &[Vec<f64>], durations: &mut [Vec<Duration>]) {
    println!(
        "CPU of the relying party's process per dance, median of {ROUNDS} rounds of {DANCES_PER_ROUND}, four at a time:"
    );
    let by_hand = &cpu[0];
    for (index, name) in names.iter().enumerate() {
        let ratios: Vec<f64> = cpu[index].iter().zip(by_hand).map(|(a, b)| a / b).collect();
        let (ratio, (_, bar)) = (median(&ratios), BARS[index]);
        let verdict = match bar {
            bar if bar.is_infinite() => String::new(),
            bar if ratio <= bar => format!("bar {bar}: holds"),
            bar => format!("bar {bar}: misses"),
        };
        let took = &mut durations[index];
        took.sort_unstable();
        let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1e3;
        println!(
            "{name:>10}  {:7.1} us  {ratio:5.2} x  {verdict:20} a dance takes {:.2} ms, 99 % of them less than {:.2} ms",
            median(&cpu[index]),
            at(50),
            at(99)
        );
    }
}

fn provider(processes: &[Process]) -> DevProvider {
    let client = ClientRegistration::new(parties::CLIENT_ID, parties::CLIENT_SECRET);
    let client = processes.iter().fold(client, |client, process| {
        client.redirect_uri(parties::callback(process.origin()))
    });
    DevProvider::builder()
        .client(client)
        .person(
            Person::new("ada")
                .name("Ada Lovelace")
                .email("ada@example.com"),
        )
        .scope("profile", "See your name")
        .scope("email", "See your e-mail address")
        .build()
}
