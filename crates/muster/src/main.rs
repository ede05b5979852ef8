//! `muster`: one program that is the server, its tools and its client.

mod cli;
mod client;
mod local;
mod serve;
mod settings;

use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

fn main() -> ExitCode {
    rustls::crypto::ring::default_provider().install_default().expect("nobody installed another provider before");
    let matches = cli::Cli::command().get_matches();
    let wants_json = cli::wants_json(&matches);
    let cli = cli::Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("the system has threads");
    let outcome = runtime.block_on(cli.run());
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", cli::failure(&error, wants_json));
            ExitCode::FAILURE
        }
    }
}
