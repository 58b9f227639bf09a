//! The JSON of searching.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::ask::{self, Hit, Mode};
use crate::http::body::{self, Fields};
use crate::http::error::Failure;

/// What is searched for.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({"query": "smart city traffic", "mode": "hybrid", "limit": 5}))]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// 1 to 2,000 characters after trimming.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub query: String,
    /// Slugs to search in; absent or empty means all documents.
    #[schema(required = false, nullable)]
    pub documents: Vec<String>,
    /// `hybrid` is the ranking that `ask` uses.
    #[schema(required = false, nullable, default = "hybrid", value_type = SearchMode)]
    pub mode: Mode,
    #[schema(required = false, nullable, minimum = 1, maximum = 100, default = 10)]
    pub limit: usize,
}

/// Which ranking.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum SearchMode {
    Hybrid,
    Lexical,
    Dense,
}

impl SearchRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn read(value: &Value) -> Result<Self, Failure> {
        let fields = Fields::of(value, "", &["query", "documents", "mode", "limit"])?;
        let mode = match fields.text("mode")? {
            None | Some("hybrid") => Mode::Hybrid,
            Some("lexical") => Mode::Lexical,
            Some("dense") => Mode::Dense,
            Some(_) => {
                let rule = "must be `hybrid`, `lexical` or `dense`".to_owned();
                return Err(Failure::BadValue { path: "mode".into(), rule });
            }
        };
        Ok(Self {
            query: fields.required_text("query")?.to_owned(),
            documents: fields.list("documents", body::text_item)?,
            mode,
            limit: fields.count("limit")?.unwrap_or(10),
        })
    }

    /// As the engine reads it.
    #[must_use]
    pub fn into_search(self) -> ask::Search {
        ask::Search { query: self.query, documents: self.documents, mode: self.mode, limit: self.limit }
    }
}

/// A ranking.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchReply {
    pub hits: Vec<HitBody>,
    pub took_ms: f64,
}

/// A found block; at most one per anchor.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitBody {
    /// From 1.
    pub rank: usize,
    /// Slug.
    pub document: String,
    pub title: String,
    pub anchor: String,
    /// `turn`, `paragraph` or `list_item`.
    pub kind: &'static str,
    #[schema(required)]
    pub heading: Option<String>,
    #[schema(required)]
    pub speaker: Option<String>,
    #[schema(required)]
    pub turn: Option<u32>,
    /// The block as a reader sees it.
    pub text: String,
    pub score: f32,
    /// Rank in the lexical ranking alone; null when absent from it.
    #[schema(required)]
    pub lexical_rank: Option<usize>,
    /// Rank in the dense ranking alone; null when absent from it.
    #[schema(required)]
    pub dense_rank: Option<usize>,
}

impl From<Hit> for HitBody {
    fn from(h: Hit) -> Self {
        Self {
            rank: h.rank,
            document: h.document,
            title: h.title,
            anchor: h.anchor,
            kind: h.kind,
            heading: h.heading,
            speaker: h.speaker,
            turn: h.turn,
            text: h.text,
            score: h.score,
            lexical_rank: h.lexical_rank,
            dense_rank: h.dense_rank,
        }
    }
}
