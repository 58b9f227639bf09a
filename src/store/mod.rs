//! What was asked and how it went, kept in one SQLite file: the question log, conversations,
//! feedback, which events of messengers were seen and in which messages replies arrived.
//!
//! Synchronous: a write takes well under a millisecond and callers are off the async threads
//! already. What cannot be written is told to the log and keeps nobody from getting an answer; what
//! cannot be read or deleted is told to the caller. Knows no JSON of the doors: a reply is kept as
//! the text it was sent as. Who may read a conversation is told in `conversation`.

mod columns;
mod conversations;
mod events;
mod feedback;
mod log;
mod logged;
mod messages;
mod retention;
mod schema;
#[cfg(test)]
mod tests;

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

pub use conversations::{EXCHANGES_SHOWN, NewExchange, StoredConversation, StoredExchange};
pub use feedback::{Feedback, Rating};
pub use log::{Entry, Outcome};
pub use logged::Logged;

/// Name of the file in the data folder.
pub const FILE: &str = "dialogdesk.db";

/// How long a statement waits for another process that writes to the same file. An answer waits as
/// long, so that this is less than a person would notice as a fault.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// Whether texts that people typed and replies are kept. Without them the log counts questions
    /// by time, channel and outcome, and conversations are not stored.
    pub texts: bool,
    /// Days after which everything is deleted, at least 1.
    pub retention_days: usize,
    /// Bytes that may be in use; the oldest exchanges and log entries make room.
    pub max_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { texts: true, retention_days: 90, max_bytes: 1 << 30 }
    }
}

/// Why something is not stored, read or deleted.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "{path} cannot be opened ({reason}): make the folder writable, move the file away to begin a new one, or serve \
         with --no-log"
    )]
    Open { path: PathBuf, reason: String },
    #[error(
        "{path} is damaged or no database ({reason}): move it away, with the files of the same name that end in -wal \
         and -shm, to begin a new one; `sqlite3 FILE .recover` may save what is in it"
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "{path} was written by a newer version of this program (form {found}, known up to {known}): use that version, \
         or move the file away to begin a new one"
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("the database failed: {0}")]
    Failed(#[from] rusqlite::Error),
}

/// The database. Cheap to clone; one connection behind a lock, because SQLite writes one at a time
/// anyway.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    connection: Mutex<Connection>,
    path: Option<PathBuf>,
    options: StoreOptions,
    /// The last write failed: said once, and once more when writing works again.
    failing: AtomicBool,
    /// Since the size was looked at.
    writes: AtomicU32,
}

impl Store {
    /// Opens the file in the data folder, making both where they are missing, for the owner alone,
    /// and brings an older file up to the present form.
    ///
    /// # Errors
    /// [`StoreError`], which says what to do.
    pub fn open(data: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let path = data.join(FILE);
        let unusable = |error: std::io::Error| StoreError::Open { path: path.clone(), reason: error.to_string() };
        fs::create_dir_all(data).map_err(unusable)?;
        make_private(&path).map_err(unusable)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| blame(&path, &error))?;
        Self::with(connection, Some(path), options)
    }

    /// One that is forgotten with the process.
    ///
    /// # Errors
    /// [`StoreError`] when there is no memory.
    pub fn in_memory(options: StoreOptions) -> Result<Self, StoreError> {
        Self::with(Connection::open_in_memory()?, None, options)
    }

    fn with(mut connection: Connection, path: Option<PathBuf>, options: StoreOptions) -> Result<Self, StoreError> {
        let place = path.clone().unwrap_or_default();
        prepare(&connection).map_err(|error| blame(&place, &error))?;
        schema::migrate(&mut connection, &place)?;
        Ok(Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            path,
            options,
            failing: AtomicBool::new(false),
            writes: AtomicU32::new(0),
        })))
    }

    /// What is kept, and for how long.
    #[must_use]
    pub fn options(&self) -> StoreOptions {
        self.0.options
    }

    /// Where the file is, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a transaction has rolled it back.
        self.0.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a write; what fails is counted, and told to the log when it begins and when it ends.
    /// `None` when it failed.
    fn write<T>(&self, what: &str, write: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Option<T> {
        let result = write(&mut self.lock());
        let failed = result.is_err();
        let failed_before = self.0.failing.swap(failed, Ordering::Relaxed);
        match result {
            Ok(value) => {
                if failed_before {
                    tracing::info!("the database can be written again");
                }
                self.look_at_size();
                Some(value)
            }
            Err(error) => {
                metrics::counter!("dialogdesk_store_failures_total").increment(1);
                if !failed_before {
                    tracing::error!(%error, what, "the database cannot be written; answers go on without it");
                }
                None
            }
        }
    }

    /// Now and then, so that a flood of questions cannot fill the disk between two daily prunings.
    fn look_at_size(&self) {
        const EVERY: u32 = 256;
        if self.0.writes.fetch_add(1, Ordering::Relaxed) % EVERY == EVERY - 1 {
            let _ = retention::make_room(&mut self.lock(), self.0.options.max_bytes);
        }
    }
}

/// How every connection behaves.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    // Readers (`dialogdesk report`) and the one writer do not wait for each other.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // A crash of the machine may lose the last moments, never more; each commit costs no sync.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten: texts of people must not stay in free pages.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "trusted_schema", false)
}

/// Takes what was deleted out of the journal as well. A reader at work may keep some of it there; then
/// the next time takes it.
fn clear_journal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Makes the file if it is missing; nobody but the owner may read or write it. SQLite gives its
/// other files the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    options.open(path)?;
    Ok(())
}

/// What a failure at the opening means for the operator.
fn blame(path: &Path, error: &rusqlite::Error) -> StoreError {
    let (path, reason) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, reason },
        _ => StoreError::Open { path, reason },
    }
}
