//! The figures as a person reads them in a terminal. Wording and layout only.

use std::fmt::{self, Write};

use super::summary::{Collection, Evaluation, Figures, Verdict};

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
    for collection in &evaluation.collections {
        write_collection(out, collection, failures)?;
    }
    if evaluation.collections.len() > 1 {
        writeln!(out, "total\n")?;
        write_collections_table(out, evaluation)?;
        write_figures(out, &evaluation.total)?;
        write_rankings(out, &evaluation.total)?;
    }
    Ok(())
}

fn write_collection(out: &mut String, collection: &Collection, failures: usize) -> fmt::Result {
    let mode = if collection.degraded { ", degraded: lexical search alone" } else { "" };
    let Collection { name, knowledge_version, model, .. } = collection;
    writeln!(out, "{name}  (knowledge {knowledge_version}, model {model}{mode})\n")?;
    write_figures(out, &collection.figures)?;
    if collection.categories.len() > 1 {
        let rows = collection.categories.iter().map(|c| (c.name.as_str(), &c.figures));
        write_table(out, "category", rows)?;
    }
    write_rankings(out, &collection.figures)?;
    write_failures(out, &collection.questions, failures)
}

fn write_figures(out: &mut String, figures: &Figures) -> fmt::Result {
    let Figures { questions, answerable, unanswerable, failed, .. } = figures;
    writeln!(out, "  {questions} questions, {answerable} answerable, {unanswerable} not; {failed} failed")?;
    let interval = figures.answer_accuracy_interval.filter(|_| figures.answer_accuracy.is_some());
    for (name, value) in figures.shares() {
        let suffix = match interval {
            Some([low, high]) if name == "answer accuracy" => format!("  (95 % interval {low:.3} to {high:.3})"),
            _ => String::new(),
        };
        writeln!(out, "  {name:<24} {}{suffix}", number(value))?;
    }
    for (name, value) in figures.quantities() {
        let value = value.map_or("-".to_owned(), |v| format!("{v:.1}"));
        writeln!(out, "  {name:<24} {value:>5}")?;
    }
    writeln!(out)
}

/// A line of a table: label, count, then the shares that tell categories apart.
fn write_table<'a>(
    out: &mut String,
    title: &str,
    rows: impl Iterator<Item = (&'a str, &'a Figures)> + Clone,
) -> fmt::Result {
    let width = rows.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(title.len());
    writeln!(out, "  {title:<width$}  questions  right  accuracy  unanswerable refused  answerable refused  nDCG@10")?;
    for (name, f) in rows {
        writeln!(
            out,
            "  {name:<width$}  {:>9}  {}  {:>8}  {:>20}  {:>18}  {:>7}",
            f.questions,
            number(f.right),
            number(f.answer_accuracy),
            number(f.unanswerable_refused),
            number(f.answerable_refused),
            number(f.rankings.last().map(|r| r.ndcg_10)),
        )?;
    }
    writeln!(out)
}

fn write_collections_table(out: &mut String, evaluation: &Evaluation) -> fmt::Result {
    write_table(out, "collection", evaluation.collections.iter().map(|c| (c.name.as_str(), &c.figures)))
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

fn write_failures(out: &mut String, questions: &[Verdict], most: usize) -> fmt::Result {
    let mut wrong: Vec<&Verdict> = questions.iter().filter(|q| !q.right).collect();
    if wrong.is_empty() || most == 0 {
        return Ok(());
    }
    // A stable sort: equally bad ones stay in the order of the file.
    wrong.sort_by(|a, b| b.badness().total_cmp(&a.badness()));
    writeln!(out, "  worst failures ({} of {}; --failures N shows more)", wrong.len().min(most), wrong.len())?;
    for verdict in wrong.into_iter().take(most) {
        writeln!(out, "  {} [{}] {}", verdict.id, verdict.category, verdict.question)?;
        writeln!(out, "      {} (confidence {})", verdict.faults.join("; "), number(verdict.confidence).trim())?;
        if verdict.answered {
            writeln!(out, "      said: {}", shortened(&verdict.answer, 160))?;
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
    pub fn shares(&self) -> [(&'static str, Option<f64>); 7] {
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
    pub fn quantities(&self) -> [(&'static str, Option<f64>); 4] {
        [
            ("words per answer", self.answer_words),
            ("citations per answer", self.answer_citations),
            ("latency p50 (ms)", self.latency_ms_p50),
            ("latency p99 (ms)", self.latency_ms_p99),
        ]
    }
}

/// Five columns: `0.873`, or a dash for an absent figure.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "    -".to_owned(), |v| format!("{v:.3}"))
}

fn shortened(text: &str, most: usize) -> String {
    let text = super::text::one_space(text);
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::outcomes;
    use super::*;

    #[test]
    fn a_report_shows_figures_categories_rankings_and_the_worst_failures() {
        let mut evaluation = Evaluation::of(&[("nanning".to_owned(), outcomes())]);
        evaluation.collections[0].figures.latency_ms_p50 = Some(1.0);
        evaluation.collections[0].figures.latency_ms_p99 = Some(2.0);
        insta::assert_snapshot!(text(&evaluation, 2));
    }
}
