//! Composition root: from settings to a program that can answer. The only file that names concrete
//! engines and fills the options of each stage.

mod channels;
mod indexer;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::answer::{Means, Model, ModelFileError};
use crate::ask::{Engine, EngineOptions};
use crate::channels::Channels;
use crate::config::{Config, RUNTIME_LIBRARY};
use crate::conversation::Conversations;
use crate::corpus::{Corpus, Severity};
use crate::http::wire::AskReply;
use crate::index::snapshot::{Current, FileError};
use crate::index::{Snapshot, SnapshotError};
use crate::ingest::build::{self, Build, BuildError, Progress};
use crate::ingest::read;
use crate::mechanism::{Mechanism, Mechanisms};
use crate::models::{
    Encoder, EncoderOptions, ModelError, ModelIdentity, ModelSource, Reader, ReaderIdentity, ReaderOptions,
};
use crate::prompts::{PromptError, Prompts};
use crate::store::{self, Store, StoreError, StoreOptions};

pub use indexer::{Indexer, Started};

/// How long a request waits for a session of the reader: as long as a person waits for an answer.
const READER_PATIENCE: Duration = Duration::from_secs(10);

/// The program, ready to build and serve snapshots.
pub struct App {
    pub config: Config,
    pub engine: Arc<Engine>,
    loaded: Loaded,
    mechanisms: Mechanisms,
    /// Held while a snapshot is opened and begins to serve.
    switching: Mutex<()>,
}

/// What is loaded once and shared by programs over several knowledge folders.
#[derive(Clone)]
struct Loaded {
    /// Or why it could not be loaded; lexical search alone serves then.
    encoder: Result<Encoder, String>,
    /// Or why it could not be loaded; `None` when it is turned off.
    reader: Result<Option<Reader>, String>,
    prompts: Arc<Prompts>,
}

