//! The JSON of the API: the only types that are read from or written to the wire.
//!
//! Field names and their order are the contract. Absent values are null and never left out. What a
//! field means is told once, here, and reaches clients through `/openapi.json`.

mod conversations;
mod documents;
mod report;
mod search;

use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoResponses, ToSchema};

use super::body::{self, Fields};
use super::error::Failure;
use crate::ask::{Ask, Citation, Head, Message, Reply, Role, Trace};
use crate::conversation::{Asked, Channel, ConversationId, IdError, Told};

pub use conversations::{ConversationReply, ExchangeBody, FeedbackBody, FeedbackReply, FeedbackRequest, RatingBody};
pub use documents::{
    BlockBody, Counts, DocumentDetail, DocumentList, DocumentSummary, FileErrorBody, HeadingBody, ProblemNote,
    SpeakerBody,
};
pub use report::{ChannelBody, LoggedBody, RefusedBody, ReportReply};
pub use search::{HitBody, SearchMode, SearchReply, SearchRequest};

/// Most questions of a batch.
pub const BATCH_LIMIT: usize = 64;

/// A question, with the conversation it belongs to.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({"question": "What does Dr. Mei Lin say about openness?", "explain": false}))]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// 1 to 2,000 characters after trimming, at most 256 word pieces.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub question: String,
    /// Oldest first, at most 20 messages; user messages alone are enough. Wins over `conversation_id`.
    #[schema(required = false, nullable, max_items = 20)]
    pub history: Vec<HistoryMessage>,
    /// Goes on with a conversation that the server remembers: one it named, or one you name. Whoever
    /// knows the id can go on with it, and must not begin with the name of a messenger and a colon.
    #[schema(required = false, nullable, value_type = String, max_length = 128)]
    pub conversation_id: Option<ConversationId>,
    /// Slugs to search in; absent or empty means all documents.
    #[schema(required = false, nullable)]
    pub documents: Vec<String>,
    /// BCP 47; an unknown one falls back to `en`.
    #[schema(required = false, nullable)]
    pub locale: Option<String>,
    /// Adds `trace` to the reply.
    #[schema(required = false, nullable, default = false)]
    pub explain: bool,
}

/// One message of a conversation.
#[derive(Debug, Clone, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryMessage {
    pub role: HistoryRole,
    pub content: String,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum HistoryRole {
    User,
    Assistant,
}

impl AskRequest {
    const FIELDS: &'static [&'static str] =
        &["question", "history", "conversation_id", "documents", "locale", "explain"];

    /// Reads a request that stands at `at` in the body (empty for the whole body).
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn read(value: &Value, at: &str) -> Result<Self, Failure> {
        let fields = Fields::of(value, at, Self::FIELDS)?;
        Ok(Self {
            question: fields.required_text("question")?.to_owned(),
            history: fields.list("history", HistoryMessage::read)?,
            conversation_id: conversation_id(&fields)?,
            documents: fields.list("documents", body::text_item)?,
            locale: fields.text("locale")?.map(str::to_owned),
            explain: fields.flag("explain")?,
        })
    }

    /// Reads an item of a batch: a request, or a question alone.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn read_item(value: &Value, at: &str) -> Result<Self, Failure> {
        match value {
            Value::String(question) => Ok(Self::of_question(question)),
            Value::Object(_) => Self::read(value, at),
            _ => Err(body::wrong_type(at, "a string or an object", value)),
        }
    }

    /// A question without anything else.
    #[must_use]
    pub fn of_question(question: &str) -> Self {
        Self {
            question: question.to_owned(),
            history: Vec::new(),
            conversation_id: None,
            documents: Vec::new(),
            locale: None,
            explain: false,
        }
    }

    /// As the engine reads it.
    #[must_use]
    pub fn into_ask(self) -> Ask {
        Ask {
            question: self.question,
            history: self.history.into_iter().map(Message::from).collect(),
            documents: self.documents,
            locale: self.locale,
            explain: self.explain,
        }
    }

    /// As it is asked in its conversation.
    #[must_use]
    pub fn into_asked(mut self, channel: Channel, started: Instant) -> Asked {
        let conversation = self.conversation_id.take();
        Asked { ask: self.into_ask(), conversation, channel, started }
    }
}

