//! What changed since a saved baseline, and whether a figure got worse by more than it may.
//!
//! A baseline is small enough to be kept with the source: the figures of each question set and which
//! of its questions were not right.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use super::measures::float;
use super::reliability::Reliability;
use super::report::WIDTH;
use super::summary::{Collection, Estimate, Evaluation, Figures};

/// Version of the file; raised when a key changes its meaning.
pub const FORMAT: u32 = 1;

/// A small set has figures that move by several hundredths when one question turns. What so many
/// questions make is always let pass, because processors round the int8 models differently and a
/// question that stands on an edge may fall to either side.
const QUESTIONS_THAT_MAY_TURN: usize = 2;

/// Figures to compare with later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    pub format: u32,
    pub collections: Vec<Saved>,
    /// Over all collections.
    pub total: BTreeMap<String, f64>,
}

/// The figures of one question set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    pub name: String,
    /// SHA-256 of the question file, lower-case hex.
    pub hash: String,
    /// By name, to four decimals.
    pub figures: BTreeMap<String, f64>,
    /// Ids of the questions that were not right, in the order of the file.
    pub wrong: Vec<String>,
}

/// The differences as a table, and how many figures got worse by more than they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub text: String,
    pub broken: usize,
}

/// A figure that is held to its baseline.
struct Checked {
    name: &'static str,
    value: f64,
    /// Questions that it was taken over.
    questions: usize,
    /// By how much it may change for the worse: below 0 where less is worse, above where more is.
    tolerance: f64,
}

