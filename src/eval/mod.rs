//! How good are the answers? Question sets are asked through the same function as users ask, and
//! the replies and their traces are measured.
//!
//! Never re-implements a stage: a ranking is read from the trace, a verdict from the reply.

pub mod ablation;
pub mod baseline;
pub mod calibrate;
pub mod export;
pub mod fitted;
pub mod logistic;
pub mod measures;
pub mod pairs;
pub mod questions;
pub mod reliability;
pub mod report;
pub mod run;
pub mod score;
pub mod summary;

#[cfg(test)]
mod fixtures;
mod text;

use std::path::Path;

pub use questions::{Question, QuestionSet, QuestionsError};
pub use run::{Asked, Outcome, run};
pub use summary::{Collection, Estimate, Evaluation, Figures};

/// A short name for a question set: its folder, and the file's own name unless that is `questions`.
///
/// ```
/// # use dialogdesk::eval::collection_name;
/// # use std::path::Path;
/// assert_eq!(collection_name(Path::new("sets/nanning/questions.jsonl")), "nanning");
/// assert_eq!(collection_name(Path::new("sets/nanning/dev.jsonl")), "nanning-dev");
/// assert_eq!(collection_name(Path::new("dev.jsonl")), "dev");
/// ```
#[must_use]
pub fn collection_name(file: &Path) -> String {
    let text = |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned());
    let stem = text(file.file_stem()).unwrap_or_default();
    let name = match text(file.parent().and_then(Path::file_name)) {
        Some(folder) if stem == "questions" => folder,
        Some(folder) => format!("{folder}-{stem}"),
        None => stem,
    };
    name.split_whitespace().collect::<Vec<_>>().join("-")
}
