//! What goes into the engine and what comes out: questions, replies, citations, hits, failures.
//!
//! Plain data shared by the stages, the story and the doors. How a reply comes about is told in
//! `ask`; how it looks on the wire in `http::wire`.

/// What a person sends, as it comes through a door. Parsed and checked by `ask::Engine::ask`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    pub question: String,
    /// Oldest first; may hold user messages alone.
    pub history: Vec<Message>,
    /// Slugs; empty means all documents.
    pub documents: Vec<String>,
    /// BCP 47; unknown ones fall back to `en`.
    pub locale: Option<String>,
    /// Fill in the trace's rankings.
    pub explain: bool,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    User,
    Assistant,
}

/// What leaves: one of two normal outcomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    Answer(Answer),
    Abstention(Abstention),
}

/// An answer and its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub head: Head,
    /// Numbered from 1 in order; never empty.
    pub citations: Vec<Citation>,
}

/// The sources do not answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Abstention {
    pub head: Head,
    /// The nearest passages, numbered from 1.
    pub related: Vec<Citation>,
    /// Questions that can be answered.
    pub suggestions: Vec<String>,
}

/// What both outcomes have.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// As asked, trimmed.
    pub question: String,
    /// As understood with the conversation.
    pub interpreted_question: String,
    /// Estimated probability that the sources answer, 0 to 1.
    pub confidence: f64,
    /// Plain text with `[n]` markers.
    pub text: String,
    /// The same as Markdown.
    pub markdown: String,
    /// The locale that was used.
    pub locale: String,
    pub knowledge_version: String,
    pub model: String,
    /// The encoder could not be loaded at start; lexical search alone.
    pub degraded: bool,
    pub trace: Trace,
}

/// A quote with its address. Fields as in the HTTP contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    pub n: usize,
    pub document: String,
    pub title: String,
    pub anchor: String,
    /// `turn`, `paragraph`, `list_item`, `heading` or `front_matter`.
    pub kind: &'static str,
    pub heading: Option<String>,
    pub speaker: Option<String>,
    pub turn: Option<u32>,
    pub quote: String,
    pub quote_text: String,
    pub start: usize,
    pub end: usize,
    pub passage: String,
    pub url: String,
    pub source_url: Option<String>,
}

/// How the reply came about. `ask --explain` prints it and `eval` reads it.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Trace {
    /// The rankings, each as `slug#anchor` best first, at most 100, one entry per anchor.
    pub lexical: Vec<String>,
    pub dense: Vec<String>,
    pub fused: Vec<String>,
    pub reranked: Vec<String>,
    /// The threshold the confidence was held against.
    pub threshold: f64,
    /// Named values the decision was computed from.
    pub features: Vec<(String, f64)>,
    /// Why we abstained, in a stable word (`below_threshold`, `unknown_name`, …).
    pub reason: Option<String>,
    /// How each question asked at once was read.
    pub queries: Vec<String>,
    /// Stage name and milliseconds.
    pub stages_ms: Vec<(String, f64)>,
    /// What the reader was asked, and of which passages; none without a reader. For measuring alone.
    #[serde(skip)]
    pub read: Option<Read>,
}

/// What the reader was given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Read {
    pub question: String,
    pub passages: Vec<PassageRead>,
}

/// A passage as the reader was given it.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageRead {
    /// `slug#anchor` of its block.
    pub place: String,
    /// What precedes its own words: who speaks, what was asked, what introduces the list.
    pub before: String,
    pub words: String,
}

/// What `search` is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub query: String,
    pub documents: Vec<String>,
    pub mode: Mode,
    /// 1 to 100.
    pub limit: usize,
}

/// Which ranking a search returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Hybrid,
    Lexical,
    Dense,
}

/// A found block. Fields as in the HTTP contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub rank: usize,
    pub document: String,
    pub title: String,
    pub anchor: String,
    pub kind: &'static str,
    pub heading: Option<String>,
    pub speaker: Option<String>,
    pub turn: Option<u32>,
    pub text: String,
    pub score: f32,
    pub lexical_rank: Option<usize>,
    pub dense_rank: Option<usize>,
}

/// Why there is no reply. Mapped to HTTP once, in `http::error`.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("no snapshot serves yet")]
    NotReady,
    #[error("the question is empty")]
    EmptyQuestion,
    #[error("the question has {characters} characters; at most {limit} are read")]
    QuestionTooLong { characters: usize, limit: usize },
    #[error("the question has {pieces} word pieces; at most {limit} are read")]
    TooManyPieces { pieces: usize, limit: usize },
    #[error("the history has {messages} messages; at most {limit} are read")]
    HistoryTooLong { messages: usize, limit: usize },
    #[error("there is no document {slug:?}")]
    UnknownDocument { slug: String, known: Vec<String> },
    #[error("limit must be between 1 and {most}, not {limit}")]
    LimitOutOfRange { limit: usize, most: usize },
    #[error("the encoder's queue is full")]
    Busy,
    #[error("the encoder failed: {0}")]
    Encoder(String),
    #[error("a citation does not equal its bytes: {0}")]
    Citation(String),
    #[error("a template failed: {0}")]
    Template(String),
}
