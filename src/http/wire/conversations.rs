//! The JSON of conversations and of what was thought of replies.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::AskReply;
use crate::http::body::Fields;
use crate::http::error::Failure;
use crate::store::{Feedback, Rating, StoredConversation, StoredExchange};

/// Most characters of a comment.
pub const COMMENT_LIMIT: usize = 2000;

/// What somebody thought of a reply.
#[derive(Debug, Clone, ToSchema)]
#[schema(example = json!({"reply_id": "1f0c3f9e-5c8e-4a53-9d3a-0a8f6a3f7a11", "rating": "down", "comment": "The date is missing."}))]
#[serde(deny_unknown_fields)]
pub struct FeedbackRequest {
    /// The `id` of the reply.
    pub reply_id: String,
    pub rating: RatingBody,
    /// At most 2,000 characters.
    #[schema(required = false, nullable, max_length = 2000)]
    pub comment: Option<String>,
}

/// Thumb up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RatingBody {
    Up,
    Down,
}

impl From<Rating> for RatingBody {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::Up => Self::Up,
            Rating::Down => Self::Down,
        }
    }
}

impl FeedbackRequest {
    /// Reads the id of a reply and what was thought of it.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn read(value: &Value) -> Result<(String, Feedback), Failure> {
        let fields = Fields::of(value, "", &["reply_id", "rating", "comment"])?;
        let reply_id = fields.required_text("reply_id")?.to_owned();
        let bad = |path: &str, rule: String| Failure::BadValue { path: path.to_owned(), rule };
        let rating = Rating::named(fields.required_text("rating")?)
            .ok_or_else(|| bad("rating", "must be `up` or `down`".to_owned()))?;
        let comment = fields.text("comment")?.map(str::trim).filter(|comment| !comment.is_empty());
        if comment.is_some_and(|comment| comment.chars().count() > COMMENT_LIMIT) {
            return Err(bad("comment", format!("must have at most {COMMENT_LIMIT} characters")));
        }
        Ok((reply_id, Feedback { rating, comment: comment.map(str::to_owned) }))
    }
}

/// What is kept of somebody's thought.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackReply {
    pub reply_id: String,
    pub rating: RatingBody,
    /// Null when there was none, or when the server keeps no texts.
    #[schema(required)]
    pub comment: Option<String>,
}

/// A conversation as it was.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationReply {
    pub id: String,
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub created: String,
    /// When the last question was asked; RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub updated: String,
    /// Oldest first; the last 200.
    pub exchanges: Vec<ExchangeBody>,
}

/// A question with its reply.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExchangeBody {
    /// RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub at: String,
    /// As it was sent, without its trace.
    #[schema(value_type = AskReply)]
    pub reply: Value,
    /// What was thought of it.
    #[schema(required)]
    pub feedback: Option<FeedbackBody>,
}

/// A rating with its comment.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackBody {
    pub rating: RatingBody,
    #[schema(required)]
    pub comment: Option<String>,
}

impl ConversationReply {
    /// A stored conversation as it is sent.
    #[must_use]
    pub fn new(id: &str, stored: StoredConversation) -> Self {
        Self {
            id: id.to_owned(),
            created: stored.created.to_string(),
            updated: stored.updated.to_string(),
            exchanges: stored.exchanges.into_iter().filter_map(exchange).collect(),
        }
    }
}

/// One whose reply is no JSON, which the server does not write, is left out.
fn exchange(stored: StoredExchange) -> Option<ExchangeBody> {
    let feedback = stored.feedback.map(|f| FeedbackBody { rating: f.rating.into(), comment: f.comment });
    let reply = serde_json::from_str(&stored.reply).ok()?;
    Some(ExchangeBody { at: stored.at.to_string(), reply, feedback })
}