/// What became of a build.
#[derive(Clone)]
pub struct Built {
    /// The serving snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Why it was built; absent when the current one was whole and up to date.
    pub reason: Option<String>,
    pub took: Duration,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{0}")]
    Prompts(#[from] PromptError),
    #[error("{0}")]
    Decision(#[from] ModelFileError),
    #[error("{0}")]
    Build(#[from] BuildError),
    #[error("the snapshot that was just built does not open: {0}")]
    Open(#[from] SnapshotError),
}

impl App {
    /// Loads the encoder and the reader. Without the encoder the program goes on with lexical search
    /// alone and says so in every reply; without the reader it goes on too. The caller warns of both.
    ///
    /// # Errors
    /// [`AppError`] for templates or a decision model that do not work.
    pub fn start(config: Config) -> Result<Self, AppError> {
        let prompts = Arc::new(Prompts::load(config.paths.prompts.as_deref())?);
        let encoder = start_encoder(&config).map_err(|error| error.to_string());
        let wanted = config.answering.reader && encoder.is_ok();
        let reader = wanted.then(|| start_reader(&config)).transpose();
        let reader = reader.map_err(|error| error.to_string());
        Self::assemble(config, Loaded { encoder, reader, prompts }, Mechanisms::default())
    }

    /// The same program over another knowledge folder, with what is loaded already, using these
    /// mechanisms.
    ///
    /// # Errors
    /// [`AppError`] for a decision model that does not work.
    pub fn over(&self, knowledge: PathBuf, data: PathBuf, mechanisms: Mechanisms) -> Result<Self, AppError> {
        let mut config = self.config.clone();
        config.paths.knowledge = knowledge;
        config.paths.data = data;
        Self::assemble(config, self.loaded.clone(), mechanisms)
    }

    fn assemble(config: Config, loaded: Loaded, mechanisms: Mechanisms) -> Result<Self, AppError> {
        let (encoder, reader) = (loaded.encoder.clone().ok(), loaded.reader.clone().ok().flatten());
        let reader = reader.filter(|_| mechanisms.has(Mechanism::Reader));
        let means = match (&encoder, &reader) {
            (Some(_), Some(_)) => Means::Reader,
            (Some(_), None) => Means::Encoder,
            (None, _) => Means::Words,
        };
        let (prompts, model) = (Arc::clone(&loaded.prompts), Model::shipped(means)?);
        let engine = Engine::new(encoder, reader, prompts, model, engine_options(&config, mechanisms));
        Ok(Self { config, engine: Arc::new(engine), loaded, mechanisms, switching: Mutex::new(()) })
    }

    /// Conversations over this program, kept in the data folder.
    ///
    /// A database that cannot be opened keeps the server from starting: feedback and the log that
    /// are missed weeks later cannot be had again. Where no texts are to be kept, counting goes on
    /// in memory, because that is little to lose.
    ///
    /// # Errors
    /// [`StoreError`], which says what to do.
    pub fn conversations(&self) -> Result<Conversations, StoreError> {
        let options = store_options(&self.config);
        let store = match Store::open(&self.config.paths.data, options) {
            Err(error @ StoreError::Open { .. }) if !options.texts => {
                tracing::warn!("feedback and counts are lost at the end: {error}");
                Store::in_memory(options)?
            }
            opened => opened?,
        };
        let as_sent = |told: &_| serde_json::to_string(&AskReply::new(Clone::clone(told), false)).unwrap_or_default();
        Ok(Conversations::new(Arc::clone(&self.engine), store, as_sent))
    }

    /// The messengers that are on, over these conversations; `address` is where this program listens.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn channels(&self, conversations: Arc<Conversations>, address: SocketAddr) -> io::Result<Channels> {
        let options = channels::options(&self.config, address);
        Channels::open(options, conversations, Arc::clone(&self.loaded.prompts))
    }

    /// What is kept in the data folder, if there is anything yet.
    ///
    /// # Errors
    /// [`StoreError`], which says what to do.
    pub fn existing_store(config: &Config) -> Result<Option<Store>, StoreError> {
        let data = &config.paths.data;
        data.join(store::FILE).exists().then(|| Store::open(data, store_options(config))).transpose()
    }

    /// Reads a knowledge folder as this program indexes it.
    fn read(&self, folder: &Path) -> io::Result<(Corpus, Vec<FileError>)> {
        let (mut corpus, errors) = read(folder)?;
        if !self.mechanisms.has(Mechanism::Context) {
            corpus.passages.iter_mut().for_each(|passage| passage.context.clear());
        }
        Ok((corpus, errors))
    }

    fn encoder(&self) -> Option<&Encoder> {
        self.loaded.encoder.as_ref().ok()
    }

    /// Why the encoder could not be loaded, if so.
    #[must_use]
    pub fn degraded(&self) -> Option<&str> {
        self.loaded.encoder.as_ref().err().map(String::as_str)
    }

    /// Why the reader could not be loaded, if it was wanted.
    #[must_use]
    pub fn without_reader(&self) -> Option<&str> {
        self.loaded.reader.as_ref().err().map(String::as_str)
    }

    /// Serves the snapshot of the knowledge folder as it is now, building it unless the current one
    /// is that already.
    ///
    /// # Errors
    /// [`AppError`]; what served before goes on serving.
    pub fn build(&self, progress: &dyn Progress) -> Result<Built, AppError> {
        let started = Instant::now();
        let paths = &self.config.paths;
        let built = build::build(&Build {
            knowledge: &paths.knowledge,
            data: &paths.data,
            encoder: self.encoder(),
            read: &|folder| self.read(folder),
            progress,
        })?;
        let (current, reason) = match built {
            build::Built::Unchanged(current) => (current, None),
            build::Built::New { current, reason, encoded: _ } => (current, Some(reason)),
        };
        let snapshot = match self.engine.snapshot().filter(|serving| serving.name == current.name) {
            Some(serving) => serving,
            None => self.serve_current()?,
        };
        Ok(Built { snapshot, reason, took: started.elapsed() })
    }

    /// Serves the current snapshot when another process built it. Nothing changes when it is the
    /// serving one or does not fit.
    pub fn take_up(&self) {
        let Ok(current) = Current::read(&self.config.paths.data) else { return };
        if self.engine.snapshot().is_some_and(|serving| serving.name == current.name) {
            return;
        }
        match self.serve_current() {
            Ok(snapshot) => {
                let version = &snapshot.manifest.knowledge_version;
                tracing::info!(knowledge_version = version, "a new snapshot was taken up");
            }
            Err(reason) => tracing::warn!("a new snapshot is not taken up: {reason}"),
        }
    }

    /// Opens the current snapshot and serves it, one caller at a time, so that an older snapshot
    /// never replaces a newer one; one that serves already is left alone.
    fn serve_current(&self) -> Result<Arc<Snapshot>, SnapshotError> {
        let _turn = self.switching.lock().unwrap_or_else(PoisonError::into_inner);
        let current = Current::read(&self.config.paths.data)?;
        if let Some(serving) = self.engine.snapshot().filter(|serving| serving.name == current.name) {
            return Ok(serving);
        }
        let model = self.encoder().map(Encoder::identity);
        let snapshot = Arc::new(Snapshot::open_current(&self.config.paths.data, model, &|folder| self.read(folder))?);
        warn_of_problems(&snapshot);
        self.engine.serve(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Processor time inside the encoder since the start, summed over its sessions.
    #[must_use]
    pub fn encoder_busy(&self) -> Duration {
        self.encoder().map(Encoder::busy).unwrap_or_default()
    }

    /// Processor time inside the reader since the start, summed over its sessions.
    #[must_use]
    pub fn reader_busy(&self) -> Duration {
        self.loaded.reader.as_ref().ok().and_then(Option::as_ref).map(Reader::busy).unwrap_or_default()
    }

    /// Which encoder would serve, or why none can.
    ///
    /// # Errors
    /// What is wrong and what to do about it.
    pub fn try_encoder(config: &Config) -> Result<ModelIdentity, String> {
        start_encoder(config).map(|encoder| encoder.identity().clone()).map_err(|error| error.to_string())
    }

    /// Which reader would serve, or why none can.
    ///
    /// # Errors
    /// What is wrong and what to do about it.
    pub fn try_reader(config: &Config) -> Result<ReaderIdentity, String> {
        start_reader(config).map(|reader| reader.identity().clone()).map_err(|error| error.to_string())
    }
}

fn store_options(config: &Config) -> StoreOptions {
    let store = &config.store;
    StoreOptions {
        texts: store.questions,
        retention_days: store.retention_days,
        max_bytes: (store.max_mb as u64).saturating_mul(1 << 20),
    }
}

fn engine_options(config: &Config, mechanisms: Mechanisms) -> EngineOptions {
    let threshold = config.answering.threshold;
    let mut options = EngineOptions { threshold, mechanisms, ..EngineOptions::default() };
    if let Some(quotes) = config.answering.max_quotes {
        options.select.statements = quotes;
    }
    options
}

fn start_encoder(config: &Config) -> Result<Encoder, ModelError> {
    let model = model_source(config);
    let (sessions, queue) = (config.models.sessions, config.models.queue);
    with_a_runtime(config, |runtime| Encoder::start(&EncoderOptions { model: model.clone(), runtime, sessions, queue }))
}

fn start_reader(config: &Config) -> Result<Reader, ModelError> {
    let folders = config.model_folders(&config.models.reader);
    let folder = folders.iter().find(|folder| folder.is_dir()).or(folders.first()).cloned().unwrap_or_default();
    let sessions = config.models.reader_sessions;
    with_a_runtime(config, |runtime| {
        Reader::start(&ReaderOptions { folder: folder.clone(), runtime, sessions, patience: READER_PATIENCE })
    })
}

/// What authors should know of their files, once for each snapshot.
fn warn_of_problems(snapshot: &Snapshot) {
    for error in &snapshot.file_errors {
        tracing::warn!(file = error.path, "not served: {}", error.message);
    }
    for document in &snapshot.corpus.documents {
        for problem in document.problems.iter().filter(|p| p.severity == Severity::Error) {
            tracing::warn!(file = document.path, line = problem.line, "{}", problem.message);
        }
    }
    if snapshot.corpus.documents.is_empty() {
        tracing::warn!("there are no documents: put Markdown files into the knowledge folder");
    }
}

/// Tries the runtimes in their order, so that an installed library that is too old does not hide a
/// newer one that lies in the working directory.
fn with_a_runtime<T>(config: &Config, start: impl Fn(PathBuf) -> Result<T, ModelError>) -> Result<T, ModelError> {
    let mut first_error = None;
    for runtime in config.runtime_candidates() {
        match start(runtime) {
            Ok(started) => return Ok(started),
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
    let folder = config.model_folders(&config.models.embedder).into_iter().find(|folder| folder.is_dir());
    folder.map_or_else(
        || ModelSource::Hub { name: config.models.embedder.clone(), cache: config.model_cache() },
        ModelSource::Folder,
    )
}
