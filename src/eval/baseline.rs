//! What changed since an earlier `--json` file: figures and the questions that turned.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::report::number;
use super::summary::{Collection, Evaluation, Figures};

/// The differences as text, collection by collection; collections only one side has are named.
#[must_use]
pub fn differences(before: &Evaluation, after: &Evaluation) -> String {
    let mut out = String::from("compared with the baseline\n\n");
    for now in &after.collections {
        match before.collections.iter().find(|c| c.name == now.name) {
            Some(then) => out.push_str(&of_collection(then, now)),
            // Writing to a String cannot fail.
            None => {
                let _ = writeln!(out, "  {}: not in the baseline\n", now.name);
            }
        }
    }
    for gone in before.collections.iter().filter(|c| !after.collections.iter().any(|n| n.name == c.name)) {
        let _ = writeln!(out, "  {}: in the baseline alone\n", gone.name);
    }
    out
}

fn of_collection(then: &Collection, now: &Collection) -> String {
    let mut out = format!("  {}\n", now.name);
    let (old, new) = (rows(&then.figures), rows(&now.figures));
    let changed: Vec<_> = new.iter().filter(|(name, value)| old.get(name.as_str()) != Some(value)).collect();
    for &(name, value) in &changed {
        let was = old.get(name.as_str()).copied().flatten();
        let change = was.zip(*value).map_or_else(String::new, |(a, b)| format!("  {:+.3}", b - a));
        let _ = writeln!(out, "    {name:<24} {} -> {}{change}", number(was), number(*value));
    }
    if changed.is_empty() {
        out.push_str("    all figures are the same\n");
    }
    let turned = |right: bool| turned(then, now, right);
    for (word, ids) in [("now right", turned(true)), ("now wrong", turned(false))] {
        if !ids.is_empty() {
            let _ = writeln!(out, "    {word} ({}): {}", ids.len(), ids.join(", "));
        }
    }
    out.push('\n');
    out
}

/// Shares and ranking measures by name. Latency and lengths are left out: they differ every time.
fn rows(figures: &Figures) -> BTreeMap<String, Option<f64>> {
    let shares = figures.shares().into_iter().map(|(name, value)| (name.to_owned(), value));
    let rankings = figures.rankings.iter().flat_map(|r| {
        let measures = [("Success@1", r.success_1), ("nDCG@10", r.ndcg_10), ("R@10", r.r_10)];
        measures.map(|(name, value)| (format!("{name} {}", r.ranking), Some(value)))
    });
    shares.chain(rankings).collect()
}

/// Questions of both sides whose verdict became `right`.
fn turned<'a>(then: &Collection, now: &'a Collection, right: bool) -> Vec<&'a str> {
    let before: BTreeMap<&str, bool> = then.questions.iter().map(|q| (q.id.as_str(), q.right)).collect();
    let became = now.questions.iter().filter(|q| q.right == right && before.get(q.id.as_str()) == Some(&!right));
    became.map(|q| q.id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::outcomes;
    use super::*;

    #[test]
    fn differences_name_the_figures_and_the_questions_that_turned() {
        let before = Evaluation::of(&[("a".to_owned(), outcomes())]);
        let mut after = before.clone();
        assert!(differences(&before, &after).contains("all figures are the same"));
        after.collections[0].figures.right = Some(0.2);
        after.collections[0].questions[0].right = false;
        let id = &before.collections[0].questions[0].id;
        let text = differences(&before, &after);
        assert!(text.contains("0.400 -> 0.200  -0.200"), "{text}");
        assert!(text.contains(&format!("now wrong (1): {id}")) && !text.contains("now right"), "{text}");
    }
}