/// An empty id is none; other ids are the client's own, within reason.
fn conversation_id(fields: &Fields) -> Result<Option<ConversationId>, Failure> {
    let Some(id) = fields.text("conversation_id")?.filter(|id| !id.is_empty()) else { return Ok(None) };
    let failure = |error: IdError| Failure::BadValue { path: fields.path("conversation_id"), rule: error.to_string() };
    ConversationId::parse(id).map(Some).map_err(failure)
}

impl HistoryMessage {
    fn read(value: &Value, at: &str) -> Result<Self, Failure> {
        let fields = Fields::of(value, at, &["role", "content"])?;
        let role = match fields.required_text("role")? {
            "user" => HistoryRole::User,
            "assistant" => HistoryRole::Assistant,
            _ => {
                let rule = "must be `user` or `assistant`".to_owned();
                return Err(Failure::BadValue { path: fields.path("role"), rule });
            }
        };
        Ok(Self { role, content: fields.required_text("content")?.to_owned() })
    }
}

impl From<HistoryMessage> for Message {
    fn from(message: HistoryMessage) -> Self {
        let role = match message.role {
            HistoryRole::User => Role::User,
            HistoryRole::Assistant => Role::Assistant,
        };
        Self { role, content: message.content }
    }
}

/// What the sources say, or that they do not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AskReply {
    /// A fresh UUID.
    pub id: String,
    /// As asked, trimmed.
    pub question: String,
    /// As understood with the conversation.
    pub interpreted_question: String,
    pub outcome: Outcome,
    /// Estimated probability that the sources answer this question, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    /// Plain text with a `[n]` for each citation.
    pub answer: String,
    pub answer_markdown: String,
    /// Numbered from 1 in order; empty when abstained.
    pub citations: Vec<CitationBody>,
    /// The nearest passages, when abstained.
    pub related: Vec<CitationBody>,
    /// Questions that can be answered, when abstained.
    pub suggestions: Vec<String>,
    /// To go on with this conversation; null when the request brought its own history and no id.
    #[schema(required)]
    pub conversation_id: Option<String>,
    /// The locale that was used.
    pub locale: String,
    pub knowledge_version: String,
    pub model: String,
    /// The encoder could not be loaded at start: lexical search alone.
    pub degraded: bool,
    pub took_ms: f64,
    /// How the reply came about, when `explain` was asked for.
    #[schema(required, value_type = Option<Object>)]
    pub trace: Option<Trace>,
}

/// The two normal outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Answered,
    Abstained,
}

/// A verbatim quote with its address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CitationBody {
    /// The number of its marker in `answer`.
    pub n: usize,
    /// Slug.
    pub document: String,
    pub title: String,
    /// `turn-6`, `p-3`, a heading's id, or `about`.
    pub anchor: String,
    /// `turn`, `paragraph`, `list_item`, `heading` or `front_matter`.
    pub kind: &'static str,
    /// The heading above.
    #[schema(required)]
    pub heading: Option<String>,
    /// Whose words the quote is.
    #[schema(required)]
    pub speaker: Option<String>,
    /// Number of the turn.
    #[schema(required)]
    pub turn: Option<u32>,
    /// Exactly the bytes `start..end` of the document's source.
    pub quote: String,
    /// The same words as a reader sees them.
    pub quote_text: String,
    /// First byte, counted in UTF-8 from the start of the file.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The whole block as a reader sees it.
    pub passage: String,
    /// Root-relative address of the marked quote on the document's page.
    pub url: String,
    /// Where the document was published.
    #[schema(required)]
    pub source_url: Option<String>,
}

impl From<Citation> for CitationBody {
    fn from(c: Citation) -> Self {
        Self {
            n: c.n,
            document: c.document,
            title: c.title,
            anchor: c.anchor,
            kind: c.kind,
            heading: c.heading,
            speaker: c.speaker,
            turn: c.turn,
            quote: c.quote,
            quote_text: c.quote_text,
            start: c.start,
            end: c.end,
            passage: c.passage,
            url: c.url,
            source_url: c.source_url,
        }
    }
}

