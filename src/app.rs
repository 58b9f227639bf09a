//! Composition root: from settings to a program that can answer. The only file that names concrete
//! engines and fills the options of each stage.

mod indexer;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::answer::{Model, ModelFileError, SelectOptions};
use crate::ask::{Engine, EngineOptions};
use crate::config::{Config, RUNTIME_LIBRARY};
use crate::index::snapshot::Current;
use crate::index::{Snapshot, SnapshotError};
use crate::ingest::{self, build::Build};
use crate::models::{Encoder, EncoderOptions, ModelError, ModelIdentity, ModelSource};
use crate::prompts::{PromptError, Prompts};

pub use indexer::{Indexer, Started};
pub use watch::Watch;

/// The program, ready to build and serve snapshots.
pub struct App {
    pub config: Config,
    pub engine: Arc<Engine>,
    encoder: Option<Encoder>,
    /// Why the encoder could not be loaded; lexical search alone serves then.
    pub degraded: Option<String>,
    prompts: Arc<Prompts>,
    model: Model,
}

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub total: usize,
}

/// Told while a snapshot is built, on any thread.
pub type Report<'a> = &'a (dyn Fn(Progress) + Sync);

/// What a build made.
#[derive(Clone)]
pub struct Built {
    pub snapshot: Arc<Snapshot>,
    /// Passages that went through the encoder.
    pub embedded: usize,
    /// Passages whose vectors were known already.
    pub cached: usize,
    pub took: Duration,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("the index cannot be built: {0}")]
    Build(String),
    #[error(transparent)]
    Prompts(#[from] PromptError),
    #[error(transparent)]
    Model(#[from] ModelFileError),
}

/// Passes a build's progress on to whoever watches.
struct Reporter<'a> {
    report: Report<'a>,
    done: AtomicUsize,
    total: AtomicUsize,
}

impl<'a> Reporter<'a> {
    fn new(report: Report<'a>) -> Self {
        Self { report, done: AtomicUsize::new(0), total: AtomicUsize::new(0) }
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }
}

impl ingest::build::Progress for Reporter<'_> {
    fn total(&self, passages: u64) {
        self.total.store(passages as usize, Ordering::Relaxed);
    }

    fn advance(&self, passages: u64) {
        let done = self.done.fetch_add(passages as usize, Ordering::Relaxed) + passages as usize;
        (self.report)(Progress { done, total: self.total.load(Ordering::Relaxed) });
    }

    fn finish(&self) {}
}

impl App {
    /// Loads the encoder. When that fails the program goes on with lexical search alone, and says
    /// so in `degraded`, in the log, and in every reply.
    ///
    /// # Errors
    /// [`AppError::Prompts`] and [`AppError::Model`].
    pub fn start(config: Config) -> Result<Self, AppError> {
        let prompts = Arc::new(Prompts::load(config.paths.prompts.as_deref())?);
        let model = Model::shipped()?;
        let (encoder, degraded) = match start_encoder(&config) {
            Ok(encoder) => (Some(encoder), None),
            Err(error) => (None, Some(error.to_string())),
        };
        if let Some(reason) = &degraded {
            tracing::warn!("the encoder is not loaded, lexical search alone serves: {reason}");
        }
        Ok(Self::assemble(config, encoder, degraded, prompts, model))
    }

    /// The same program over another knowledge folder, with the encoder that is loaded already.
    #[must_use]
    pub fn over(&self, knowledge: PathBuf, data: PathBuf) -> Self {
        let mut config = self.config.clone();
        config.paths.knowledge = knowledge;
        config.paths.data = data;
        let parts = (self.encoder.clone(), self.degraded.clone(), Arc::clone(&self.prompts), self.model.clone());
        Self::assemble(config, parts.0, parts.1, parts.2, parts.3)
    }

    fn assemble(
        config: Config,
        encoder: Option<Encoder>,
        degraded: Option<String>,
        prompts: Arc<Prompts>,
        model: Model,
    ) -> Self {
        let options = engine_options(&config);
        let engine = Arc::new(Engine::new(encoder.clone(), Arc::clone(&prompts), model.clone(), options));
        Self { config, engine, encoder, degraded, prompts, model }
    }

    /// Serves the current snapshot, or builds one when there is none or it does not fit.
    ///
    /// # Errors
    /// [`AppError`] when none can be built.
    pub fn open(&self, report: Report<'_>) -> Result<Arc<Snapshot>, AppError> {
        match self.current() {
            Ok(snapshot) => {
                let snapshot = Arc::new(snapshot);
                self.engine.serve(Arc::clone(&snapshot));
                Ok(snapshot)
            }
            Err(reason) => {
                tracing::info!("building the index: {reason}");
                self.rebuild(report).map(|built| built.snapshot)
            }
        }
    }

