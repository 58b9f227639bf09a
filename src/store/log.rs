//! The question log: one entry for each reply.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::Store;
use super::columns::text_of_list;
use super::conversations::{self, NewExchange};

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Answered,
    Abstained,
}

impl Outcome {
    /// As it stands in the tables and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abstained => "abstained",
        }
    }

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Answered, Self::Abstained].into_iter().find(|outcome| outcome.name() == name)
    }
}

/// A reply, as the log remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// By which feedback names the reply.
    pub reply_id: String,
    pub at: Timestamp,
    /// A word of a closed set.
    pub channel: &'static str,
    pub conversation_id: Option<String>,
    pub question: String,
    pub interpreted_question: String,
    /// Earlier questions of the person, oldest first, as they were read with this one.
    pub history: Vec<String>,
    /// Slugs the question was asked of; empty means all.
    pub documents: Vec<String>,
    pub outcome: Outcome,
    /// 0 to 1.
    pub confidence: f64,
    pub knowledge_version: String,
    pub took_ms: f64,
    /// `slug#anchor` of each citation.
    pub citations: Vec<String>,
}

impl Store {
    /// Notes a reply, and the exchange in its conversation, both or neither. A failure is logged.
    /// Without texts, the entry counts alone.
    pub fn note(&self, entry: &Entry, exchange: Option<&NewExchange<'_>>) {
        let texts = self.options().texts;
        self.write("a question", |connection| {
            let transaction = connection.transaction()?;
            insert(&transaction, entry, texts)?;
            if let (Some(exchange), Some(conversation), true) = (exchange, &entry.conversation_id, texts) {
                conversations::insert(&transaction, conversation, entry, exchange)?;
            }
            transaction.commit()
        });
    }
}

fn insert(connection: &Connection, entry: &Entry, texts: bool) -> rusqlite::Result<()> {
    // An id that a client chose may be a text like any other.
    let conversation = entry.conversation_id.as_ref().filter(|_| texts);
    let history = (texts && !entry.history.is_empty()).then(|| text_of_list(&entry.history));
    // Where an answer was found tells what was asked about.
    let kept = |places: &[String]| text_of_list(if texts { places } else { &[] });
    let sql = "INSERT INTO questions (reply_id, asked_at, channel, conversation_id, question, interpreted_question, \
               history, documents, outcome, confidence, knowledge_version, took_ms, citations) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        entry.reply_id,
        entry.at.as_millisecond(),
        entry.channel,
        conversation,
        texts.then_some(&entry.question),
        texts.then_some(&entry.interpreted_question),
        history,
        kept(&entry.documents),
        entry.outcome.name(),
        entry.confidence,
        entry.knowledge_version,
        entry.took_ms,
        kept(&entry.citations),
    ])?;
    Ok(())
}
