//! From outcomes to figures: per collection, per category, in total. The shape of `--json`.
//!
//! A figure over nothing (no answerable question, no labelled block) is absent, never 0.

use serde::{Deserialize, Serialize};

use super::measures::{self, float, mean};
use super::reliability::{Judged, Reliability};
use super::run::{Asked, Outcome};
use crate::ask::Trace;

/// Version of the JSON below; raised when a key changes its meaning.
pub const FORMAT: u32 = 2;

/// All that one call of `eval` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    pub format: u32,
    pub collections: Vec<Collection>,
    /// Over the questions of all collections, each counting once.
    pub total: Figures,
    /// Over all questions with a reply; absent without any.
    pub reliability: Option<Reliability>,
}

/// One question set and the knowledge it was asked of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    pub name: String,
    /// SHA-256 of the question file, lower-case hex.
    pub hash: String,
    pub knowledge_version: String,
    pub model: String,
    pub degraded: bool,
    /// How many of its questions the confidence was fitted on: what is told of confidence and
    /// refusals is no evidence then.
    pub fitted: usize,
    pub figures: Figures,
    /// Over the questions with a reply; absent without any.
    pub reliability: Option<Reliability>,
    /// By category, in alphabetical order.
    pub categories: Vec<Category>,
    pub questions: Vec<Verdict>,
}

/// The figures of one category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Category {
    pub name: String,
    pub figures: Figures,
}

/// What became of one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub id: String,
    pub category: String,
    pub question: String,
    pub answerable: bool,
    pub answered: bool,
    pub right: bool,
    /// The answer is right, or would be had it not been refused; false for what the sources do not
    /// answer.
    pub right_if_answered: bool,
    /// Sentences; empty when right.
    pub faults: Vec<String>,
    pub confidence: Option<f64>,
    pub answer: String,
    pub milliseconds: f64,
}

/// Measures over a set of outcomes. Shares are 0..=1.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Figures {
    pub questions: usize,
    pub answerable: usize,
    pub unanswerable: usize,
    /// Questions that got an error instead of a reply.
    pub failed: usize,
    /// Share of all questions answered rightly or rightly refused.
    pub right: Option<Estimate>,
    /// Share of the answerable questions answered rightly.
    pub answer_accuracy: Option<Estimate>,
    /// Mean over the answered answerable questions.
    pub citation_precision: Option<Estimate>,
    /// Mean over the answerable questions, those not answered counting 0.
    pub citation_recall: Option<Estimate>,
    pub unanswerable_refused: Option<Estimate>,
    pub answerable_refused: Option<Estimate>,
    /// Of the confidence, answerable against unanswerable.
    pub auroc: Option<Estimate>,
    /// Mean words of an answer, markers and template words included.
    pub answer_words: Option<f64>,
    /// Mean Unicode characters of an answer.
    pub answer_characters: Option<f64>,
    /// Mean citations of an answer.
    pub answer_citations: Option<f64>,
    pub latency_ms_p50: Option<f64>,
    pub latency_ms_p99: Option<f64>,
    /// One entry per ranking, over the questions that name relevant blocks; empty without any.
    pub rankings: Vec<Ranking>,
}

/// A figure with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    /// 95 % bootstrap interval; absent below two questions.
    pub interval: Option<[f64; 2]>,
    /// Questions that it was taken over.
    pub questions: usize,
}

/// Measures of one ranking, named as in ir_measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    pub ranking: String,
    /// Questions with relevant blocks.
    pub queries: usize,
    #[serde(rename = "Success@1")]
    pub success_1: f64,
    #[serde(rename = "Success@5")]
    pub success_5: f64,
    #[serde(rename = "RR@10")]
    pub rr_10: f64,
    #[serde(rename = "nDCG@10")]
    pub ndcg_10: f64,
    #[serde(rename = "R@10")]
    pub r_10: f64,
}

/// The rankings of a trace, by name, in the order of the path of a question.
pub const RANKINGS: [&str; 4] = ["lexical", "dense", "fused", "reranked"];

/// The ranking of this name; empty for an unknown name.
#[must_use]
pub fn ranking<'a>(trace: &'a Trace, name: &str) -> &'a [String] {
    match name {
        "lexical" => &trace.lexical,
        "dense" => &trace.dense,
        "fused" => &trace.fused,
        "reranked" => &trace.reranked,
        _ => &[],
    }
}

impl Evaluation {
    /// Sums up question sets.
    #[must_use]
    pub fn of(collections: &[Asked]) -> Self {
        let all: Vec<&Outcome> = collections.iter().flat_map(|asked| &asked.outcomes).collect();
        Self {
            format: FORMAT,
            collections: collections.iter().map(Collection::of).collect(),
            total: Figures::of(&all),
            reliability: reliability(&all),
        }
    }
}

