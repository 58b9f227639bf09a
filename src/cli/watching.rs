//! A program that goes on answering takes up what changes in its folders.

use std::sync::Arc;

use crate::app::{App, Indexer};
use crate::ingest::watch::{self, Before, Change, Watch};

/// Rebuilds when the knowledge has changed since `before`, and takes up a snapshot that another process built, until what
/// is given back is dropped. Answering goes on without a watch: the log says what no longer happens by
/// itself.
pub(super) fn follow(app: &Arc<App>, indexer: Indexer, before: Before) -> Option<Watch> {
    let (paths, app) = (app.config.paths.clone(), Arc::clone(app));
    let changed = move |change| match change {
        Change::Snapshot => app.take_up(),
        Change::Knowledge => {
            if let Err(error) = indexer.changed() {
                tracing::error!("the knowledge changed, but no rebuild could be started: {error}");
            }
        }
    };
    let watching = watch::watch(&paths.knowledge, &paths.data, before, changed);
    watching.inspect_err(|error| tracing::warn!("changes are not noticed, reindex by hand: {error}")).ok()
}
