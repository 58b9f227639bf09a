//! Counts questions by where they came in and how they ended.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_histogram, histogram};

use super::Channel;
use crate::ask::{AskError, Reply};

/// Says what the counts mean, once counting has begun.
pub fn describe() {
    describe_counter!("dialogdesk_answers_total", "Questions by where they came in and how they ended.");
    describe_histogram!("dialogdesk_answer_duration_seconds", "Time from the request to its reply.");
    describe_counter!("dialogdesk_store_failures_total", "Writes to the database that failed.");
}

/// Counts a question. Questions that were refused at the door are not answers.
pub(super) fn answered(channel: Channel, result: &Result<Reply, AskError>, took: Duration) {
    let outcome = match result {
        Ok(Reply::Answer(_)) => "answered",
        Ok(Reply::Abstention(_)) => "abstained",
        Err(
            AskError::Encoder(_) | AskError::Citation(_) | AskError::Template(_) | AskError::Busy | AskError::NotReady,
        ) => "error",
        Err(
            AskError::EmptyQuestion
            | AskError::QuestionTooLong { .. }
            | AskError::TooManyPieces { .. }
            | AskError::HistoryTooLong { .. }
            | AskError::UnknownDocument { .. }
            | AskError::LimitOutOfRange { .. },
        ) => return,
    };
    counter!("dialogdesk_answers_total", "channel" => channel.name(), "outcome" => outcome).increment(1);
    histogram!("dialogdesk_answer_duration_seconds", "channel" => channel.name()).record(took);
}
