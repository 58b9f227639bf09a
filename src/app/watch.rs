//! Notices that knowledge files changed, or that another process built a snapshot.

use std::path::Path;
use std::time::Duration;

use notify::RecursiveMode;
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};

/// Quiet time after the last change before it is acted on: an editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(500);

/// Watches until it is dropped.
pub struct Watch {
    _watchers: Vec<Debouncer<notify::RecommendedWatcher>>,
}

impl Watch {
    /// Calls `knowledge_changed` for changes below `knowledge`, and `data_changed` for changes of
    /// the files that lie directly in `data`.
    ///
    /// # Errors
    /// When the system refuses to watch a folder.
    pub fn start(
        knowledge: &Path,
        knowledge_changed: impl Fn() + Send + 'static,
        data: &Path,
        data_changed: impl Fn() + Send + 'static,
    ) -> notify::Result<Self> {
        let knowledge = watch(knowledge, RecursiveMode::Recursive, is_knowledge, knowledge_changed)?;
        let data = watch(data, RecursiveMode::NonRecursive, |_| true, data_changed)?;
        Ok(Self { _watchers: vec![knowledge, data] })
    }
}

/// Editors' swap and backup files lie beside the documents and are none.
fn is_knowledge(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension == "md")
}

fn watch(
    folder: &Path,
    mode: RecursiveMode,
    counts: impl Fn(&Path) -> bool + Send + 'static,
    changed: impl Fn() + Send + 'static,
) -> notify::Result<Debouncer<notify::RecommendedWatcher>> {
    let mut watcher = new_debouncer(QUIET, move |result: DebounceEventResult| match result {
        Ok(events) if events.iter().any(|event| counts(&event.path)) => changed(),
        Ok(_) => {}
        Err(error) => tracing::warn!("watching failed: {error}"),
    })?;
    watcher.watcher().watch(folder, mode)?;
    Ok(watcher)
}
