//! The question log read back, one question after the other.

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row};

use super::feedback::{Feedback, Rating};
use super::log::Outcome;
use super::{PATIENCE, Store, StoreError, columns};

/// A question as the log has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    pub reply_id: String,
    pub at: Timestamp,
    pub channel: String,
    pub conversation_id: Option<String>,
    /// As asked; absent when no texts were kept or they were deleted.
    pub question: Option<String>,
    /// As understood with the conversation; absent like the question.
    pub interpreted_question: Option<String>,
    /// Earlier questions of the person, oldest first.
    pub history: Vec<String>,
    /// Slugs it was asked of; empty means all.
    pub documents: Vec<String>,
    pub outcome: Outcome,
    /// 0 to 1.
    pub confidence: f64,
    pub knowledge_version: String,
    pub took_ms: f64,
    /// `slug#anchor` of each citation.
    pub citations: Vec<String>,
    pub feedback: Option<Feedback>,
}

impl Logged {
    /// What was said of it when it was rated down, if it was.
    #[must_use]
    pub fn low_rating(&self) -> Option<&Feedback> {
        self.feedback.as_ref().filter(|feedback| feedback.rating == Rating::Down)
    }
}

impl Store {
    /// Hands out every question asked since a time, oldest first. Reads beside the writer, so that
    /// nobody who asks waits for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn each_question(&self, since: Timestamp, each: &mut dyn FnMut(Logged)) -> Result<(), StoreError> {
        let Some(path) = self.path() else { return read(&self.lock(), since, each) };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        read(&connection, since, each)
    }
}

fn read(connection: &Connection, since: Timestamp, each: &mut dyn FnMut(Logged)) -> Result<(), StoreError> {
    let sql = "SELECT reply_id, asked_at, channel, conversation_id, question, interpreted_question, history, documents, \
               outcome, confidence, knowledge_version, took_ms, citations, rating, comment \
               FROM questions LEFT JOIN feedback USING (reply_id) WHERE asked_at >= ? ORDER BY asked_at, n";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([since.as_millisecond()])?;
    while let Some(row) = rows.next()? {
        each(logged(row)?);
    }
    Ok(())
}

fn logged(row: &Row<'_>) -> rusqlite::Result<Logged> {
    let outcome: String = row.get("outcome")?;
    Ok(Logged {
        reply_id: row.get("reply_id")?,
        at: columns::time(row, "asked_at")?,
        channel: row.get("channel")?,
        conversation_id: row.get("conversation_id")?,
        question: row.get("question")?,
        interpreted_question: row.get("interpreted_question")?,
        history: columns::list(row, "history")?,
        documents: columns::list(row, "documents")?,
        // The table takes no other word than those of outcomes.
        outcome: Outcome::named(&outcome).unwrap_or(Outcome::Abstained),
        confidence: row.get("confidence")?,
        knowledge_version: row.get("knowledge_version")?,
        took_ms: row.get("took_ms")?,
        citations: columns::list(row, "citations")?,
        feedback: columns::feedback(row)?,
    })
}
