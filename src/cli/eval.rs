//! `dialogdesk eval`: asks question sets and prints, writes and judges the figures.

use std::path::Path;

use super::args::EvalArgs;
use super::sets::Sets;
use super::{Failure, Verdict, out};
use crate::config::Config;
use crate::eval::baseline::{self, Baseline};
use crate::eval::{Asked, Evaluation, ablation, export, pairs, report};
use crate::mechanism::{MECHANISMS, Mechanism, Mechanisms};

/// Exit code 1 when a figure is below the least that was asked for or got worse than its baseline
/// allows, or a question failed.
pub(super) fn run(config: Config, args: EvalArgs, one_knowledge: bool) -> Result<Verdict, Failure> {
    let before = args.baseline.as_deref().map(read_baseline).transpose()?;
    if args.pairs.is_some() && (!config.answering.reader || args.without.contains(&Mechanism::Reader)) {
        let advice = "set answering.reader to true, and leave --without reader out";
        return Err(Failure::Usage(format!("--pairs writes what the reader was given: {advice}")));
    }
    let sets = Sets::new(config, &args.sets, one_knowledge)?;
    if args.ablations {
        out::print(&ablations(&sets)?)?;
        return Ok(Verdict::Fine);
    }
    let mechanisms = args.without.iter().fold(Mechanisms::default(), |all, one| all.without(*one));
    let collections = sets.ask(mechanisms)?;
    let evaluation = Evaluation::of(&collections);
    out::print(&report::text(&evaluation, args.failures))?;
    let comparison = before.map(|before| baseline::compare(&before, &evaluation));
    let broken = comparison.as_ref().map_or(0, |comparison| comparison.broken);
    if let Some(comparison) = comparison {
        out::print(&comparison.text)?;
    }
    write_files(&args, &collections, &evaluation)?;
    Ok(if broken > 0 { Verdict::Problems } else { judge(&args, &evaluation) })
}

/// Asks everything once with all mechanisms and once without each; Markdown.
fn ablations(sets: &Sets<'_>) -> Result<String, Failure> {
    let evaluate = |mechanisms| Ok::<_, Failure>(Evaluation::of(&sets.ask(mechanisms)?));
    let everything = evaluate(Mechanisms::default())?;
    let mut without = Vec::new();
    for (at, (mechanism, name)) in MECHANISMS.into_iter().enumerate() {
        eprintln!("without {name} ({} of {})", at + 1, MECHANISMS.len());
        without.push((mechanism, evaluate(Mechanisms::default().without(mechanism))?));
    }
    Ok(ablation::markdown(&everything, &without))
}

fn read_baseline(file: &Path) -> Result<Baseline, Failure> {
    let text = std::fs::read_to_string(file).map_err(Failure::while_doing(file.display()))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Failed(format!("{} was not written by --save-baseline: {error}", file.display())))
}

fn write_files(args: &EvalArgs, collections: &[Asked], evaluation: &Evaluation) -> Result<(), Failure> {
    if let Some(file) = &args.json {
        write(file, &serde_json::to_string_pretty(evaluation).map_err(Failure::failed)?)?;
    }
    if let Some(file) = &args.save_baseline {
        let json = serde_json::to_string_pretty(&Baseline::of(evaluation)).map_err(Failure::failed)?;
        write(file, &format!("{json}\n"))?;
    }
    if let Some(file) = &args.junit {
        write(file, &export::junit(collections).map_err(Failure::failed)?)?;
    }
    if let Some(file) = &args.qrels {
        write(file, &export::trec_qrels(collections))?;
    }
    if let Some(file) = &args.run {
        write(file, &export::trec_run(collections, "reranked"))?;
        for ranking in ["lexical", "dense", "fused"] {
            write(Path::new(&format!("{}.{ranking}", file.display())), &export::trec_run(collections, ranking))?;
        }
    }
    if let Some(file) = &args.pairs {
        let lines = pairs::json_lines(collections).map_err(Failure::failed)?;
        if lines.is_empty() {
            return Err(Failure::Failed(
                "--pairs: nothing was read. Either the reader could not be loaded (`dialogdesk check` says why), or the \
                 structure of the documents settled every question."
                    .into(),
            ));
        }
        write(file, &lines)?;
    }
    Ok(())
}

pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(Failure::while_doing(format!("writing {}", file.display())))
}

/// A figure that is absent (no question of that kind) cannot be too low.
fn judge(args: &EvalArgs, evaluation: &Evaluation) -> Verdict {
    let total = &evaluation.total;
    let wanted = [
        ("answer accuracy", total.answer_accuracy.map(|e| e.value), args.min_accuracy),
        ("share of unanswerable questions refused", total.unanswerable_refused.map(|e| e.value), args.min_refused),
    ];
    let mut verdict = if total.failed > 0 { Verdict::Problems } else { Verdict::Fine };
    for (name, value, least) in wanted {
        if let (Some(value), Some(least)) = (value, least)
            && value < least
        {
            eprintln!("the {name} is {value:.3}, below {least:.3}");
            verdict = Verdict::Problems;
        }
    }
    verdict
}
