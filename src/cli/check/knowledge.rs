//! Checks of the knowledge files: those that are not served, and what the parser says of the others,
//! with the line.

use super::Finding;
use crate::config::Config;
use crate::corpus::{Corpus, Document, Problem, Severity};
use crate::index::snapshot::FileError;
use crate::ingest;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let folder = config.paths.knowledge.display();
    let advice = "put Markdown files there, or name another folder with --knowledge";
    if !config.paths.knowledge.is_dir() {
        return vec![Finding::Error(format!("there is no folder {folder}; {advice}"))];
    }
    match ingest::read(&config.paths.knowledge) {
        Err(error) => vec![Finding::Error(format!("{folder} cannot be read: {error}"))],
        Ok((corpus, _)) if corpus.documents.is_empty() => {
            vec![Finding::Error(format!("{folder} holds no document; {advice}"))]
        }
        Ok((corpus, file_errors)) => {
            let counts = format!("{} documents, {} passages", corpus.documents.len(), corpus.passages.len());
            let fine = Finding::Fine(format!("{folder}: {counts}"));
            std::iter::once(fine).chain(problems(&corpus, &file_errors)).collect()
        }
    }
}

/// What is wrong with the files of a corpus.
pub(in crate::cli) fn problems(corpus: &Corpus, file_errors: &[FileError]) -> Vec<Finding> {
    let unserved = file_errors.iter().map(|error| Finding::Error(format!("{}: {}", error.path, error.message)));
    unserved.chain(corpus.documents.iter().flat_map(|document| of_document(document))).collect()
}

fn of_document(document: &Document) -> impl Iterator<Item = Finding> {
    let finding = |problem: &Problem| {
        let text = format!("{}, line {}: {}", document.path, problem.line, problem.message);
        match problem.severity {
            Severity::Warning => Finding::Warning(text),
            Severity::Error => Finding::Error(text),
        }
    };
    document.problems.iter().map(finding)
}
