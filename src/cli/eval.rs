//! `dialogdesk eval`: asks question sets and prints, writes and judges the figures.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::args::{EvalArgs, SetArgs};
use super::progress::Progress;
use super::{Failure, Verdict, index};
use crate::app::App;
use crate::config::Config;
use crate::eval::questions::LineProblem;
use crate::eval::{self, Evaluation, Outcome, QuestionSet, baseline, export, report};
use crate::ingest::build::Progress as _;
use crate::mechanism::Mechanisms;

/// Question sets with their outcomes, in the order of the files.
pub(super) type Collections = Vec<(String, Vec<Outcome>)>;

/// Exit code 1 when a figure is below the least that was asked for, or a question failed.
pub(super) fn run(config: Config, args: EvalArgs, one_knowledge: bool) -> Result<Verdict, Failure> {
    let before = args.baseline.as_deref().map(read_baseline).transpose()?;
    let collections = ask_all(config, &args.sets, one_knowledge)?;
    let evaluation = Evaluation::of(&collections);
    print!("{}", report::text(&evaluation, args.failures));
    if let Some(before) = before {
        print!("{}", baseline::differences(&before, &evaluation));
    }
    write_files(&args, &collections, &evaluation)?;
    Ok(judge(&args, &evaluation))
}

/// Asks every set of its knowledge folder. The encoder is loaded once for all.
pub(super) fn ask_all(config: Config, sets: &SetArgs, one_knowledge: bool) -> Result<Collections, Failure> {
    let app = App::start(config).map_err(Failure::failed)?;
    index::warn_if_incomplete(&app);
    let jobs = sets.jobs.unwrap_or(app.config.models.sessions);
    let mut collections = Collections::new();
    let mut opened: Option<(PathBuf, App)> = None;
    for file in &sets.files {
        let (knowledge, data) = place(&app, file, one_knowledge);
        let over = match opened.take() {
            Some((folder, over)) if folder == knowledge => over,
            _ => {
                let over = app.over(knowledge.clone(), data, Mechanisms::default()).map_err(Failure::failed)?;
                index::open_snapshot(&over)?;
                over
            }
        };
        let name = unused(eval::collection_name(file), &collections);
        collections.push((name, ask_file(&over, file, jobs)?));
        opened = Some((knowledge, over));
    }
    Ok(collections)
}

fn ask_file(app: &App, file: &Path, jobs: usize) -> Result<Vec<Outcome>, Failure> {
    let snapshot = app.engine.snapshot().ok_or_else(|| Failure::Failed("no snapshot serves".to_owned()))?;
    let set = QuestionSet::read(file, &snapshot.corpus).map_err(Failure::failed)?;
    warn(file, &set.warnings);
    let progress = Progress::new("asking");
    progress.total(set.questions.len() as u64);
    Ok(eval::run(set.questions, jobs, |ask| app.engine.ask(ask), |_| progress.advance(1)))
}

/// The first few slips of a question set: the others are likely of the same kind.
fn warn(file: &Path, warnings: &[LineProblem]) {
    const SHOWN: usize = 5;
    for warning in warnings.iter().take(SHOWN) {
        eprintln!("warning: {}, {warning}", file.display());
    }
    if warnings.len() > SHOWN {
        eprintln!("warning: {}: {} more of these", file.display(), warnings.len() - SHOWN);
    }
}

/// The knowledge and data folders for a question file: those of the settings, unless a folder
/// `knowledge` lies beside the file and none was asked for.
fn place(app: &App, file: &Path, one_knowledge: bool) -> (PathBuf, PathBuf) {
    let paths = &app.config.paths;
    let beside = file.parent().unwrap_or(Path::new("")).join("knowledge");
    if one_knowledge || !beside.is_dir() {
        return (paths.knowledge.clone(), paths.data.clone());
    }
    let full = std::fs::canonicalize(&beside).unwrap_or_else(|_| beside.clone());
    let hash = hex(&Sha256::digest(full.to_string_lossy().as_bytes()));
    (beside, paths.data.join("eval").join(&hash[..16]))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name, with a number when a set before has it.
fn unused(name: String, collections: &Collections) -> String {
    let taken = |candidate: &str| collections.iter().any(|(other, _)| other == candidate);
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    std::iter::once(name.clone()).chain(numbered).find(|candidate| !taken(candidate)).unwrap_or(name)
}

fn read_baseline(file: &Path) -> Result<Evaluation, Failure> {
    let text = std::fs::read_to_string(file).map_err(Failure::while_doing(file.display()))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Failed(format!("{} is not a file written by --json: {error}", file.display())))
}

fn write_files(args: &EvalArgs, collections: &Collections, evaluation: &Evaluation) -> Result<(), Failure> {
    if let Some(file) = &args.json {
        write(file, &serde_json::to_string_pretty(evaluation).map_err(Failure::failed)?)?;
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
    Ok(())
}

pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(Failure::while_doing(format!("writing {}", file.display())))
}

/// A figure that is absent (no question of that kind) cannot be too low.
fn judge(args: &EvalArgs, evaluation: &Evaluation) -> Verdict {
    let total = &evaluation.total;
    let wanted = [
        ("answer accuracy", total.answer_accuracy, args.min_accuracy),
        ("share of unanswerable questions refused", total.unanswerable_refused, args.min_refused),
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
