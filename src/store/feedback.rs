//! What people thought of a reply.

use jiff::Timestamp;
use rusqlite::params;

use super::{Store, StoreError};

/// Thumb up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rating {
    Up,
    Down,
}

impl Rating {
    /// As it stands on the wire and in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Up, Self::Down].into_iter().find(|rating| rating.name() == name)
    }
}

/// A rating, with words if there were any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    pub rating: Rating,
    pub comment: Option<String>,
}

impl Store {
    /// Keeps what was thought of a reply, in place of what was thought before; `None` when no reply
    /// has this id. Without texts the comment is not kept: the feedback comes back as it is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rate(&self, reply_id: &str, feedback: Feedback, at: Timestamp) -> Result<Option<Feedback>, StoreError> {
        let comment = feedback.comment.filter(|_| self.options().texts);
        // One statement, so that a reply that is deleted meanwhile is no fault.
        let sql = "INSERT INTO feedback (reply_id, rating, comment, rated_at) \
                   SELECT reply_id, ?2, ?3, ?4 FROM questions WHERE reply_id = ?1 \
                   ON CONFLICT (reply_id) DO UPDATE SET rating = ?2, comment = ?3, rated_at = ?4";
        let kept = self.lock().prepare_cached(sql)?.execute(params![
            reply_id,
            feedback.rating.name(),
            comment,
            at.as_millisecond()
        ])?;
        Ok((kept > 0).then_some(Feedback { rating: feedback.rating, comment }))
    }
}