/// Of questions that got a reply; the others have no confidence.
fn reliability(outcomes: &[&Outcome]) -> Option<Reliability> {
    let judged = outcomes.iter().filter_map(|o| {
        let wrong = !o.right_if_answered;
        Some(Judged { confidence: o.confidence()?, answerable: o.question.answerable, wrong })
    });
    Reliability::of(&judged.collect::<Vec<_>>())
}

impl Collection {
    fn of(asked: &Asked) -> Self {
        let outcomes = &asked.outcomes;
        let all: Vec<&Outcome> = outcomes.iter().collect();
        let head = outcomes.iter().find_map(|o| o.head.as_ref());
        let mut names: Vec<&str> = outcomes.iter().map(|o| o.question.category.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let category = |name: &str| {
            let members: Vec<&Outcome> = outcomes.iter().filter(|o| o.question.category == name).collect();
            Category { name: name.to_owned(), figures: Figures::of(&members) }
        };
        Self {
            name: asked.name.clone(),
            hash: asked.hash.clone(),
            knowledge_version: head.map(|h| h.knowledge_version.clone()).unwrap_or_default(),
            model: head.map(|h| h.model.clone()).unwrap_or_default(),
            degraded: head.is_some_and(|h| h.degraded),
            fitted: asked.fitted,
            figures: Figures::of(&all),
            reliability: reliability(&all),
            categories: names.into_iter().map(category).collect(),
            questions: outcomes.iter().map(Verdict::of).collect(),
        }
    }
}

impl Verdict {
    fn of(outcome: &Outcome) -> Self {
        Self {
            id: outcome.question.id.clone(),
            category: outcome.question.category.clone(),
            question: outcome.question.question.clone(),
            answerable: outcome.question.answerable,
            answered: outcome.score.answered,
            right: outcome.score.right,
            right_if_answered: outcome.right_if_answered,
            faults: outcome.score.faults.iter().map(ToString::to_string).collect(),
            confidence: outcome.confidence(),
            answer: outcome.head.as_ref().map(|h| h.text.clone()).unwrap_or_default(),
            milliseconds: outcome.milliseconds,
        }
    }
}

impl Figures {
    /// Measures a set of outcomes.
    #[must_use]
    pub fn of(outcomes: &[&Outcome]) -> Self {
        let (answerable, unanswerable): (Vec<&Outcome>, Vec<&Outcome>) =
            outcomes.iter().partition(|o| o.question.answerable);
        let answers: Vec<&Outcome> = outcomes.iter().copied().filter(|o| o.score.answered).collect();
        let latencies: Vec<f64> = outcomes.iter().map(|o| o.milliseconds).collect();
        let confidences: Vec<(f64, bool)> =
            outcomes.iter().filter_map(|o| Some((o.confidence()?, o.question.answerable))).collect();
        Self {
            questions: outcomes.len(),
            answerable: answerable.len(),
            unanswerable: unanswerable.len(),
            failed: outcomes.iter().filter(|o| o.head.is_none()).count(),
            right: Estimate::mean(outcomes, |o| Some(flag(o.score.right))),
            answer_accuracy: Estimate::mean(&answerable, |o| Some(flag(o.score.right))),
            citation_precision: Estimate::mean(outcomes, |o| o.score.citation_precision),
            citation_recall: Estimate::mean(outcomes, |o| o.score.citation_recall),
            unanswerable_refused: Estimate::mean(&unanswerable, |o| Some(flag(refused(o)))),
            answerable_refused: Estimate::mean(&answerable, |o| Some(flag(refused(o)))),
            auroc: Estimate::of(&confidences, measures::auroc),
            answer_words: mean_of(&answers, |o| Some(float(o.head.as_ref()?.text.split_whitespace().count()))),
            answer_characters: mean_of(&answers, |o| Some(float(o.head.as_ref()?.text.chars().count()))),
            answer_citations: mean_of(&answers, |o| Some(float(o.citations))),
            latency_ms_p50: measures::percentile(&latencies, 0.5),
            latency_ms_p99: measures::percentile(&latencies, 0.99),
            rankings: RANKINGS.iter().filter_map(|name| Ranking::of(name, outcomes)).collect(),
        }
    }
}

impl Estimate {
    fn of<T: Copy>(values: &[T], statistic: impl Fn(&[T]) -> Option<f64>) -> Option<Self> {
        let value = statistic(values)?;
        Some(Self { value, interval: measures::confidence_interval(values, statistic), questions: values.len() })
    }

