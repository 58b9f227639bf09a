//! What each mechanism brings: the figures with everything, less those without it.

use std::fmt::{self, Write};

use super::summary::{Estimate, Evaluation, Figures};
use crate::mechanism::Mechanism;

/// A figure of the tables, 0 to 1.
type Measure = (&'static str, fn(&Figures) -> Option<f64>);

const MEASURES: [Measure; 4] = [
    ("answered right", |f| value(f.answer_accuracy)),
    ("unanswerable refused", |f| value(f.unanswerable_refused)),
    ("AUROC of confidence", |f| value(f.auroc)),
    ("Success@1 reranked", |f| f.rankings.last().map(|r| r.success_1)),
];

/// A change in hundredths below which a cell is left empty, because it is none.
const NONE: f64 = 0.05;

fn value(estimate: Option<Estimate>) -> Option<f64> {
    estimate.map(|e| e.value)
}

/// A Markdown table for each measure: a line for all mechanisms together, then one for each with
/// what it adds, in hundredths, on each collection and over all questions. The confidence is the one
/// fitted with everything in use, whatever is left out, so that a mechanism's part in it counts too.
#[must_use]
pub fn markdown(everything: &Evaluation, without: &[(Mechanism, Evaluation)]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = MEASURES.iter().try_for_each(|measure| write_table(&mut out, measure, everything, without));
    out
}

fn write_table(
    out: &mut String,
    (name, measure): &Measure,
    everything: &Evaluation,
    without: &[(Mechanism, Evaluation)],
) -> fmt::Result {
    let all = columns(everything, *measure);
    let names = everything.collections.iter().map(|c| c.name.as_str()).chain(["all"]);
    writeln!(out, "| {name} | {} |", names.collect::<Vec<_>>().join(" | "))?;
    writeln!(out, "|---|{}", "---|".repeat(all.len()))?;
    let share = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{:.1}", 100.0 * v));
    writeln!(out, "| everything | {} |", all.iter().map(share).collect::<Vec<_>>().join(" | "))?;
    for (mechanism, evaluation) in without {
        let brought = all.iter().zip(columns(evaluation, *measure)).map(|(with, without)| gain(*with, without));
        writeln!(out, "| {mechanism} | {} |", brought.collect::<Vec<_>>().join(" | "))?;
    }
    writeln!(out)
}

/// The measure on each collection, then over all.
fn columns(evaluation: &Evaluation, measure: fn(&Figures) -> Option<f64>) -> Vec<Option<f64>> {
    let collections = evaluation.collections.iter().map(|c| measure(&c.figures));
    collections.chain([measure(&evaluation.total)]).collect()
}

/// In hundredths with its sign; empty where nothing changed.
fn gain(with: Option<f64>, without: Option<f64>) -> String {
    match with.zip(without).map(|(with, without)| 100.0 * (with - without)) {
        Some(gain) if gain.abs() >= NONE => format!("{gain:+.1}"),
        Some(_) => String::new(),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::asked;
    use super::*;

    #[test]
    fn a_mechanism_brings_what_is_missing_without_it() {
        let everything = Evaluation::of(&[asked("a"), asked("b")]);
        let mut without = everything.clone();
        // One of three answerable questions was right in each collection, none is in `b` now.
        let nothing = Estimate { value: 0.0, interval: None, questions: 3 };
        without.collections[1].figures.answer_accuracy = Some(nothing);
        without.total.answer_accuracy = Some(Estimate { value: 0.5, interval: None, questions: 6 });
        let text = markdown(&everything, &[(Mechanism::Rerank, without)]);
        let first: Vec<&str> = text.lines().take(4).collect();
        assert_eq!(
            first,
            [
                "| answered right | a | b | all |",
                "|---|---|---|---|",
                "| everything | 33.3 | 33.3 | 33.3 |",
                "| rerank |  | +33.3 | -16.7 |"
            ]
        );
        assert_eq!(text.matches("| rerank |").count(), MEASURES.len(), "{text}");
    }
}