impl AskReply {
    /// The engine's reply as it is sent. The command line prints the same.
    #[must_use]
    pub fn new(told: Told, explain: bool) -> Self {
        let Told { id, reply, conversation, took_ms } = told;
        let cited = |citations: Vec<Citation>| citations.into_iter().map(CitationBody::from).collect();
        let (head, outcome, citations, related, suggestions) = match reply {
            Reply::Answer(a) => (a.head, Outcome::Answered, cited(a.citations), Vec::new(), Vec::new()),
            Reply::Abstention(a) => (a.head, Outcome::Abstained, Vec::new(), cited(a.related), a.suggestions),
        };
        let Head { question, interpreted_question, confidence, text, markdown, .. } = head;
        Self {
            id,
            question,
            interpreted_question,
            outcome,
            confidence,
            answer: text,
            answer_markdown: markdown,
            citations,
            related,
            suggestions,
            conversation_id: conversation.map(|id| id.as_str().to_owned()),
            locale: head.locale,
            knowledge_version: head.knowledge_version,
            model: head.model,
            degraded: head.degraded,
            took_ms,
            trace: explain.then_some(head.trace),
        }
    }
}

/// Up to 64 questions, each a string or an ask object.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({"questions": ["Who organized the dialog?", {"question": "When was it?", "locale": "en"}]}))]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// Each a question alone or an `AskRequest`; one that does not fit has a problem in its place.
    #[schema(min_items = 1, max_items = 64, value_type = Vec<Value>)]
    pub questions: Vec<Value>,
}

impl BatchRequest {
    /// Reads the list; each item is read on its own, so that one bad item fails alone.
    ///
    /// # Errors
    /// When there is no list of 1 to 64 items.
    pub fn read(value: &Value) -> Result<Self, Failure> {
        let fields = Fields::of(value, "", &["questions"])?;
        let questions = fields.required_list("questions")?.to_vec();
        if questions.is_empty() || questions.len() > BATCH_LIMIT {
            let rule = format!("must hold 1 to {BATCH_LIMIT} items, not {}", questions.len());
            return Err(Failure::BadValue { path: "questions".into(), rule });
        }
        Ok(Self { questions })
    }
}

/// The replies in the order of the questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchReply {
    pub replies: Vec<BatchEntry>,
}

/// A reply, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum BatchEntry {
    Reply(Box<AskReply>),
    Problem(Problem),
}

/// Whether the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
}

/// What serves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`.
    pub status: &'static str,
    pub knowledge_version: String,
    pub documents: usize,
    pub passages: usize,
}

/// The answer to a request for a rebuild.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReindexReply {
    /// `started`.
    pub status: &'static str,
}

/// An error (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:dialogdesk:problem:unknown-field",
    "title": "The request has fields that are not known",
    "status": 400,
    "detail": "Leave out `qestion`; known here: `question`, `history`, `conversation_id`, `documents`, `locale`, `explain`.",
    "unknown_fields": ["qestion"]
}))]
pub struct Problem {
    /// Stable name of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// A sentence that says what to change.
    pub detail: String,
    /// Paths of the fields that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub unknown_fields: Vec<String>,
    /// Slugs that `documents` may name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub known_documents: Vec<String>,
}

/// What every door that takes a body refuses in the same way.
#[derive(IntoResponses)]
pub enum BodyProblems {
    /// The request does not fit
    #[response(status = 400, content_type = "application/problem+json")]
    Unfit(Problem),
    /// The body did not arrive in time
    #[response(status = 408, content_type = "application/problem+json")]
    Late(Problem),
    /// The body has more than 64 KiB
    #[response(status = 413, content_type = "application/problem+json")]
    Long(Problem),
    /// The body is not declared as JSON
    #[response(status = 415, content_type = "application/problem+json")]
    Undeclared(Problem),
    /// Busy; `Retry-After` says for how long
    #[response(status = 429, content_type = "application/problem+json")]
    Busy(Problem),
}

/// What the doors of messengers refuse.
#[derive(IntoResponses)]
pub enum EventProblems {
    /// Signed, and not in the vendor's form
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(Problem),
    /// Not signed by the vendor, or too long ago
    #[response(status = 401, content_type = "application/problem+json")]
    Forged(Problem),
    /// Signed for somebody else
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// The messenger is off, or there is no such messenger
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(Problem),
    /// The body did not arrive in time
    #[response(status = 408, content_type = "application/problem+json")]
    Late(Problem),
    /// The body is larger than the messenger's may be: 64 KiB; Slack, WhatsApp and Teams 256 KiB
    #[response(status = 413, content_type = "application/problem+json")]
    Long(Problem),
    /// The queue is full, or the vendor's keys cannot be had; `Retry-After` says for how long
    #[response(status = 503, content_type = "application/problem+json")]
    Later(Problem),
}

#[cfg(test)]
mod tests;
