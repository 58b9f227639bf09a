//! The program's log: to standard error, as text or as one JSON object a line. What is logged, and
//! that question texts are not, is up to those who log.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// What the server logs: not each step of the HTTP library.
pub const SERVER: &str = "info,actix_server=warn,actix_http=off";
/// What a command logs whose result is on the screen.
pub const COMMAND: &str = "warn";

/// The library for requests to vendors, which at the finest level writes addresses with the tokens in
/// them.
const NEVER_IN_DETAIL: [&str; 2] = ["ureq=warn", "ureq_proto=warn"];

/// Starts logging for the whole process, at `default` unless the settings name a level; a second
/// call changes nothing.
pub fn init(log: &Log, default: &str) {
    // The level was checked when the settings were read.
    let filter = EnvFilter::new(log.level.as_deref().unwrap_or(default));
    let filter = NEVER_IN_DETAIL.iter().filter_map(|d| d.parse().ok()).fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
