//! Asks question sets of their knowledge folders; what is made of the replies is told in `eval` and
//! `calibrate`.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::args::SetArgs;
use super::progress::Progress;
use super::{Failure, index};
use crate::app::App;
use crate::ask::Ask;
use crate::config::Config;
use crate::eval::questions::LineProblem;
use crate::eval::{self, Asked, Outcome, QuestionSet, fitted};
use crate::ingest::build::Progress as _;
use crate::mechanism::{Mechanism, Mechanisms};

/// How sure an engine must be that is to answer all the same: as little as can be told from 0.
const INSISTENT: f64 = f64::MIN_POSITIVE;

/// Question sets, and the program that they are put to.
pub(super) struct Sets<'a> {
    app: App,
    files: &'a [PathBuf],
    jobs: usize,
    /// All are asked of the knowledge of the settings.
    one_knowledge: bool,
}

impl<'a> Sets<'a> {
    /// Loads the models, once for all sets.
    pub(super) fn new(config: Config, args: &'a SetArgs, one_knowledge: bool) -> Result<Self, Failure> {
        let app = App::start(config).map_err(Failure::failed)?;
        index::warn_if_incomplete(&app);
        let jobs = args.jobs.unwrap_or(app.config.models.sessions);
        Ok(Self { app, files: &args.files, jobs, one_knowledge })
    }

    /// Asks every set of its knowledge folder, using these mechanisms.
    pub(super) fn ask(&self, mechanisms: Mechanisms) -> Result<Vec<Asked>, Failure> {
        let mut collections: Vec<Asked> = Vec::new();
        let mut opened: Option<(PathBuf, App)> = None;
        for file in self.files {
            let (knowledge, data) = self.place(file, mechanisms);
            let over = match opened.take() {
                Some((folder, over)) if folder == knowledge => over,
                _ => self.open(&knowledge, data, mechanisms)?,
            };
            let name = unused(eval::collection_name(file), &collections);
            let bytes = std::fs::read(file).map_err(Failure::while_doing(file.display()))?;
            let outcomes = ask_file(&over, file, self.jobs)?;
            let hash = hex(&Sha256::digest(&bytes));
            let fitted = fitted::count(over.engine.fitted_on(), &hash, &outcomes);
            collections.push(Asked { name, hash, fitted, outcomes });
            opened = Some((knowledge, over));
        }
        Ok(collections)
    }

    fn open(&self, knowledge: &Path, data: PathBuf, mechanisms: Mechanisms) -> Result<App, Failure> {
        let over = self.app.over(knowledge.to_owned(), data, mechanisms).map_err(Failure::failed)?;
        index::open_snapshot(&over)?;
        Ok(over)
    }

    /// The knowledge and data folders for a question file: those of the settings, unless a folder
    /// `knowledge` lies beside the file and none was asked for. What is indexed in another way gets a
    /// data folder of its own.
    fn place(&self, file: &Path, mechanisms: Mechanisms) -> (PathBuf, PathBuf) {
        let paths = &self.app.config.paths;
        let beside = file.parent().unwrap_or(Path::new("")).join("knowledge");
        let (knowledge, data) = if self.one_knowledge || !beside.is_dir() {
            (paths.knowledge.clone(), paths.data.clone())
        } else {
            let full = std::fs::canonicalize(&beside).unwrap_or_else(|_| beside.clone());
            let hash = hex(&Sha256::digest(full.to_string_lossy().as_bytes()));
            (beside, paths.data.join("eval").join(&hash[..16]))
        };
        let data = if mechanisms.has(Mechanism::Context) { data } else { data.join("without-context") };
        (knowledge, data)
    }
}

fn ask_file(app: &App, file: &Path, jobs: usize) -> Result<Vec<Outcome>, Failure> {
    let snapshot = app.engine.snapshot().ok_or_else(|| Failure::Failed("no snapshot serves".to_owned()))?;
    let set = QuestionSet::read(file, &snapshot.corpus).map_err(Failure::failed)?;
    warn(file, &set.warnings);
    let progress = Progress::new("asking");
    progress.total(set.questions.len() as u64);
    let insistent = app.engine.changed(|options| options.threshold = Some(INSISTENT));
    let (ask, insist) = (|ask: &Ask| app.engine.ask(ask), |ask: &Ask| insistent.ask(ask));
    Ok(eval::run(set.questions, jobs, ask, insist, |_| progress.advance(1)))
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

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name, with a number when a set before has it.
fn unused(name: String, collections: &[Asked]) -> String {
    let taken = |candidate: &str| collections.iter().any(|other| other.name == candidate);
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    std::iter::once(name.clone()).chain(numbered).find(|candidate| !taken(candidate)).unwrap_or(name)
}
