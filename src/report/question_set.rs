//! Questions of the log as a question set for `eval`, so that what failed today is asked again
//! tomorrow.
//!
//! The log does not know what would have been right. What it does know becomes `answerable`, and
//! the note says on what that rests and what a person should add.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::store::{Feedback, Logged, Outcome, Store, StoreError};

/// Which questions are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Refused,
    LowRated,
    /// Refused or low-rated.
    Failures,
    All,
}

/// A question set, and what could not become part of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// JSON Lines.
    pub lines: String,
    pub questions: usize,
    /// Chosen, but their texts are not kept.
    pub without_text: usize,
    /// Chosen, but asked of documents that are not served any more.
    pub without_document: usize,
}

/// One line, in the form that `eval` reads.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    category: &'static str,
    question: &'a str,
    history: &'a [String],
    documents: &'a [String],
    answerable: bool,
    note: String,
}

/// A question with all the times that it was asked in the same way.
struct Asked {
    last: Logged,
    times: usize,
    /// What it was called when it was rated down, now or earlier.
    low_rating: Option<Feedback>,
}

/// Chooses among the questions asked from `since` on; `served` tells which documents there are.
/// A question that was asked several times in the same way becomes one line.
///
/// # Errors
/// [`StoreError`].
pub fn choose(
    store: &Store,
    since: jiff::Timestamp,
    choice: Choice,
    served: &BTreeSet<String>,
) -> Result<Chosen, StoreError> {
    let mut chosen = Chosen::default();
    let mut asked: BTreeMap<(String, Vec<String>, Vec<String>), Asked> = BTreeMap::new();
    store.each_question(since, &mut |logged| {
        if !is_chosen(&logged, choice) {
            return;
        }
        let Some(question) = logged.question.clone() else { return chosen.without_text += 1 };
        if !logged.documents.iter().all(|slug| served.contains(slug)) {
            return chosen.without_document += 1;
        }
        let key = (question, logged.history.clone(), logged.documents.clone());
        let low_rating = logged.low_rating().cloned();
        let before = asked.remove(&key);
        let times = before.as_ref().map_or(0, |before| before.times) + 1;
        let low_rating = low_rating.or_else(|| before.and_then(|before| before.low_rating));
        asked.insert(key, Asked { last: logged, times, low_rating });
    })?;
    let mut asked: Vec<Asked> = asked.into_values().collect();
    asked.sort_by(|a, b| (a.last.at, &a.last.reply_id).cmp(&(b.last.at, &b.last.reply_id)));
    chosen.questions = asked.len();
    chosen.lines = asked.iter().map(line).collect();
    Ok(chosen)
}

fn is_chosen(logged: &Logged, choice: Choice) -> bool {
    let refused = logged.outcome == Outcome::Abstained;
    let low_rated = logged.low_rating().is_some();
    match choice {
        Choice::Refused => refused,
        Choice::LowRated => low_rated,
        Choice::Failures => refused || low_rated,
        Choice::All => true,
    }
}

fn line(asked: &Asked) -> String {
    let Asked { last, low_rating, .. } = asked;
    let refused = last.outcome == Outcome::Abstained;
    let category = match (refused, low_rating) {
        (_, Some(_)) => "low-rated",
        (true, None) => "refused",
        (false, None) => "answered",
    };
    let line = Line {
        id: &last.reply_id,
        category,
        question: last.question.as_deref().unwrap_or_default(),
        history: &last.history,
        documents: &last.documents,
        // A refusal that nobody complained of is taken to be right.
        answerable: !refused || low_rating.is_some(),
        note: note(asked),
    };
    format!("{}\n", serde_json::to_string(&line).unwrap_or_default())
}

/// What `answerable` rests on and what is missing.
fn note(asked: &Asked) -> String {
    let Asked { last, times, low_rating } = asked;
    let often = if *times == 1 { String::new() } else { format!(" (asked {times} times)") };
    let (day, confidence) = (last.at.strftime("%Y-%m-%d"), last.confidence);
    let happened = match last.outcome {
        Outcome::Abstained => format!("Refused on {day}{often} at confidence {confidence:.2}"),
        Outcome::Answered => format!("Answered on {day}{often} from {}", last.citations.join(", ")),
    };
    let rated = match low_rating {
        None => String::new(),
        Some(Feedback { comment: None, .. }) => ", rated down".to_owned(),
        Some(Feedback { comment: Some(comment), .. }) => format!(", rated down: {comment:?}"),
    };
    let advice = match (last.outcome, low_rating) {
        (Outcome::Abstained, None) => {
            "taken to be unanswerable; if the documents do answer it, set answerable and add evidence"
        }
        (Outcome::Abstained, Some(_)) => {
            "taken to be answerable; add evidence, or take answerable back if the documents do not answer it"
        }
        (Outcome::Answered, Some(_)) => {
            "any answer counts as right until evidence, must or must_not say which; take answerable back if the \
             documents do not answer it"
        }
        (Outcome::Answered, None) => "any answer counts as right until evidence or must say which",
    };
    format!("{happened}{rated}; {advice}.")
}
