//! Checks of the knowledge files: what the parser says of each, with the line.

use super::Finding;
use crate::config::Config;
use crate::corpus::{Document, Severity};

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let folder = &config.paths.knowledge;
    if !folder.is_dir() {
        let advice = "create it and put Markdown files there, or name another with --knowledge";
        return vec![Finding::Error(format!("there is no folder {}; {advice}", folder.display()))];
    }
    Vec::new()
}

/// What the parser found in a file.
#[expect(dead_code, reason = "until ingest finds the files")]
fn of_document(document: &Document) -> Vec<Finding> {
    let finding = |problem: &crate::corpus::Problem| {
        let text = format!("{}, line {}: {}", document.path, problem.line, problem.message);
        match problem.severity {
            Severity::Warning => Finding::Warning(text),
            Severity::Error => Finding::Error(text),
        }
    };
    document.problems.iter().map(finding).collect()
}
