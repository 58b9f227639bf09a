//! What was asked, what was refused, and which answers people did not like: the question log summed
//! up. How it is printed, sent or shown is told in `cli` and `http`.

pub mod csv;
pub mod question_set;
pub mod since;

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use crate::store::{Logged, Outcome, Rating, Store, StoreError};

/// Most questions that a report lists as refused, as rated down, and as asked last.
pub const LISTED: usize = 50;

/// Most different refused questions that are told apart; those after it are counted only.
const TOLD_APART: usize = 100_000;

/// The log of a time, summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub since: Timestamp,
    pub until: Timestamp,
    pub all: Count,
    /// Only channels that were asked, by name.
    pub channels: Vec<(String, Count)>,
    pub rated_up: usize,
    pub rated_down: usize,
    /// Questions whose texts are not kept.
    pub without_text: usize,
    /// Those refused most often first, at most [`LISTED`].
    pub refused: Vec<RefusedQuestion>,
    /// The last ones first, at most [`LISTED`].
    pub low_rated: Vec<Logged>,
    /// Whatever was asked, the last ones first, at most [`LISTED`].
    pub recent: Vec<Logged>,
}

/// Questions and how many of them were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub questions: usize,
    pub refused: usize,
}

impl Count {
    fn add(&mut self, outcome: Outcome) {
        self.questions += 1;
        self.refused += usize::from(outcome == Outcome::Abstained);
    }

    /// Share of the questions that were refused, 0 to 1; absent without questions.
    #[must_use]
    pub fn refusal_rate(self) -> Option<f64> {
        (self.questions > 0).then(|| self.refused as f64 / self.questions as f64)
    }
}

/// A question that was refused, however it was spelt.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedQuestion {
    /// As it was last understood.
    pub question: String,
    pub times: usize,
    pub last_asked: Timestamp,
    /// The highest confidence it was refused with, 0 to 1.
    pub confidence: f64,
}

impl Report {
    /// Sums up what was asked from `since` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(store: &Store, since: Timestamp) -> Result<Self, StoreError> {
        let mut tally = Tally::default();
        store.each_question(since, &mut |question| tally.add(question))?;
        Ok(tally.finish(since, Timestamp::now()))
    }
}

/// A report in the making: bounded, however long the log is.
#[derive(Default)]
struct Tally {
    all: Count,
    channels: BTreeMap<String, Count>,
    rated_up: usize,
    rated_down: usize,
    without_text: usize,
    refused: BTreeMap<String, RefusedQuestion>,
    low_rated: VecDeque<Logged>,
    recent: VecDeque<Logged>,
}

impl Tally {
    fn add(&mut self, question: Logged) {
        self.all.add(question.outcome);
        self.channels.entry(question.channel.clone()).or_default().add(question.outcome);
        match &question.interpreted_question {
            Some(text) if question.outcome == Outcome::Abstained => self.add_refused(text, &question),
            Some(_) => {}
            None => self.without_text += 1,
        }
        match question.feedback.as_ref().map(|feedback| feedback.rating) {
            Some(Rating::Up) => self.rated_up += 1,
            Some(Rating::Down) => {
                self.rated_down += 1;
                keep_last(&mut self.low_rated, question.clone());
            }
            None => {}
        }
        keep_last(&mut self.recent, question);
    }

    fn add_refused(&mut self, text: &str, logged: &Logged) {
        let key = plain(text);
        if self.refused.len() >= TOLD_APART && !self.refused.contains_key(&key) {
            return;
        }
        let seen = self.refused.entry(key).or_insert_with(|| RefusedQuestion {
            question: String::new(),
            times: 0,
            last_asked: logged.at,
            confidence: 0.0,
        });
        seen.times += 1;
        seen.confidence = seen.confidence.max(logged.confidence);
        if logged.at >= seen.last_asked {
            (seen.question, seen.last_asked) = (text.to_owned(), logged.at);
        }
    }

    fn finish(self, since: Timestamp, until: Timestamp) -> Report {
        let mut refused: Vec<RefusedQuestion> = self.refused.into_values().collect();
        refused.sort_by(|a, b| {
            (Reverse(a.times), Reverse(a.last_asked), &a.question).cmp(&(
                Reverse(b.times),
                Reverse(b.last_asked),
                &b.question,
            ))
        });
        refused.truncate(LISTED);
        Report {
            since,
            until,
            all: self.all,
            channels: self.channels.into_iter().collect(),
            rated_up: self.rated_up,
            rated_down: self.rated_down,
            without_text: self.without_text,
            refused,
            low_rated: self.low_rated.into_iter().rev().collect(),
            recent: self.recent.into_iter().rev().collect(),
        }
    }
}

/// Adds a question to the last ones, of which [`LISTED`] are kept.
fn keep_last(last: &mut VecDeque<Logged>, question: Logged) {
    if last.len() == LISTED {
        last.pop_front();
    }
    last.push_back(question);
}

/// A question without what does not change it: case, white space, marks at the end.
fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").trim_end_matches(['?', '!', '.', '…', '？', '！', '。', ' ']).to_owned()
}

#[cfg(test)]
mod tests;
