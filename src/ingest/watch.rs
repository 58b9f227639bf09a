//! Notices that the knowledge folder changed, or that another process switched snapshots.
//!
//! The system's notifications only say when to look: reading a file notifies too, editors write in
//! many steps, and some file systems never tell. Whether something changed is decided by comparing
//! names, sizes and times; without notifications the same comparison runs every two seconds. The
//! data folder is not watched, because every question writes to the database in it: which snapshot is
//! the current one is looked up every second.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};
use notify_debouncer_mini::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_mini::{DebounceEventResult, Debouncer, new_debouncer};

/// Quiet time after which a change is looked at.
const QUIET: Duration = Duration::from_millis(300);
/// How often to look when nothing notifies …
const POLL: Duration = Duration::from_secs(2);
/// … and when something does, in case it misses a change.
const POLL_NOTIFIED: Duration = Duration::from_secs(30);
/// How often to look which snapshot is the current one.
const POLL_CURRENT: Duration = Duration::from_secs(1);

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A file of the knowledge folder.
    Knowledge,
    /// `data/current` names another snapshot.
    Snapshot,
}

/// Watches until it is dropped.
pub struct Watch {
    _stop: Sender<Infallible>,
    _notifications: Option<Debouncer<RecommendedWatcher>>,
}

/// Files with time and size.
type Files = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// What a knowledge folder holds at one time.
pub struct Before(Files);

/// Looks at a knowledge folder before it is indexed: what changes in it meanwhile is a change.
#[must_use]
pub fn before(knowledge: &Path) -> Before {
    Before(files(knowledge))
}

/// What there was when it was looked at last.
struct Seen {
    knowledge: Files,
    knowledge_at: Instant,
    current: Option<String>,
}

/// Calls `changed` for every change since `before`, on a thread of its own; changes during a call are
/// noticed after it. Never fails: what cannot be watched is looked at from time to time.
///
/// # Errors
/// When the thread cannot be started.
pub fn watch(
    knowledge: &Path,
    data: &Path,
    before: Before,
    changed: impl FnMut(Change) + Send + 'static,
) -> std::io::Result<Watch> {
    let (stop, stopped) = bounded(0);
    let (notice, noticed) = bounded(1);
    let notifications = notifications(knowledge, notice)
        .inspect_err(|error| tracing::warn!(%error, "no change notifications; looking every {POLL:?} instead"))
        .ok();
    let (noticed, interval) = if notifications.is_some() { (noticed, POLL_NOTIFIED) } else { (never(), POLL) };
    let (knowledge, data) = (knowledge.to_owned(), data.to_owned());
    let seen = Seen { knowledge: before.0, knowledge_at: Instant::now(), current: current(&data) };
    std::thread::Builder::new()
        .name("watch".into())
        .spawn(move || run(&knowledge, &data, seen, &noticed, &stopped, interval, changed))?;
    Ok(Watch { _stop: stop, _notifications: notifications })
}

fn notifications(
    knowledge: &Path,
    notice: Sender<()>,
) -> notify_debouncer_mini::notify::Result<Debouncer<RecommendedWatcher>> {
    let mut debouncer = new_debouncer(QUIET, move |events: DebounceEventResult| {
        if let Err(error) = events {
            tracing::warn!(%error, "a change notification failed");
        }
        // One notice is enough, however many wait.
        let _ = notice.try_send(());
    })?;
    debouncer.watcher().watch(knowledge, RecursiveMode::Recursive)?;
    Ok(debouncer)
}

fn run(
    knowledge: &Path,
    data: &Path,
    mut seen: Seen,
    noticed: &Receiver<()>,
    stopped: &Receiver<Infallible>,
    interval: Duration,
    mut changed: impl FnMut(Change),
) {
    // Nothing notified of what changed before the watch began.
    let mut first = true;
    loop {
        let told = select! {
            recv(stopped) -> _ => return,
            recv(noticed) -> _ => true,
            default(POLL_CURRENT) => first,
        };
        first = false;
        if replaced(&mut seen.current, current(data)) {
            changed(Change::Snapshot);
        }
        if told || seen.knowledge_at.elapsed() >= interval {
            seen.knowledge_at = Instant::now();
            if replaced(&mut seen.knowledge, files(knowledge)) {
                changed(Change::Knowledge);
            }
        }
    }
}

/// Puts what there is now in the place of what was seen, and says whether that differs.
fn replaced<T: PartialEq>(seen: &mut T, now: T) -> bool {
    std::mem::replace(seen, now) != *seen
}

fn current(data: &Path) -> Option<String> {
    fs::read_to_string(data.join("current")).ok()
}

fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    list(folder, 0, &mut files);
    files
}

/// Lists files with time and size; what cannot be read is not there.
fn list(folder: &Path, depth: usize, files: &mut Files) {
    // A link that leads back up would never end.
    if depth > 32 {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => list(&path, depth + 1, files),
            Ok(meta) => drop(files.insert(path, (meta.modified().ok(), meta.len()))),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(knowledge: &Path, data: &Path) -> (Watch, Receiver<Change>) {
        let (sender, receiver) = crossbeam_channel::unbounded();
        let watch =
            watch(knowledge, data, before(knowledge), move |change| sender.send(change).unwrap_or_default()).unwrap();
        (watch, receiver)
    }

    fn next(changes: &Receiver<Change>) -> Option<Change> {
        changes.recv_timeout(Duration::from_secs(8)).ok()
    }

    #[test]
    fn changed_files_and_a_switched_snapshot_are_told_apart_and_reading_is_no_change() {
        let (knowledge, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(knowledge.path().join("a.md"), "one").unwrap();
        let (_watch, changes) = watched(knowledge.path(), data.path());
        fs::read(knowledge.path().join("a.md")).unwrap();
        fs::write(data.path().join("embeddings.bin"), "x").unwrap();
        assert_eq!(changes.recv_timeout(Duration::from_millis(900)).ok(), None);
        fs::create_dir(knowledge.path().join("below")).unwrap();
        fs::write(knowledge.path().join("below/b.md"), "two").unwrap();
        assert_eq!(next(&changes), Some(Change::Knowledge));
        fs::write(data.path().join("current"), "name hash").unwrap();
        assert_eq!(next(&changes), Some(Change::Snapshot));
        fs::remove_file(knowledge.path().join("a.md")).unwrap();
        assert_eq!(next(&changes), Some(Change::Knowledge));
    }

    #[test]
    fn what_changed_between_the_first_look_and_the_watch_is_told() {
        let (knowledge, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let before = before(knowledge.path());
        fs::write(knowledge.path().join("a.md"), "one").unwrap();
        let (sender, changes) = crossbeam_channel::unbounded();
        let told = move |change| sender.send(change).unwrap_or_default();
        let _watch = watch(knowledge.path(), data.path(), before, told).unwrap();
        assert_eq!(next(&changes), Some(Change::Knowledge));
        assert_eq!(changes.recv_timeout(Duration::from_millis(1500)).ok(), None, "once");
    }

    #[test]
    fn a_folder_that_does_not_exist_yet_is_looked_at_from_time_to_time() {
        let folder = tempfile::tempdir().unwrap();
        let knowledge = folder.path().join("knowledge");
        let (_watch, changes) = watched(&knowledge, folder.path());
        fs::create_dir(&knowledge).unwrap();
        fs::write(knowledge.join("a.md"), "one").unwrap();
        assert_eq!(next(&changes), Some(Change::Knowledge));
    }
}
