//! The command: starts the site and its identity provider, says what to open, stops at Ctrl-C.

use std::process::ExitCode;

use quickstart::{Command, Config, HELP, StartError};

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Command::from_env() {
        Ok(Command::Help) => {
            println!("{HELP}");
            Ok(())
        }
        Ok(Command::Run(config)) => run(&config).await,
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: &Config) -> Result<(), StartError> {
    let running = quickstart::start(config).await?;
    println!("{}", running.welcome());
    // Without a handler for Ctrl-C the operating system stops us just as well.
    let _ = tokio::signal::ctrl_c().await;
    running.stop().await;
    Ok(())
}
