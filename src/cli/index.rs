//! `dialogdesk index`: builds the snapshot and says what went into it.

use super::check::knowledge::problems;
use super::progress::Progress;
use super::{Failure, Verdict, out};
use crate::app::{App, Built};
use crate::config::Config;

/// Builds unless the current snapshot is up to date. Files that are not served are problems of the
/// job.
pub(super) fn run(config: Config) -> Result<Verdict, Failure> {
    let app = App::start(config).map_err(Failure::failed)?;
    warn_if_incomplete(&app);
    let built = open_snapshot(&app)?;
    out::print(&summary(&built))?;
    let snapshot = &built.snapshot;
    for problem in problems(&snapshot.corpus, &snapshot.file_errors) {
        out::print(&format!("  {problem}\n"))?;
    }
    Ok(if snapshot.file_errors.is_empty() { Verdict::Fine } else { Verdict::Problems })
}

/// A program that serves the knowledge as it is now, with progress where a snapshot must be built.
pub(super) fn open(config: Config) -> Result<App, Failure> {
    let app = App::start(config).map_err(Failure::failed)?;
    warn_if_incomplete(&app);
    open_snapshot(&app)?;
    Ok(app)
}

/// The same for a program that is assembled already.
pub(super) fn open_snapshot(app: &App) -> Result<Built, Failure> {
    app.build(&Progress::new("encoding passages")).map_err(Failure::failed)
}

/// Says so where a person sees it even when the log is off.
pub(super) fn warn_if_incomplete(app: &App) {
    if let Some(reason) = app.degraded() {
        eprintln!("WARNING: lexical search alone, because the encoder is not loaded:\n  {reason}");
    }
    if let Some(reason) = app.without_reader() {
        eprintln!("WARNING: answers are chosen without the reader, because it is not loaded:\n  {reason}");
    }
}

fn summary(built: &Built) -> String {
    let manifest = &built.snapshot.manifest;
    let counts = format!("{} documents, {} passages", manifest.documents, manifest.passages);
    let (version, seconds) = (&manifest.knowledge_version, built.took.as_secs_f64());
    match &built.reason {
        None => format!("up to date: {counts}; knowledge {version}\n"),
        Some(reason) => format!("built in {seconds:.1} s ({reason}): {counts}; knowledge {version}\n"),
    }
}
