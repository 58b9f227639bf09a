//! The figures as a person reads them in a terminal of a hundred columns. Wording and layout only.

use std::fmt::{self, Write};

use super::reliability::{BINS, Reliability};
use super::summary::{Collection, Estimate, Evaluation, Figures, Verdict};

/// Columns of a line.
pub(super) const WIDTH: usize = 100;
/// Longest name of a category or collection in a table.
const NAME: usize = 19;

/// The text report: each collection with its categories, rankings and worst failures, then the
/// total when there are several.
#[must_use]
pub fn text(evaluation: &Evaluation, failures: usize) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_report(&mut out, evaluation, failures);
    out
}

fn write_report(out: &mut String, evaluation: &Evaluation, failures: usize) -> fmt::Result {
    let several = evaluation.collections.len() > 1;
    for collection in &evaluation.collections {
        write_collection(out, collection, failures, !several)?;
    }
    if several {
        writeln!(out, "total\n")?;
        write_table(out, "collection", evaluation.collections.iter().map(|c| (c.name.as_str(), &c.figures)))?;
        write_figures(out, &evaluation.total)?;
        write_rankings(out, &evaluation.total)?;
        write_reliability(out, evaluation.reliability.as_ref(), true)?;
    }
    Ok(())
}

fn write_collection(out: &mut String, collection: &Collection, failures: usize, alone: bool) -> fmt::Result {
    let mode = if collection.degraded { ", degraded: lexical search alone" } else { "" };
    let Collection { name, knowledge_version, model, .. } = collection;
    writeln!(out, "{name}  (knowledge {knowledge_version}, model {model}{mode})\n")?;
    if collection.fitted > 0 {
        let (fitted, of) = (collection.fitted, collection.questions.len());
        writeln!(out, "  NOTE: the confidence was fitted on {fitted} of these {of} questions, so that")?;
        writeln!(out, "  refusals, AUROC and calibration here are no evidence of how it does on others.\n")?;
    }
    write_figures(out, &collection.figures)?;
    if collection.categories.len() > 1 {
        let rows = collection.categories.iter().map(|c| (c.name.as_str(), &c.figures));
        write_table(out, "category", rows)?;
    }
    write_rankings(out, &collection.figures)?;
    write_reliability(out, collection.reliability.as_ref(), alone)?;
    write_failures(out, &collection.questions, failures)
}

fn write_figures(out: &mut String, figures: &Figures) -> fmt::Result {
    let Figures { questions, answerable, unanswerable, failed, .. } = figures;
    writeln!(out, "  {questions} questions, {answerable} answerable, {unanswerable} not; {failed} failed")?;
    writeln!(out, "  {:<30}  95 % interval", "")?;
    for (name, estimate) in figures.shares() {
        let interval = estimate.and_then(|e| e.interval);
        let interval = interval.map_or_else(String::new, |[low, high]| format!("  {low:.3} to {high:.3}"));
        writeln!(out, "  {name:<24} {}{interval}", number(value(estimate)))?;
    }
    for (name, value) in figures.quantities() {
        let value = value.map_or("-".to_owned(), |v| format!("{v:.1}"));
        writeln!(out, "  {name:<24} {value:>5}")?;
    }
    writeln!(out)
}

/// A line of a table: label, count, then the figures that tell categories apart. Unanswerable
/// questions are refused rightly, answerable ones wrongly.
fn write_table<'a>(
    out: &mut String,
    title: &str,
    rows: impl Iterator<Item = (&'a str, &'a Figures)> + Clone,
) -> fmt::Result {
    let width = rows.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(title.len()).min(NAME);
    writeln!(out, "  {title:<width$}  questions  right  accuracy  refused rightly  refused wrongly  AUROC  nDCG@10")?;
    for (name, f) in rows {
        writeln!(
            out,
            "  {:<width$}  {:>9}  {}  {:>8}  {:>15}  {:>15}  {}  {:>7}",
            shortened(name, width),
            f.questions,
            number(value(f.right)),
            number(value(f.answer_accuracy)),
            number(value(f.unanswerable_refused)),
            number(value(f.answerable_refused)),
            number(value(f.auroc)),
            number(f.rankings.last().map(|r| r.ndcg_10)),
        )?;
    }
    writeln!(out)
}

fn write_rankings(out: &mut String, figures: &Figures) -> fmt::Result {
    let Some(first) = figures.rankings.first() else { return Ok(()) };
    writeln!(out, "  ranking   Success@1  Success@5  RR@10  nDCG@10   R@10   ({} questions)", first.queries)?;
    for r in &figures.rankings {
        writeln!(
            out,
            "  {:<8}  {:>9.3}  {:>9.3}  {:>5.3}  {:>7.3}  {:>5.3}",
            r.ranking, r.success_1, r.success_5, r.rr_10, r.ndcg_10, r.r_10
        )?;
    }
    writeln!(out)
}

