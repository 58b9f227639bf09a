//! `dialogdesk check`: everything that could keep the program from answering well, found at once,
//! each with what to do about it.

pub(super) mod knowledge;
mod model;

use std::fmt;

use super::{Failure, Verdict, access, out};
use crate::app::App;
use crate::config::{Config, Problem};
use crate::prompts::Prompts;

/// What a check found. A warning keeps nothing from working.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    Fine(String),
    Warning(String),
    Error(String),
}

/// One area and what was found in it.
struct Section {
    name: &'static str,
    findings: Vec<Finding>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, text) = match self {
            Self::Fine(text) => ("ok", text),
            Self::Warning(text) => ("warning", text),
            Self::Error(text) => ("error", text),
        };
        write!(f, "{word:<8} {text}")
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = std::iter::once(self.name).chain(std::iter::repeat(""));
        self.findings.iter().zip(names).try_for_each(|(finding, name)| writeln!(f, "{name:<10} {finding}"))
    }
}

/// Prints all findings and a summary line; problems when any is an error. What is wrong with the
/// settings was found when they were read, and `config` has defaults in those places.
///
/// # Errors
/// [`Failure`] when standard output cannot be written.
pub(super) fn run(config: &Config, problems: &[Problem]) -> Result<Verdict, Failure> {
    let sections = [
        Section { name: "settings", findings: settings(config, problems) },
        Section { name: "knowledge", findings: knowledge::check(config) },
        Section { name: "access", findings: access(config) },
        Section { name: "channels", findings: channels(config) },
        Section { name: "templates", findings: templates(config) },
        Section { name: "model", findings: model::check_files(config) },
        Section { name: "reader", findings: model::check_reader(config) },
        Section { name: "runtime", findings: model::check_runtime(config) },
        Section { name: "store", findings: store(config) },
    ];
    for section in &sections {
        out::print(&section.to_string())?;
    }
    let count = |is: fn(&Finding) -> bool| sections.iter().flat_map(|s| &s.findings).filter(|f| is(f)).count();
    let errors = count(|f| matches!(f, Finding::Error(_)));
    let warnings = count(|f| matches!(f, Finding::Warning(_)));
    out::print(&format!("\n{errors} error(s), {warnings} warning(s)\n"))?;
    Ok(if errors == 0 { Verdict::Fine } else { Verdict::Problems })
}

fn settings(config: &Config, problems: &[Problem]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = problems.iter().map(|p| Finding::Error(p.to_string())).collect();
    for (name, folder) in [("prompts", &config.paths.prompts), ("ui", &config.paths.ui)] {
        if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
            findings.push(Finding::Error(format!("{name}: there is no folder {}", folder.display())));
        }
    }
    if findings.iter().all(|finding| matches!(finding, Finding::Fine(_))) {
        findings.insert(0, Finding::Fine("every setting is known and in range".to_owned()));
    }
    findings
}

/// Who will be let in, and who will not although somebody may expect it.
fn access(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(address) = access::expected_address(config) {
        let open = !access::options(config, address).required;
        let who = if open { "everyone who reaches the server" } else { "who has a key" };
        findings.push(Finding::Fine(format!("{who} may ask and read at {address}")));
        findings.extend(access::warnings(config, address).into_iter().map(Finding::Warning));
    }
    if config.server.admin_key.is_none() && config.access.admin_keys.is_empty() {
        findings.push(Finding::Fine("no DIALOGDESK_ADMIN_KEY is set, so the admin routes answer 403".to_owned()));
    }
    findings
}

/// A database that is not there yet is made at the start.
fn store(config: &Config) -> Vec<Finding> {
    let kept = match (config.store.questions, config.store.retention_days) {
        (true, days) => format!("questions are kept for {days} days"),
        (false, _) => "questions are counted and not kept".to_owned(),
    };
    match App::existing_store(config) {
        Ok(_) => vec![Finding::Fine(kept)],
        Err(error) => vec![Finding::Error(error.to_string())],
    }
}

/// Which messengers are on, and what keeps them from answering.
fn channels(config: &Config) -> Vec<Finding> {
    let on: Vec<&str> = config.channels.all().iter().filter(|(_, access)| access.is_on()).map(|(n, _)| *n).collect();
    if on.is_empty() {
        return vec![Finding::Fine("no messenger is on; docs/channels says how to set one up".to_owned())];
    }
    let mut findings = vec![Finding::Fine(format!("on: {}", on.join(", ")))];
    if config.server.public_url.is_none() {
        let needed = "server.public_url is not set; links in messengers need the address that users reach";
        findings.push(Finding::Error(needed.to_owned()));
    }
    let missing = config.channels.missing().into_iter();
    findings.extend(missing.map(|(variable, what)| Finding::Warning(format!("{variable} is not set: {what}"))));
    findings
}

/// Loading compiles every template and renders it strictly with a sample.
fn templates(config: &Config) -> Vec<Finding> {
    match Prompts::load(config.paths.prompts.as_deref()) {
        Ok(prompts) => vec![Finding::Fine(format!("locales {}", prompts.locales().join(", ")))],
        Err(error) => vec![Finding::Error(error.to_string())],
    }
}
