//! `dialogdesk index`: builds the snapshot and says what went into it.

use super::progress::Progress;
use super::{Failure, Verdict};
use crate::app::{App, Built};
use crate::config::Config;
use crate::corpus::{Corpus, Severity};
use crate::index::Snapshot;

/// Builds, whether a snapshot exists or not. Files that are not served are problems of the job.
pub(super) fn run(config: Config) -> Result<Verdict, Failure> {
    let app = App::start(config).map_err(Failure::failed)?;
    warn_if_degraded(&app);
    let progress = Progress::new("embedding passages");
    let built = app.rebuild(&|p| progress.set(p.done, p.total)).map_err(Failure::failed)?;
    progress.finish();
    print!("{}", summary(&built));
    let problems = problems(&built.snapshot);
    problems.iter().for_each(|problem| println!("  {problem}"));
    Ok(if built.snapshot.file_errors.is_empty() { Verdict::Fine } else { Verdict::Problems })
}

/// Opens the snapshot or builds a missing one, with progress.
pub(super) fn open(config: Config) -> Result<App, Failure> {
    let app = App::start(config).map_err(Failure::failed)?;
    warn_if_degraded(&app);
    open_snapshot(&app)?;
    Ok(app)
}

/// The same for a program that is assembled already.
pub(super) fn open_snapshot(app: &App) -> Result<(), Failure> {
    let progress = Progress::new("building the index");
    app.open(&|p| progress.set(p.done, p.total)).map_err(Failure::failed)?;
    Ok(())
}

/// Says so where a person sees it even when the log is off.
pub(super) fn warn_if_degraded(app: &App) {
    if let Some(reason) = &app.degraded {
        eprintln!("WARNING: lexical search alone, because the encoder is not loaded:\n  {reason}");
    }
}

fn summary(built: &Built) -> String {
    let manifest = &built.snapshot.manifest;
    format!(
        "{} documents, {} passages ({} embedded, {} unchanged) in {:.1} s; knowledge {}\n",
        manifest.documents,
        manifest.passages,
        built.embedded,
        built.cached,
        built.took.as_secs_f64(),
        manifest.knowledge_version,
    )
}

/// Files that are not served, then what the parser found in those that are.
fn problems(snapshot: &Snapshot) -> Vec<String> {
    let unserved = snapshot.file_errors.iter().map(|error| format!("error: {}: {}", error.path, error.message));
    unserved.chain(document_problems(&snapshot.corpus)).collect()
}

fn document_problems(corpus: &Corpus) -> impl Iterator<Item = String> {
    corpus.documents.iter().flat_map(|document| {
        document.problems.iter().map(|problem| {
            let word = match problem.severity {
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            format!("{word}: {}, line {}: {}", document.path, problem.line, problem.message)
        })
    })
}
