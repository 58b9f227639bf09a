//! Settings: what is kept of questions, and for how long.

use super::Sources;

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Whether questions, replies and comments are kept; without them questions are counted alone.
    /// `questions`, `DIALOGDESK_STORE_QUESTIONS`, `--no-log`.
    pub questions: bool,
    /// Days after which everything is deleted. `retention_days`, `DIALOGDESK_STORE_RETENTION_DAYS`.
    pub retention_days: usize,
    /// Megabytes (2^20 bytes) that may be in use; the oldest entries make room. `max_mb`,
    /// `DIALOGDESK_STORE_MAX_MB`.
    pub max_mb: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self { questions: true, retention_days: 90, max_mb: 1024 }
    }
}

impl Store {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut store = Self::default();
        sources.read("store.questions", &mut store.questions);
        sources.read("store.retention_days", &mut store.retention_days);
        sources.check("store.retention_days", store.retention_days > 0, "must be at least 1");
        sources.read("store.max_mb", &mut store.max_mb);
        sources.check("store.max_mb", store.max_mb > 0, "must be at least 1");
        store
    }
}
