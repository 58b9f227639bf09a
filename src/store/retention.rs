//! How old entries go: after the days of the settings, or earlier when the file would grow too
//! large.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::{Store, StoreError, clear_journal};

/// Rows deleted in one transaction: questions wait for the lock, and shall not wait long.
const AT_ONCE: usize = 200;

/// Vendors send an event again within hours, a few within days.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// More would not fit before the first time that can be counted.
const MOST_DAYS: usize = 365_000;

/// Rows that are deleted by their time.
struct Dated {
    table: &'static str,
    /// Columns that name a row.
    key: &'static str,
    time: &'static str,
}

/// Feedback and messages go with their question.
const QUESTIONS: Dated = Dated { table: "questions", key: "n", time: "asked_at" };
const EXCHANGES: Dated = Dated { table: "exchanges", key: "n", time: "at" };
const EVENTS: Dated = Dated { table: "events", key: "channel, event_id", time: "seen_at" };

impl Store {
    /// Deletes what is older than the days of the settings, counted back from `now`. Says how many
    /// rows went.
    ///
    /// # Errors
    /// [`StoreError`]; what was deleted before it stays deleted.
    pub fn prune(&self, now: Timestamp) -> Result<usize, StoreError> {
        let days = self.options().retention_days.min(MOST_DAYS) as i64;
        let kept = SignedDuration::from_hours(24 * days);
        let mut deleted = 0;
        for (rows, kept) in [(&QUESTIONS, kept), (&EXCHANGES, kept), (&EVENTS, kept.min(EVENTS_KEPT))] {
            deleted += self.delete_all(rows, before(now, kept))?;
        }
        let mut connection = self.lock();
        deleted += delete_empty_conversations(&connection)?;
        make_room(&mut connection, self.options().max_bytes)?;
        clear_journal(&connection)?;
        Ok(deleted)
    }

    /// Deletes some rows at a time until there are no old ones left, letting others in between.
    fn delete_all(&self, rows: &Dated, before: i64) -> Result<usize, StoreError> {
        let Dated { table, key, time } = rows;
        let old = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {time} < ? LIMIT {AT_ONCE})"
        );
        let mut deleted = 0;
        loop {
            match self.lock().execute(&old, [before])? {
                0 => return Ok(deleted),
                rows => deleted += rows,
            }
        }
    }
}

/// Milliseconds since 1970 before which a time is too old.
fn before(now: Timestamp, kept: SignedDuration) -> i64 {
    now.checked_sub(kept).unwrap_or(Timestamp::MIN).as_millisecond()
}

/// Deletes the oldest exchanges and log entries until at most nine tenths of `max_bytes` are used,
/// if more than all of it is.
pub(super) fn make_room(connection: &mut Connection, max_bytes: u64) -> rusqlite::Result<()> {
    if used(connection)? <= max_bytes {
        return Ok(());
    }
    tracing::warn!(max_bytes, "the database is full; its oldest entries make room");
    while used(connection)? > max_bytes / 10 * 9 {
        let transaction = connection.transaction()?;
        let mut rows = 0;
        for Dated { table, .. } in [QUESTIONS, EXCHANGES] {
            let oldest = format!("DELETE FROM {table} WHERE n IN (SELECT n FROM {table} ORDER BY n LIMIT {AT_ONCE})");
            rows += transaction.execute(&oldest, [])?;
        }
        delete_empty_conversations(&transaction)?;
        transaction.commit()?;
        if rows == 0 {
            break;
        }
    }
    Ok(())
}

/// Bytes of the pages that hold something.
fn used(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(u64::try_from(pages.saturating_mul(number("page_size")?)).unwrap_or(0))
}

fn delete_empty_conversations(connection: &Connection) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM conversations WHERE NOT EXISTS \
               (SELECT 1 FROM exchanges WHERE exchanges.conversation_id = conversations.id)";
    connection.execute(sql, [])
}