/// The figures that are checked, each with its tolerance. Wide enough for what another kind of
/// processor changes over some hundred questions, narrow enough for what a broken stage does.
fn checked(figures: &Figures, reliability: Option<&Reliability>) -> Vec<Checked> {
    let estimate = |name, estimate: Option<Estimate>, tolerance| {
        estimate.map(|e| Checked { name, value: e.value, questions: e.questions, tolerance })
    };
    let reranked = figures.rankings.last();
    let ranking = |name, value: Option<f64>, tolerance| {
        reranked.zip(value).map(|(r, value)| Checked { name, value, questions: r.queries, tolerance })
    };
    let questions = figures.questions;
    [
        estimate("right", figures.right, -0.02),
        estimate("answer accuracy", figures.answer_accuracy, -0.02),
        estimate("citation precision", figures.citation_precision, -0.02),
        estimate("citation recall", figures.citation_recall, -0.02),
        estimate("unanswerable refused", figures.unanswerable_refused, -0.03),
        estimate("answerable refused", figures.answerable_refused, 0.02),
        estimate("AUROC of confidence", figures.auroc, -0.02),
        ranking("Success@1 reranked", reranked.map(|r| r.success_1), -0.02),
        ranking("nDCG@10 reranked", reranked.map(|r| r.ndcg_10), -0.02),
        reliability.map(|r| Checked { name: "calibration error", value: r.ece, questions, tolerance: 0.03 }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Checked {
    fn allowed(&self) -> f64 {
        let turned = float(QUESTIONS_THAT_MAY_TURN) / float(self.questions.max(1));
        self.tolerance.abs().max(turned).copysign(self.tolerance)
    }

    /// Whether a change is for the worse and greater than allowed, and not by rounding alone.
    fn breaks(&self, change: f64) -> bool {
        let worse = change * self.tolerance.signum();
        worse > self.allowed().abs() + ROUNDING
    }
}

/// Values are saved to four decimals; what is less than half of the last one shown has not changed.
const ROUNDING: f64 = 0.0005;

impl Baseline {
    /// What to keep of an evaluation.
    #[must_use]
    pub fn of(evaluation: &Evaluation) -> Self {
        Self {
            format: FORMAT,
            collections: evaluation.collections.iter().map(Saved::of).collect(),
            total: values(&checked(&evaluation.total, evaluation.reliability.as_ref())),
        }
    }
}

impl Saved {
    fn of(collection: &Collection) -> Self {
        Self {
            name: collection.name.clone(),
            hash: collection.hash.clone(),
            figures: values(&checked(&collection.figures, collection.reliability.as_ref())),
            wrong: collection.questions.iter().filter(|q| !q.right).map(|q| q.id.clone()).collect(),
        }
    }
}

fn values(checked: &[Checked]) -> BTreeMap<String, f64> {
    checked.iter().map(|c| (c.name.to_owned(), (c.value * 1e4).round() / 1e4)).collect()
}

/// Compares collection by collection, then the totals when both sides have the same collections.
#[must_use]
pub fn compare(before: &Baseline, after: &Evaluation) -> Comparison {
    let mut comparison = Comparison { text: String::new(), broken: 0 };
    // Writing to a String cannot fail.
    let _ = write_comparison(&mut comparison, before, after);
    comparison
}

fn write_comparison(to: &mut Comparison, before: &Baseline, after: &Evaluation) -> fmt::Result {
    writeln!(to.text, "compared with the baseline   before    now  change  allowed\n")?;
    for now in &after.collections {
        match before.collections.iter().find(|saved| saved.name == now.name) {
            Some(saved) => write_collection(to, saved, now)?,
            None => writeln!(to.text, "  {}\n    not in the baseline\n", now.name)?,
        }
    }
    let is_gone = |saved: &&Saved| !after.collections.iter().any(|now| now.name == saved.name);
    let gone: Vec<&str> = before.collections.iter().filter(is_gone).map(|saved| saved.name.as_str()).collect();
    if !gone.is_empty() {
        write_ids(&mut to.text, "in the baseline alone", &gone)?;
        writeln!(to.text)?;
    }
    if gone.is_empty() && before.collections.len() == after.collections.len() && after.collections.len() > 1 {
        writeln!(to.text, "  total")?;
        write_figures(to, &before.total, &checked(&after.total, after.reliability.as_ref()))?;
        writeln!(to.text)?;
    }
    match to.broken {
        0 => writeln!(to.text, "  no figure got worse by more than allowed\n"),
        1 => writeln!(to.text, "  1 figure got worse by more than allowed\n"),
        n => writeln!(to.text, "  {n} figures got worse by more than allowed\n"),
    }
}

fn write_collection(to: &mut Comparison, saved: &Saved, now: &Collection) -> fmt::Result {
    let changed = if saved.hash == now.hash { "" } else { "  (its questions changed since)" };
    writeln!(to.text, "  {}{changed}", now.name)?;
    write_figures(to, &saved.figures, &checked(&now.figures, now.reliability.as_ref()))?;
    let turned = |right: bool| now.questions.iter().filter(move |q| q.right == right);
    let was_wrong = |id: &String| saved.wrong.contains(id);
    let right: Vec<&str> = turned(true).filter(|q| was_wrong(&q.id)).map(|q| q.id.as_str()).collect();
    let wrong: Vec<&str> = turned(false).filter(|q| !was_wrong(&q.id)).map(|q| q.id.as_str()).collect();
    for (word, ids) in [("now right", right), ("now wrong", wrong)] {
        write_ids(&mut to.text, word, &ids)?;
    }
    writeln!(to.text)
}

/// Lines of the figures that changed; those that got worse by more than allowed are marked.
fn write_figures(to: &mut Comparison, before: &BTreeMap<String, f64>, now: &[Checked]) -> fmt::Result {
    let mut same = true;
    for figure in now {
        let Some(was) = before.get(figure.name) else { continue };
        let change = figure.value - was;
        if change.abs() < ROUNDING {
            continue;
        }
        same = false;
        let mark = if figure.breaks(change) { "  WORSE" } else { "" };
        to.broken += usize::from(figure.breaks(change));
        writeln!(
            to.text,
            "    {:<24}  {was:.3}  {:.3}  {change:+.3}   {:+.3}{mark}",
            figure.name,
            figure.value,
            figure.allowed()
        )?;
    }
    if same { writeln!(to.text, "    all figures are the same") } else { Ok(()) }
}

/// Ids after a word, on as many lines as they need.
fn write_ids(out: &mut String, word: &str, ids: &[&str]) -> fmt::Result {
    let mut column = WIDTH;
    for (at, id) in ids.iter().enumerate() {
        if column + 2 + id.len() > WIDTH {
            let opening = if at == 0 { format!("    {word} ({}):", ids.len()) } else { "     ".to_owned() };
            write!(out, "{}{opening}", if at == 0 { "" } else { "\n" })?;
            column = opening.len();
        }
        write!(out, " {id}")?;
        column += 1 + id.len();
    }
    if ids.is_empty() { Ok(()) } else { writeln!(out) }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::asked;
    use super::*;

    /// A set of 200 questions, half of them answerable, of which so many are answered rightly.
    fn evaluation(right: usize) -> Evaluation {
        let mut set = asked("a");
        let (answered, refused) = (set.outcomes[0].clone(), set.outcomes[1].clone());
        let unanswerable = set.outcomes[3].clone();
        set.outcomes = (0..200)
            .map(|i| {
                let from = if i >= 100 { &unanswerable } else { [&refused, &answered][usize::from(i < right)] };
                let mut outcome = from.clone();
                outcome.question.id = format!("question-{i}");
                outcome
            })
            .collect();
        Evaluation::of(&[set])
    }

    #[test]
    fn a_baseline_compared_with_itself_has_no_differences() {
        let evaluation = evaluation(90);
        let saved = serde_json::to_string(&Baseline::of(&evaluation)).unwrap();
        let comparison = compare(&serde_json::from_str(&saved).unwrap(), &evaluation);
        assert_eq!(comparison.broken, 0, "{}", comparison.text);
        assert!(comparison.text.contains("all figures are the same"), "{}", comparison.text);
    }

    #[test]
    fn what_gets_worse_within_its_tolerance_passes_and_what_gets_worse_by_more_does_not() {
        let before = Baseline::of(&evaluation(90));
        // Two of a hundred answerable questions: .02 of the accuracy, as much as is allowed.
        let two = compare(&before, &evaluation(88));
        assert_eq!(two.broken, 0, "{}", two.text);
        assert!(two.text.contains("answer accuracy           0.900  0.880  -0.020   -0.020\n"), "{}", two.text);
        assert!(two.text.contains("answerable refused        0.100  0.120  +0.020   +0.020\n"), "{}", two.text);
        assert!(two.text.contains("now wrong (2): question-88 question-89"), "{}", two.text);
        let three = compare(&before, &evaluation(87));
        // Accuracy, citation recall, answerable refused and Success@1; "right" is over all 200.
        assert!(three.text.contains("0.900  0.870  -0.030   -0.020  WORSE"), "{}", three.text);
        assert!(three.text.contains("4 figures got worse by more than allowed"), "{}", three.text);
        let better = compare(&before, &evaluation(100));
        assert_eq!(better.broken, 0, "{}", better.text);
        assert!(better.text.contains("now right (10)"), "{}", better.text);
    }

    #[test]
    fn two_questions_of_a_small_set_may_turn() {
        let small = Checked { name: "right", value: 0.5, questions: 20, tolerance: -0.02 };
        assert!((small.allowed() + 0.1).abs() < 1e-9);
        assert!(!small.breaks(-0.1) && small.breaks(-0.15) && !small.breaks(0.5));
        let error = Checked { name: "calibration error", value: 0.1, questions: 1000, tolerance: 0.03 };
        assert!(!error.breaks(0.03) && error.breaks(0.04) && !error.breaks(-0.5));
    }

    #[test]
    fn collections_of_one_side_and_changed_questions_are_named() {
        let (a, b) = (Evaluation::of(&[asked("a")]), Evaluation::of(&[asked("b")]));
        let text = compare(&Baseline::of(&a), &b).text;
        assert!(text.contains("  b\n    not in the baseline\n"), "{text}");
        assert!(text.contains("    in the baseline alone (1): a\n"), "{text}");
        let mut other = a.clone();
        other.collections[0].hash = "another".to_owned();
        assert!(compare(&Baseline::of(&a), &other).text.contains("a  (its questions changed since)"));
    }

    #[test]
    fn no_line_is_longer_than_a_terminal_is_wide() {
        let text = compare(&Baseline::of(&evaluation(100)), &evaluation(0)).text;
        assert!(text.contains("now wrong (100)"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }
}
