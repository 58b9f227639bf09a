//! Which events of messengers were seen: vendors send an event again when they think that it was
//! lost, also after a restart.

use jiff::Timestamp;
use rusqlite::params;

use super::Store;

impl Store {
    /// Whether this is the first time that an event of a messenger is seen, which is noted by
    /// asking. When it cannot be noted it counts as new: an answer twice is better than none.
    pub fn first_sight(&self, channel: &str, event_id: &str) -> bool {
        let sql = "INSERT OR IGNORE INTO events (channel, event_id, seen_at) VALUES (?, ?, ?)";
        let now = Timestamp::now().as_millisecond();
        let noted = self
            .write("an event", |connection| connection.prepare_cached(sql)?.execute(params![channel, event_id, now]));
        noted.is_none_or(|rows| rows == 1)
    }
}
