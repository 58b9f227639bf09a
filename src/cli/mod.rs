//! The command line: what was typed becomes settings and one command; what went wrong becomes a
//! message and an exit code. One file per command.
//!
//! Exit codes: 0 done, 1 the job found problems or failed, 2 wrong usage or settings.

mod access;
mod args;
mod ask;
mod calibrate;
mod check;
mod eval;
mod index;
mod key;
mod mcp;
mod out;
mod print;
mod progress;
mod report;
mod search;
mod serve;
mod sets;
mod watching;

use std::process::ExitCode;

use clap::Parser;

use crate::config::{Config, ConfigError};
use crate::telemetry;
use args::{Cli, Command};

/// Why a command did not get to its end.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// What was asked for makes no sense: exit code 2.
    Usage(String),
    /// It made sense and did not work: exit code 1.
    Failed(String),
}

impl Failure {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// With what was being done in front: "writing out.json: permission denied".
    fn while_doing(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Failed(format!("{what}: {error}"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Whether the job found problems.
enum Verdict {
    Fine,
    Problems,
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Problems) => ExitCode::from(1),
        Err(Failure::Failed(message)) => complain(&message, 1),
        Err(Failure::Usage(message)) => complain(&message, 2),
    }
}

fn complain(message: &str, code: u8) -> ExitCode {
    eprintln!("dialogdesk: {message}");
    ExitCode::from(code)
}

fn run(cli: Cli) -> Result<Verdict, Failure> {
    let (file, flags) = (cli.common.config.as_deref(), cli.flags());
    if let Command::Check = cli.command {
        let (config, problems) = Config::load_leniently(file, &flags);
        return check::run(&config, &problems);
    }
    if let Command::Key(args) = &cli.command {
        // Also who has no settings yet, or a key among them that will not do, gets one.
        return key::run(args);
    }
    let config = Config::load(file, &flags)?;
    let serves = matches!(cli.command, Command::Serve { .. });
    telemetry::init(&config.log, if serves { telemetry::SERVER } else { telemetry::COMMAND });
    let one_knowledge = cli.common.knowledge.is_some();
    match cli.command {
        Command::Serve { .. } => serve::run(config),
        Command::Index => index::run(config),
        Command::Ask(args) => ask::run(config, args),
        Command::Search(args) => search::run(config, args),
        Command::Mcp => mcp::run(config),
        Command::Eval(args) => eval::run(config, args, one_knowledge),
        Command::Calibrate(args) => calibrate::run(config, args, one_knowledge),
        Command::Report(args) => report::run(&config, &args),
        Command::Check | Command::Key(_) => Ok(Verdict::Fine), // answered above
    }
}
