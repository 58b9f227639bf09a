//! `dialogdesk check`: everything that could keep the program from answering well, found at once,
//! each with what to do about it.

pub(super) mod knowledge;
mod model;
mod samples;
mod templates;

use std::fmt;

use super::{Failure, Verdict, access, out};
use crate::answer::{Means, Model};
use crate::app::App;
use crate::config::{Config, Problem};

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
    let (reader, runtime) = (model::check_reader(config), model::check_runtime(config));
    let fitted = Model::shipped(means(config, &reader, &runtime));
    let confidence = match &fitted {
        Ok(fitted) => Finding::Fine(confidence(fitted, config.answering.threshold)),
        Err(error) => Finding::Error(error.to_string()),
    };
    let sections = [
        Section { name: "settings", findings: settings(config, problems) },
        Section { name: "knowledge", findings: knowledge::check(config) },
        Section { name: "access", findings: access(config) },
        Section { name: "channels", findings: channels(config) },
        Section { name: "templates", findings: templates::check(config.paths.prompts.as_deref()) },
        Section { name: "model", findings: model::check_files(config) },
        Section { name: "reader", findings: reader },
        Section { name: "runtime", findings: runtime },
        Section { name: "confidence", findings: vec![confidence] },
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

/// What there would be to answer with, by what was found of the reader and of the runtime.
fn means(config: &Config, reader: &[Finding], runtime: &[Finding]) -> Means {
    // What became of loading comes last.
    let loads = |findings: &[Finding]| matches!(findings.last(), Some(Finding::Fine(_)));
    if !loads(runtime) {
        Means::Words
    } else if config.answering.reader && loads(reader) {
        Means::Reader
    } else {
        Means::Encoder
    }
}

/// From which confidence on questions are answered, and how often that is wrong.
fn confidence(fitted: &Model, threshold: Option<f64>) -> String {
    let rates = match (fitted.unanswerable_refused, fitted.answerable_refused) {
        (Some(unanswerable), Some(answerable)) => format!(
            "cross-validated it refuses {:.0} % of the unanswerable questions and {:.0} % of the answerable ones",
            100.0 * unanswerable,
            100.0 * answerable
        ),
        _ => "its error rates are not known; `dialogdesk calibrate` measures them".to_owned(),
    };
    match threshold {
        None => format!("answers from a confidence of {:.2}; {rates}", fitted.threshold),
        Some(set) => format!(
            "answers from a confidence of {set:.2} (answering.threshold), which was not measured; at the fitted {:.2} \
             {rates}",
            fitted.threshold
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_told_with_its_error_rates() {
        let fitted = |rates: &str| {
            Model::parse(&format!(r#"{{"version":1,"features":[],"bias":0,"threshold":0.4965{rates}}}"#)).unwrap()
        };
        let known = fitted(r#","answerable_refused":0.117,"unanswerable_refused":0.698"#);
        assert_eq!(
            confidence(&known, None),
            "answers from a confidence of 0.50; cross-validated it refuses 70 % of the unanswerable questions and 12 % \
             of the answerable ones"
        );
        let set = confidence(&known, Some(0.8));
        assert!(set.contains("0.80 (answering.threshold)") && set.contains("fitted 0.50"), "{set}");
        assert!(confidence(&fitted(""), None).contains("not known"));
    }

    #[test]
    fn the_error_rates_are_those_of_what_can_be_loaded() {
        let config = Config::default();
        let (fine, wrong) = ([Finding::Fine(String::new())], [Finding::Error(String::new())]);
        assert_eq!(means(&config, &fine, &fine), Means::Reader);
        assert_eq!(means(&config, &wrong, &fine), Means::Encoder);
        assert_eq!(means(&config, &fine, &wrong), Means::Words);
    }
}
