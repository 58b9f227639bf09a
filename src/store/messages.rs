//! In which messages of messengers replies arrived: some vendors' feedback names the message alone.
//!
//! A message belongs to its question and goes with it. Its name tells where it was asked, so that
//! none is kept of a question whose conversation is not kept.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};

impl Store {
    /// Notes the message, as its vendor names it, in which a reply arrived.
    pub fn note_message(&self, channel: &str, message_id: &str, reply_id: &str) {
        // Nothing is noted of a reply that is not known, without texts, or forgotten meanwhile.
        let sql = "INSERT OR REPLACE INTO messages (channel, message_id, reply_id) \
                   SELECT ?1, ?2, reply_id FROM questions WHERE reply_id = ?3 AND conversation_id IS NOT NULL";
        self.write("a message", |connection| {
            connection.prepare_cached(sql)?.execute(params![channel, message_id, reply_id])
        });
    }

    /// The reply that arrived in a message.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reply_in(&self, channel: &str, message_id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT reply_id FROM messages WHERE channel = ? AND message_id = ?";
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![channel, message_id], |row| row.get(0)).optional()?)
    }
}