    /// Builds a snapshot of the knowledge folder as it is now and serves it.
    ///
    /// # Errors
    /// [`AppError`]; the serving snapshot stays.
    pub fn rebuild(&self, report: Report<'_>) -> Result<Built, AppError> {
        let started = Instant::now();
        let progress = Reporter::new(report);
        let build = Build {
            knowledge: &self.config.paths.knowledge,
            data: &self.config.paths.data,
            encoder: self.encoder.as_ref(),
            read: &ingest::read,
            progress: &progress,
        };
        let made = ingest::build::build(&build).map_err(|e| AppError::Build(e.to_string()))?;
        let unchanged = matches!(made, ingest::build::Built::Unchanged(_));
        let snapshot = match self.engine.snapshot().filter(|s| unchanged && s.name == made.current().name) {
            Some(serving) => serving,
            None => {
                let opened = Arc::new(self.current().map_err(|e| AppError::Build(e.to_string()))?);
                self.engine.serve(Arc::clone(&opened));
                opened
            }
        };
        let embedded = progress.done();
        let cached = snapshot.corpus.passages.len().saturating_sub(embedded);
        Ok(Built { snapshot, embedded, cached, took: started.elapsed() })
    }

    /// Serves the current snapshot when another process built it. Nothing changes when it is the
    /// serving one or does not fit.
    pub fn take_up(&self) {
        let Ok(current) = Current::read(&self.config.paths.data) else { return };
        if self.engine.snapshot().is_some_and(|serving| serving.name == current.name) {
            return;
        }
        match self.current() {
            Ok(snapshot) => {
                let version = &snapshot.manifest.knowledge_version;
                tracing::info!(knowledge_version = version, "taking up a snapshot that another process built");
                self.engine.serve(Arc::new(snapshot));
            }
            Err(reason) => tracing::warn!("a new snapshot is not taken up: {reason}"),
        }
    }

    fn current(&self) -> Result<Snapshot, SnapshotError> {
        let model = self.encoder.as_ref().map(Encoder::identity);
        Snapshot::open_current(&self.config.paths.data, model, &|folder| ingest::read(folder))
    }

    /// Time spent inside the encoder's sessions since the start, summed over them.
    #[must_use]
    pub fn encoder_busy(&self) -> Duration {
        self.encoder.as_ref().map_or(Duration::ZERO, Encoder::busy)
    }

    /// Which encoder would serve, or why none can.
    ///
    /// # Errors
    /// What is wrong and what to do about it.
    pub fn try_encoder(config: &Config) -> Result<ModelIdentity, String> {
        start_encoder(config).map(|encoder| encoder.identity().clone()).map_err(|error| error.to_string())
    }

    /// Folder with the knowledge files.
    #[must_use]
    pub fn knowledge(&self) -> &Path {
        &self.config.paths.knowledge
    }
}

/// What the settings change about the stages.
fn engine_options(config: &Config) -> EngineOptions {
    let mut select = SelectOptions::default();
    if let Some(most) = config.answering.max_quotes {
        select.statements = most;
    }
    EngineOptions { select, threshold: config.answering.threshold, ..EngineOptions::default() }
}

/// Tries the runtimes in their order, so that an installed library that is too old does not hide a
/// newer one that lies in the working directory.
fn start_encoder(config: &Config) -> Result<Encoder, ModelError> {
    let candidates = config.runtime_candidates();
    let model = model_source(config);
    let mut first_error = None;
    for runtime in candidates {
        let options = EncoderOptions {
            model: model.clone(),
            runtime,
            sessions: config.models.sessions,
            queue: config.models.queue,
        };
        match Encoder::start(&options) {
            Ok(encoder) => return Ok(encoder),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or_else(no_runtime))
}

fn no_runtime() -> ModelError {
    ModelError::RuntimeMissing { path: RUNTIME_LIBRARY.into(), reason: "no such library is installed".to_owned() }
}

/// A folder when one of that name exists; else a name for fastembed to download.
fn model_source(config: &Config) -> ModelSource {
    let folder = config.model_folders().into_iter().find(|folder| folder.is_dir());
    folder.map_or_else(
        || ModelSource::Hub { name: config.models.embedder.clone(), cache: config.model_cache() },
        ModelSource::Folder,
    )
}