    fn mean(outcomes: &[&Outcome], value: impl Fn(&Outcome) -> Option<f64>) -> Option<Self> {
        Self::of(&outcomes.iter().filter_map(|o| value(o)).collect::<Vec<_>>(), mean)
    }
}

impl Ranking {
    /// A question without a reply counts 0, as a query missing from a run does in ir_measures.
    fn of(name: &str, outcomes: &[&Outcome]) -> Option<Self> {
        let judged: Vec<&Outcome> = outcomes.iter().copied().filter(|o| !o.question.relevant.is_empty()).collect();
        let measure = |f: fn(&[String], &[String], usize) -> f64, k| {
            mean_of(&judged, |o| {
                let found = o.trace().map_or(&[][..], |trace| ranking(trace, name));
                Some(f(found, &o.question.relevant, k))
            })
        };
        Some(Self {
            ranking: name.to_owned(),
            queries: judged.len(),
            success_1: measure(measures::success, 1)?,
            success_5: measure(measures::success, 5)?,
            rr_10: measure(measures::reciprocal_rank, 10)?,
            ndcg_10: measure(measures::ndcg, 10)?,
            r_10: measure(measures::recall, 10)?,
        })
    }
}

/// A question that failed was neither answered nor refused.
fn refused(outcome: &Outcome) -> bool {
    !outcome.score.answered && outcome.head.is_some()
}

fn flag(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

fn mean_of(outcomes: &[&Outcome], value: impl Fn(&Outcome) -> Option<f64>) -> Option<f64> {
    mean(&outcomes.iter().filter_map(|o| value(o)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{asked, outcome, outcomes};
    use super::*;

    #[test]
    fn figures_count_each_kind_of_question_apart() {
        let outcomes = outcomes();
        let figures = Figures::of(&outcomes.iter().collect::<Vec<_>>());
        assert_eq!((figures.questions, figures.answerable, figures.unanswerable, figures.failed), (5, 3, 2, 1));
        let over = |estimate: Option<Estimate>| estimate.map(|e| (e.value, e.questions));
        assert_eq!(over(figures.right), Some((2.0 / 5.0, 5)));
        assert_eq!(over(figures.answer_accuracy), Some((1.0 / 3.0, 3)));
        assert_eq!(over(figures.answerable_refused), Some((1.0 / 3.0, 3)), "the failed one was not refused");
        assert_eq!(over(figures.unanswerable_refused), Some((0.5, 2)));
        assert_eq!(over(figures.citation_recall), Some((1.0 / 3.0, 3)));
        assert_eq!(over(figures.citation_precision), Some((1.0, 1)));
        // Confidences: answerable 0.9 and 0.2, unanswerable 0.1 and 0.7.
        assert_eq!(over(figures.auroc), Some((0.75, 4)));
        assert!(figures.auroc.unwrap().interval.unwrap()[0] < 0.75, "AUROC of four questions is hardly known");
        let reranked = figures.rankings.iter().find(|r| r.ranking == "reranked").unwrap();
        assert_eq!((reranked.queries, reranked.success_1, reranked.rr_10), (3, 1.0 / 3.0, 0.5));
    }

    #[test]
    fn a_figure_over_nothing_is_absent() {
        let only = outcome(r#""answerable":false"#, Some(0.1), false, &[]);
        let figures = Figures::of(&[&only]);
        assert_eq!((figures.answer_accuracy, figures.auroc, figures.citation_precision), (None, None, None));
        assert!(figures.rankings.is_empty());
    }

    #[test]
    fn the_risk_counts_what_a_refused_question_would_have_been_answered() {
        // Confidences .9 (right), .7 (unanswerable), .2 (refused, and would have been right),
        // .1 (unanswerable); the failed question has none.
        let evaluation = Evaluation::of(&[asked("a")]);
        let reliability = evaluation.reliability.unwrap();
        let last = reliability.risks.last().unwrap();
        assert_eq!((last.coverage, last.risk, last.threshold), (1.0, 0.5, 0.1));
        assert!((reliability.aurc - (0.0 + 0.5 + 1.0 / 3.0 + 0.5) / 4.0).abs() < 1e-9, "{reliability:?}");
        assert!(evaluation.collections[0].questions[1].right_if_answered);
    }

    #[test]
    fn the_json_can_be_read_back() {
        let evaluation = Evaluation::of(&[asked("nanning")]);
        let text = serde_json::to_string(&evaluation).unwrap();
        assert!(text.contains("\"nDCG@10\""), "{text}");
        assert_eq!(serde_json::from_str::<Evaluation>(&text).unwrap(), evaluation);
    }
}
