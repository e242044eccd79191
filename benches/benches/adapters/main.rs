//! What each adapter costs: CPU of a relying party's process for one whole dance, over sockets.
//!
//! Every party has the same dances, with everything in cookies, and two pages: the one that a dance ends at, and one that
//! is plain text. `bare` is hyper that calls the core by itself. A framework's own price is that of as many plain pages as
//! a dance has requests. What is left of its dance, over what is left of the dance of `bare`, is the adapter's.
//! `cargo bench -p benches --bench adapters`; with names of parties behind it, these alone (and `bare`). Linux.

#[path = "../processes/client.rs"]
mod client;
#[path = "../processes/process.rs"]
mod process;

mod dances;
mod served;

use benches::median;
use oauth_dance_dev::{ClientRegistration, DevProvider, Person};

use self::client::Clients;
use self::process::Process;
use self::served::PARTIES;

const ROUNDS: usize = 15;
const DANCES_PER_ROUND: usize = 400;

/// The requests of a dance: the login, the callback, and the page at the end.
const REQUESTS: usize = 3;

/// The most that an adapter may take for a dance, in microseconds, and as a share of the dance.
const BAR: (f64, f64) = (10.0, 0.05);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [role, name] = args.as_slice()
        && role == "party"
    {
        return served::serve(name);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(&args));
}

async fn measure(args: &[String]) {
    let asked: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let names: Vec<&str> = PARTIES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name == "bare" || asked.is_empty() || asked.contains(name))
        .collect();
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

    // By party, the microseconds of each round: for a dance, and for as many plain pages.
    let mut dance = vec![Vec::new(); names.len()];
    let mut plain = vec![Vec::new(); names.len()];
    // One round of each in turn, so that a drift of the machine's speed hits all alike. The first one warms up
    // connections and caches and does not count.
    for round in 0..=ROUNDS {
        for (index, process) in processes.iter().enumerate() {
            let before = process.cpu();
            clients.dance(process.origin(), DANCES_PER_ROUND).await;
            let between = process.cpu();
            clients
                .plain(process.origin(), REQUESTS * DANCES_PER_ROUND)
                .await;
            let after = process.cpu();
            if round > 0 {
                let each = |spent: std::time::Duration| {
                    spent.as_secs_f64() * 1e6 / DANCES_PER_ROUND as f64
                };
                dance[index].push(each(between - before));
                plain[index].push(each(after - between));
            }
        }
    }
    report(&names, &dance, &plain);
}

fn report(names: &[&str], dance: &[Vec<f64>], plain: &[Vec<f64>]) {
    println!(
        "CPU of the relying party's process, median of {ROUNDS} rounds of {DANCES_PER_ROUND} dances, four at a time:"
    );
    let left = |party: usize, round: usize| dance[party][round] - plain[party][round];
    for (party, name) in names.iter().enumerate() {
        // `bare` is the first, and each round is compared with its own.
        let overhead: Vec<f64> = (0..ROUNDS)
            .map(|round| left(party, round) - left(0, round))
            .collect();
        let (whole, overhead) = (median(&dance[party]), median(&overhead));
        let share = overhead / whole;
        let verdict = match (overhead <= BAR.0, share <= BAR.1) {
            _ if party == 0 => "",
            (true, true) => "holds",
            _ => "misses",
        };
        println!(
            "{name:>8}  a dance {whole:6.1} us, {REQUESTS} plain pages {:6.1} us, the adapter {overhead:6.1} us, {:5.1} %  {verdict}",
            median(&plain[party]),
            share * 100.0
        );
    }
}

fn provider(processes: &[Process]) -> DevProvider {
    let client = ClientRegistration::new(dances::CLIENT_ID, dances::CLIENT_SECRET);
    let client = processes.iter().fold(client, |client, process| {
        client.redirect_uri(format!("{}/login/op/authorized", process.origin()))
    });
    let ada = Person::new("ada")
        .name("Ada Lovelace")
        .email("ada@example.com");
    DevProvider::builder()
        .client(client)
        .person(ada)
        .scope("profile", "See your name")
        .scope("email", "See your e-mail address")
        .build()
}
