//! Conversations: what was asked and answered under one id, as it was sent, so that it can be shown
//! again and gone on with.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::feedback::Feedback;
use super::log::Entry;
use super::{Store, StoreError, clear_journal, columns};
use crate::reply::{Message, Role};

/// Most exchanges that are shown of a conversation: the last ones.
pub const EXCHANGES_SHOWN: usize = 200;

/// An exchange to keep beside its [`Entry`].
#[derive(Debug, Clone, Copy)]
pub struct NewExchange<'a> {
    /// The words of the answer.
    pub answer: &'a str,
    /// The reply as it is sent.
    pub reply: &'a str,
    /// What the client says came before, where that is not what the store knows.
    pub brought: Option<&'a [Message]>,
}

/// A conversation as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConversation {
    pub created: Timestamp,
    pub updated: Timestamp,
    /// Oldest first, at most [`EXCHANGES_SHOWN`].
    pub exchanges: Vec<StoredExchange>,
}

/// A question, its reply, and what was thought of that.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredExchange {
    pub at: Timestamp,
    /// As it was sent.
    pub reply: String,
    pub feedback: Option<Feedback>,
}

impl Store {
    /// The last messages of a conversation, oldest first, at most `limit`; none when it is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn history(&self, id: &str, limit: usize) -> Result<Vec<Message>, StoreError> {
        let connection = self.lock();
        let sql = "SELECT question, answer, brought FROM exchanges WHERE conversation_id = ? ORDER BY n DESC LIMIT ?";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![id, limit.div_ceil(2) as i64])?;
        let mut newest_first = Vec::new();
        while let Some(row) = rows.next()? {
            newest_first.push(Message { role: Role::Assistant, content: row.get(1)? });
            newest_first.push(Message { role: Role::User, content: row.get(0)? });
            if let Some(brought) = row.get::<_, Option<String>>(2)? {
                newest_first.extend(messages_of(&brought).into_iter().rev());
                break;
            }
        }
        newest_first.truncate(limit);
        newest_first.reverse();
        Ok(newest_first)
    }

    /// A conversation with its last exchanges, if it is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn conversation(&self, id: &str) -> Result<Option<StoredConversation>, StoreError> {
        let connection = self.lock();
        let sql = "SELECT created_at, updated_at FROM conversations WHERE id = ?";
        let mut statement = connection.prepare_cached(sql)?;
        let times = |row: &Row<'_>| Ok((columns::time(row, "created_at")?, columns::time(row, "updated_at")?));
        let times = statement.query_row([id], times).optional()?;
        let Some((created, updated)) = times else { return Ok(None) };
        let sql = "SELECT at, reply, rating, comment FROM exchanges LEFT JOIN feedback USING (reply_id) \
                   WHERE conversation_id = ? ORDER BY n DESC LIMIT ?";
        let mut statement = connection.prepare_cached(sql)?;
        let exchanges = statement.query_map(params![id, EXCHANGES_SHOWN as i64], |row| {
            Ok(StoredExchange {
                at: columns::time(row, "at")?,
                reply: row.get("reply")?,
                feedback: columns::feedback(row)?,
            })
        })?;
        let mut exchanges = exchanges.collect::<rusqlite::Result<Vec<_>>>()?;
        exchanges.reverse();
        Ok(Some(StoredConversation { created, updated, exchanges }))
    }

    /// Deletes the texts of a conversation wherever they are; what was asked in it still counts.
    /// Says whether there was anything.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is deleted then.
    pub fn forget(&self, id: &str) -> Result<bool, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let of_conversation = "SELECT reply_id FROM questions WHERE conversation_id = ?1";
        transaction
            .execute(&format!("UPDATE feedback SET comment = NULL WHERE reply_id IN ({of_conversation})"), [id])?;
        transaction.execute(&format!("DELETE FROM messages WHERE reply_id IN ({of_conversation})"), [id])?;
        let counted = transaction.execute(
            "UPDATE questions SET conversation_id = NULL, question = NULL, interpreted_question = NULL, \
             history = NULL, documents = '[]', citations = '[]' WHERE conversation_id = ?1",
            [id],
        )?;
        let deleted = transaction.execute("DELETE FROM conversations WHERE id = ?1", [id])?;
        transaction.commit()?;
        clear_journal(&connection)?;
        Ok(counted + deleted > 0)
    }
}

/// Adds an exchange to a conversation, which it begins if it is new.
pub(super) fn insert(
    connection: &Connection,
    conversation: &str,
    entry: &Entry,
    exchange: &NewExchange<'_>,
) -> rusqlite::Result<()> {
    let at = entry.at.as_millisecond();
    let begin = "INSERT INTO conversations (id, created_at, updated_at) VALUES (?1, ?2, ?2) \
                 ON CONFLICT (id) DO UPDATE SET updated_at = max(updated_at, ?2)";
    connection.prepare_cached(begin)?.execute(params![conversation, at])?;
    let add = "INSERT INTO exchanges (conversation_id, reply_id, at, question, answer, reply, brought) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(add)?.execute(params![
        conversation,
        entry.reply_id,
        at,
        entry.question,
        exchange.answer,
        exchange.reply,
        exchange.brought.map(text_of),
    ])?;
    Ok(())
}

/// Pairs of the role's first letter and the words.
fn text_of(messages: &[Message]) -> String {
    let letter = |role| if role == Role::User { "u" } else { "a" };
    let pairs: Vec<(&str, &str)> = messages.iter().map(|m| (letter(m.role), m.content.as_str())).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

fn messages_of(text: &str) -> Vec<Message> {
    let pairs: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
    let role = |letter: &str| if letter == "u" { Role::User } else { Role::Assistant };
    pairs.into_iter().map(|(letter, content)| Message { role: role(&letter), content }).collect()
}