/// How far the confidence can be believed, and what answering more would cost; the bins only where
/// they are worth their lines.
fn write_reliability(out: &mut String, reliability: Option<&Reliability>, with_bins: bool) -> fmt::Result {
    let Some(Reliability { ece, bins, aurc, risks }) = reliability else { return Ok(()) };
    writeln!(out, "  calibration error of confidence (ECE, {BINS} bins of equal mass)  {ece:.3}")?;
    if with_bins {
        writeln!(out, "    confidence      questions  promised  answerable")?;
        for bin in bins {
            let range = format!("{:.3} to {:.3}", bin.from, bin.to);
            writeln!(out, "    {range}  {:>9}  {:>8.3}  {:>10.3}", bin.weight, bin.confidence, bin.answerable)?;
        }
    }
    writeln!(out, "  area under risk against coverage (AURC)  {aurc:.3}")?;
    let row = |cell: &dyn Fn(&super::reliability::Risk) -> String| {
        risks.iter().map(|r| format!("{:>7}", cell(r))).collect::<String>()
    };
    writeln!(out, "    most confident share answered{}", row(&|r| format!("{:.0} %", r.coverage * 100.0)))?;
    writeln!(out, "    wrong answers among these    {}", row(&|r| format!("{:.3}", r.risk)))?;
    writeln!(out, "    at a threshold of            {}\n", row(&|r| format!("{:.3}", r.threshold)))
}

fn write_failures(out: &mut String, questions: &[Verdict], most: usize) -> fmt::Result {
    let mut wrong: Vec<&Verdict> = questions.iter().filter(|q| !q.right).collect();
    if wrong.is_empty() || most == 0 {
        return Ok(());
    }
    // A stable sort: equally bad ones stay in the order of the file.
    wrong.sort_by(|a, b| b.badness().total_cmp(&a.badness()));
    writeln!(
        out,
        "  worst failures ({} of {}; --failures N shows more, --json all of it)",
        wrong.len().min(most),
        wrong.len()
    )?;
    for verdict in wrong.into_iter().take(most) {
        let mut line = |indent: &str, text: String| writeln!(out, "{indent}{}", shortened(&text, WIDTH - indent.len()));
        line("  ", format!("{} [{}] {}", verdict.id, verdict.category, verdict.question))?;
        let confidence = verdict.confidence.map_or_else(String::new, |c| format!("confidence {c:.3}; "));
        line("      ", format!("{confidence}{}", verdict.faults.join("; ")))?;
        if verdict.answered {
            line("      ", format!("said: {}", verdict.answer))?;
        }
    }
    writeln!(out)
}

impl Verdict {
    /// How sure the system was of its mistake: 1 is worst. Errors come first.
    fn badness(&self) -> f64 {
        match self.confidence {
            None => 2.0,
            Some(confidence) if self.answered => confidence,
            Some(confidence) => 1.0 - confidence,
        }
    }
}

impl Figures {
    /// Measures between 0 and 1 with the names of the report.
    #[must_use]
    pub fn shares(&self) -> [(&'static str, Option<Estimate>); 7] {
        [
            ("right", self.right),
            ("answer accuracy", self.answer_accuracy),
            ("citation precision", self.citation_precision),
            ("citation recall", self.citation_recall),
            ("unanswerable refused", self.unanswerable_refused),
            ("answerable refused", self.answerable_refused),
            ("AUROC of confidence", self.auroc),
        ]
    }

    /// Measures with a unit.
    #[must_use]
    pub fn quantities(&self) -> [(&'static str, Option<f64>); 5] {
        [
            ("words per answer", self.answer_words),
            ("characters per answer", self.answer_characters),
            ("citations per answer", self.answer_citations),
            ("latency p50 (ms)", self.latency_ms_p50),
            ("latency p99 (ms)", self.latency_ms_p99),
        ]
    }
}

/// Five columns: `0.873`, or a dash for an absent figure.
fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "    -".to_owned(), |v| format!("{v:.3}"))
}

fn value(estimate: Option<Estimate>) -> Option<f64> {
    estimate.map(|e| e.value)
}

/// On one line of at most so many characters.
fn shortened(text: &str, most: usize) -> String {
    let text = super::text::one_space(text);
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::asked;
    use super::*;

    #[test]
    fn a_set_that_was_fitted_on_is_reported_with_a_warning() {
        let mut set = asked("nanning");
        assert!(!text(&Evaluation::of(&[set.clone()]), 0).contains("NOTE"));
        set.fitted = 2;
        let report = text(&Evaluation::of(&[set]), 0);
        assert!(report.contains("fitted on 2 of these 5 questions"), "{report}");
    }

    #[test]
    fn no_line_is_longer_than_a_terminal_is_wide() {
        let mut one = Evaluation::of(&[asked("nanning")]).collections.remove(0);
        one.fitted = 5;
        one.name = "a-collection-of-a-very-long-name".to_owned();
        one.categories[0].name = "a category of a very long name".to_owned();
        for verdict in &mut one.questions {
            (verdict.question, verdict.answer) = ("why ".repeat(60), "thus ".repeat(60));
            verdict.faults.iter_mut().for_each(|fault| *fault = fault.repeat(9));
        }
        let mut evaluation = Evaluation::of(&[]);
        evaluation.collections = vec![one.clone(), one];
        for line in text(&evaluation, 9).lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
    }

    #[test]
    fn a_report_shows_figures_categories_rankings_and_the_worst_failures() {
        let mut evaluation = Evaluation::of(&[asked("nanning")]);
        evaluation.collections[0].figures.latency_ms_p50 = Some(1.0);
        evaluation.collections[0].figures.latency_ms_p99 = Some(2.0);
        insta::assert_snapshot!(text(&evaluation, 2));
    }
}
