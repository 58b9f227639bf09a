//! Asks the questions, several at a time, and keeps what is needed to measure the replies.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use super::questions::Question;
use super::score::Score;
use crate::ask::{Ask, AskError, Head, Reply, Trace};

/// A question set with its replies.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Short name of the set.
    pub name: String,
    /// SHA-256 of its file, lower-case hex.
    pub hash: String,
    /// How many of its questions the confidence was fitted on.
    pub fitted: usize,
    /// In the order of the file.
    pub outcomes: Vec<Outcome>,
}

/// One question, its reply and the verdict.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub question: Question,
    pub score: Score,
    /// What both kinds of reply have; absent when the engine gave an error.
    pub head: Option<Head>,
    /// The answer is right, or would have been had the confidence reached the threshold; never for
    /// what the sources do not answer.
    pub right_if_answered: bool,
    /// Number of citations; 0 when refused.
    pub citations: usize,
    /// Wall-clock time of the call.
    pub milliseconds: f64,
}

impl Outcome {
    /// The trace, empty when the engine gave an error.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.head.as_ref().map(|head| &head.trace)
    }

    /// Estimated probability that the sources answer.
    #[must_use]
    pub fn confidence(&self) -> Option<f64> {
        self.head.as_ref().map(|head| head.confidence)
    }
}

/// Asks all questions on `jobs` threads; the outcomes come back in the order of the questions.
/// `insist` answers whatever the confidence, and is asked what was wrongly refused, to learn what
/// answering would have risked. `progress` is called on the calling thread after each reply with the
/// number done.
pub fn run<A, I>(
    questions: Vec<Question>,
    jobs: usize,
    ask: A,
    insist: I,
    mut progress: impl FnMut(usize),
) -> Vec<Outcome>
where
    A: Fn(&Ask) -> Result<Reply, AskError> + Sync,
    I: Fn(&Ask) -> Result<Reply, AskError> + Sync,
{
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let mut outcomes: Vec<(usize, Outcome)> = std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, questions.len().max(1)) {
            let (send, next, ask, insist, questions) = (send.clone(), &next, &ask, &insist, &questions);
            scope.spawn(move || {
                while let Some((at, question)) = take(next, questions) {
                    if send.send((at, judge(question, ask, insist))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        receive.iter().enumerate().inspect(|(done, _)| progress(done + 1)).map(|(_, outcome)| outcome).collect()
    });
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn take<'a>(next: &AtomicUsize, questions: &'a [Question]) -> Option<(usize, &'a Question)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    questions.get(at).map(|question| (at, question))
}

fn judge(
    question: &Question,
    ask: &impl Fn(&Ask) -> Result<Reply, AskError>,
    insist: &impl Fn(&Ask) -> Result<Reply, AskError>,
) -> Outcome {
    let started = Instant::now();
    let result = ask(&question.ask());
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let score = match &result {
        Ok(reply) => Score::of(question, reply),
        Err(error) => Score::failed(question, &error.to_string()),
    };
    let wrongly_refused = question.answerable && matches!(result, Ok(Reply::Abstention(_)));
    let right_if_answered = if wrongly_refused {
        insist(&question.ask()).is_ok_and(|reply| Score::of(question, &reply).right)
    } else {
        question.answerable && score.right
    };
    let (head, citations) = match result {
        Ok(Reply::Answer(answer)) => (Some(answer.head), answer.citations.len()),
        Ok(Reply::Abstention(refusal)) => (Some(refusal.head), 0),
        Err(_) => (None, 0),
    };
    Outcome { question: question.clone(), score, head, right_if_answered, citations, milliseconds }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixtures::{answer, cite, corpus, refusal};
    use super::super::questions::QuestionSet;
    use super::*;

    #[test]
    fn outcomes_keep_the_order_of_the_questions_whichever_reply_comes_first() {
        let lines: Vec<String> =
            (0..20).map(|i| format!(r#"{{"id":"q{i}","question":"{i}","answerable":true}}"#)).collect();
        let questions = QuestionSet::parse(&lines.join("\n"), &corpus()).unwrap().questions;
        let slow_first = |ask: &Ask| {
            let number: u64 = ask.question.parse().unwrap();
            std::thread::sleep(Duration::from_millis(20 - number));
            if number == 3 { Err(AskError::Busy) } else { Ok(answer("a [1]", vec![cite("one", "p-1", "a", None)])) }
        };
        let mut calls = Vec::new();
        let outcomes = run(questions, 4, slow_first, |_: &Ask| Err(AskError::Busy), |done| calls.push(done));
        let ids: Vec<String> = outcomes.iter().map(|o| o.question.id.clone()).collect();
        assert_eq!(ids, (0..20).map(|i| format!("q{i}")).collect::<Vec<_>>());
        assert_eq!(calls, (1..=20).collect::<Vec<_>>());
        assert!(!outcomes[3].score.right && outcomes[3].head.is_none());
    }

    #[test]
    fn only_what_was_wrongly_refused_is_asked_again() {
        let lines = r#"{"id":"a","question":"a","answerable":true,"must":["Nanning"]}
{"id":"b","question":"b","answerable":true,"must":["Paris"]}
{"id":"c","question":"c","answerable":false}"#;
        let questions = QuestionSet::parse(lines, &corpus()).unwrap().questions;
        let asked = std::sync::Mutex::new(Vec::new());
        let insist = |ask: &Ask| {
            asked.lock().unwrap().push(ask.question.clone());
            Ok(answer("in Nanning [1]", vec![cite("one", "p-1", "a", None)]))
        };
        let outcomes = run(questions, 1, |_: &Ask| Ok(refusal("below")), insist, |_| ());
        assert_eq!(*asked.lock().unwrap(), ["a", "b"]);
        assert_eq!(outcomes.iter().map(|o| o.right_if_answered).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(outcomes.iter().map(|o| o.score.right).collect::<Vec<_>>(), [false, false, true]);
    }
}
