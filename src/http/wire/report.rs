//! The JSON of a report.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Outcome, RatingBody};
use crate::report::{Count, RefusedQuestion, Report};
use crate::store::{self, Logged};

/// What was asked, what was refused, and which answers people did not like.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportReply {
    /// First moment that is counted; RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub since: String,
    /// When the report was made; RFC 3339, UTC.
    #[schema(format = DateTime)]
    pub until: String,
    pub questions: usize,
    pub refused: usize,
    /// Share of the questions that were refused; null when there were none.
    #[schema(required, minimum = 0, maximum = 1)]
    pub refusal_rate: Option<f64>,
    pub rated_up: usize,
    pub rated_down: usize,
    /// Questions whose texts are not kept.
    pub without_text: usize,
    /// Channels that were asked, by name.
    pub channels: Vec<ChannelBody>,
    /// Questions refused most often first; at most 50.
    pub refused_questions: Vec<RefusedBody>,
    /// Replies that were rated down, the last ones first; at most 50.
    pub low_rated: Vec<LoggedBody>,
    /// Questions asked last, the newest first; at most 50.
    pub recent_questions: Vec<LoggedBody>,
}

/// Questions of one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelBody {
    pub channel: String,
    pub questions: usize,
    pub refused: usize,
    #[schema(required, minimum = 0, maximum = 1)]
    pub refusal_rate: Option<f64>,
}

/// A question that was refused, however it was spelt.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedBody {
    /// As it was last understood.
    pub question: String,
    pub times: usize,
    #[schema(format = DateTime)]
    pub last_asked: String,
    /// The highest confidence it was refused with.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
}

/// A question as the log has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedBody {
    pub reply_id: String,
    #[schema(format = DateTime)]
    pub at: String,
    pub channel: String,
    /// Null when texts are not kept.
    #[schema(required)]
    pub question: Option<String>,
    #[schema(required)]
    pub interpreted_question: Option<String>,
    pub outcome: Outcome,
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    /// `slug#anchor` of each.
    pub citations: Vec<String>,
    /// Null when nobody rated the reply.
    #[schema(required)]
    pub rating: Option<RatingBody>,
    #[schema(required)]
    pub comment: Option<String>,
}

impl From<Report> for ReportReply {
    fn from(report: Report) -> Self {
        Self {
            since: report.since.to_string(),
            until: report.until.to_string(),
            questions: report.all.questions,
            refused: report.all.refused,
            refusal_rate: report.all.refusal_rate(),
            rated_up: report.rated_up,
            rated_down: report.rated_down,
            without_text: report.without_text,
            channels: report.channels.into_iter().map(channel).collect(),
            refused_questions: report.refused.into_iter().map(refused).collect(),
            low_rated: report.low_rated.into_iter().map(logged).collect(),
            recent_questions: report.recent.into_iter().map(logged).collect(),
        }
    }
}

impl From<store::Outcome> for Outcome {
    fn from(outcome: store::Outcome) -> Self {
        match outcome {
            store::Outcome::Answered => Self::Answered,
            store::Outcome::Abstained => Self::Abstained,
        }
    }
}

fn channel((channel, count): (String, Count)) -> ChannelBody {
    ChannelBody { channel, questions: count.questions, refused: count.refused, refusal_rate: count.refusal_rate() }
}

fn refused(question: RefusedQuestion) -> RefusedBody {
    RefusedBody {
        question: question.question,
        times: question.times,
        last_asked: question.last_asked.to_string(),
        confidence: question.confidence,
    }
}

fn logged(logged: Logged) -> LoggedBody {
    LoggedBody {
        reply_id: logged.reply_id,
        at: logged.at.to_string(),
        channel: logged.channel,
        question: logged.question,
        interpreted_question: logged.interpreted_question,
        outcome: logged.outcome.into(),
        confidence: logged.confidence,
        citations: logged.citations,
        rating: logged.feedback.as_ref().map(|feedback| feedback.rating.into()),
        comment: logged.feedback.and_then(|feedback| feedback.comment),
    }
}
