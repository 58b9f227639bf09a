//! The encoder: text in, one vector and one vector per word piece out. Beside it the [`reader`],
//! which judges a passage for a question.
//!
//! Single-thread sessions, one per core, behind a bounded queue; each text is encoded alone, so
//! that a result never depends on what else is running. Knows nothing of passages or questions.

pub mod reader;

mod load;
mod panics;
mod parallel;
mod pool;
mod runtime;
mod session;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokenizers::Tokenizer;

use pool::Pool;

pub use reader::{ReadError, Reader, ReaderIdentity, ReaderOptions, Reading};

/// Where the model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A folder with `model.onnx`, `tokenizer.json` and its companions.
    Folder(PathBuf),
    /// A model that fastembed knows by name, downloaded once into `cache`.
    Hub { name: String, cache: PathBuf },
}

/// How to start an [`Encoder`].
#[derive(Debug, Clone)]
pub struct EncoderOptions {
    pub model: ModelSource,
    /// The ONNX Runtime shared library.
    pub runtime: PathBuf,
    /// Sessions, one thread each.
    pub sessions: usize,
    /// Texts that may wait; one more is refused with [`EncodeError::Busy`].
    pub queue: usize,
}

/// Which model this is, as named in replies and in the manifest of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ModelIdentity {
    /// `all-minilm-l6-v2`, or the name fastembed knows it by.
    pub name: String,
    /// SHA-256 of the model file and the tokenizer, lower-case hex.
    pub hash: String,
    /// Components of every vector.
    pub dimensions: usize,
    /// Version of ONNX Runtime.
    pub runtime: String,
}

/// What the encoder makes of one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoding {
    /// Mean-pooled, L2-normalised, finite.
    pub vector: Vec<f32>,
    /// Ids of the word pieces, the two special ones left out.
    pub pieces: Vec<u32>,
    /// Bytes of the text that each piece covers.
    pub offsets: Vec<std::ops::Range<usize>>,
    /// One L2-normalised vector per piece, one after another (`pieces.len() * dimensions`).
    pub piece_vectors: Vec<f32>,
}

/// Most word pieces of one text, the two special ones included; longer texts are cut.
pub const MAX_PIECES: usize = 256;

/// Why the encoder could not be started; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error(
        "ONNX Runtime cannot be loaded from {path} ({reason}); run `make runtime`, or set ORT_DYLIB_PATH to an \
         installed library"
    )]
    RuntimeMissing { path: PathBuf, reason: String },
    #[error(
        "ONNX Runtime at {path} is version {found}, {needed} or later is needed; run `make runtime`, or set \
         ORT_DYLIB_PATH to a newer library"
    )]
    RuntimeTooOld { path: PathBuf, found: String, needed: String },
    #[error("ONNX Runtime at {path} does not start: {reason}")]
    Runtime { path: PathBuf, reason: String },
    #[error(
        "the model's file {path} cannot be read ({source}); restore the folder with `git checkout`, or name another \
         one in the settings"
    )]
    File { path: PathBuf, source: std::io::Error },
    #[error("there is no model {name:?}; known are {}", known.join(", "))]
    UnknownName { name: String, known: Vec<String> },
    #[error(
        "the model {name} could not be downloaded or loaded ({reason}); put it into a folder and configure that, or \
         check the network and HF_ENDPOINT"
    )]
    Download { name: String, reason: String },
    #[error(
        "the model {name} does not load ({reason}); `dialogdesk check` says which of its files is not the original"
    )]
    Load { name: String, reason: String },
    #[error("the model {name} does not work on a trial text ({reason}); is it another kind of model?")]
    Trial { name: String, reason: String },
    #[error("the encoder's threads do not start: {0}")]
    Threads(std::io::Error),
}

/// Why a text could not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("the encoder's queue is full")]
    Busy,
    #[error("the encoder failed: {0}")]
    Failed(String),
}

/// Encodes one text; called from one thread only.
pub type SessionFunction = Box<dyn FnMut(&str) -> Result<Encoding, EncodeError> + Send>;

/// A handle to the sessions; clones share them. The sessions end with the last handle.
#[derive(Clone)]
pub struct Encoder {
    pool: Pool,
    shared: Arc<Shared>,
}

struct Shared {
    identity: ModelIdentity,
    sessions: usize,
    /// Counts pieces: without truncation. Absent for an encoder made of functions.
    counter: Option<Tokenizer>,
}

impl Encoder {
    /// Loads the runtime and the model and starts the sessions.
    ///
    /// # Errors
    /// [`ModelError`] with what to do about it.
    pub fn start(options: &EncoderOptions) -> Result<Self, ModelError> {
        let runtime = runtime::load(&options.runtime)?;
        // The tokenizer would hand every single text to its thread pool and wait for it.
        tokenizers::parallelism::set_parallelism(false);
        let mut loaded = load::load(&options.model, options.sessions, &runtime)?;
        let counter = counter(&loaded)?;
        let dimensions = trial(&mut loaded)?;
        let identity =
            ModelIdentity { name: loaded.name, hash: loaded.hash, dimensions, runtime: runtime.version.clone() };
        let sessions = loaded
            .sessions
            .into_iter()
            .map(|mut session| Box::new(move |text: &str| session.encode(text)) as SessionFunction)
            .collect();
        Self::assemble(identity, sessions, options.queue, Some(counter))
    }

    /// An encoder whose sessions are functions, for tests of what is built upon it.
    ///
    /// # Errors
    /// [`ModelError::Threads`].
    pub fn from_functions(
        identity: ModelIdentity,
        sessions: Vec<SessionFunction>,
        queue: usize,
    ) -> Result<Self, ModelError> {
        Self::assemble(identity, sessions, queue, None)
    }

    fn assemble(
        identity: ModelIdentity,
        sessions: Vec<SessionFunction>,
        queue: usize,
        counter: Option<Tokenizer>,
    ) -> Result<Self, ModelError> {
        let shared = Arc::new(Shared { identity, sessions: sessions.len(), counter });
        let pool = Pool::start(sessions, queue).map_err(ModelError::Threads)?;
        Ok(Self { pool, shared })
    }

    /// Encodes one text; blocks the calling thread until it is done. A full queue is refused at once.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode(&self, text: &str) -> Result<Encoding, EncodeError> {
        self.pool.encode(text)
    }

    /// Encodes one text when no request waits: for indexing, never for a request.
    ///
    /// # Errors
    /// [`EncodeError::Failed`].
    pub fn encode_waiting(&self, text: &str) -> Result<Encoding, EncodeError> {
        self.pool.encode_waiting(text)
    }

    /// Word pieces of a text without truncation, the two special ones included.
    #[must_use]
    pub fn count_pieces(&self, text: &str) -> usize {
        let words = || text.split_whitespace().count() + 2;
        let counted = self.shared.counter.as_ref().map(|counter| counter.encode(text, true));
        counted.map_or_else(words, |read| read.map_or_else(|_| words(), |read| read.len()))
    }

    #[must_use]
    pub fn identity(&self) -> &ModelIdentity {
        &self.shared.identity
    }

    /// How many texts are encoded at once.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.shared.sessions
    }

    /// Processor time spent inside the sessions since the start, summed over them, for the metrics.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.pool.busy()
    }
}

/// The model's tokenizer without truncation and padding.
fn counter(loaded: &load::Loaded) -> Result<Tokenizer, ModelError> {
    let failed = |reason: &dyn ToString| ModelError::Load { name: loaded.name.clone(), reason: reason.to_string() };
    let session = loaded.sessions.first().ok_or_else(|| failed(&"there is no session"))?;
    let mut counter = session.model.tokenizer.clone();
    counter.with_truncation(None).map_err(|error| failed(&error))?;
    counter.with_padding(None);
    Ok(counter)
}

/// Encodes a short text on every session: the first pass of a session is slow, and a model whose
/// output has an unexpected shape is found here and not at the first question.
fn trial(loaded: &mut load::Loaded) -> Result<usize, ModelError> {
    let failed = |reason: String| ModelError::Trial { name: loaded.name.clone(), reason };
    let mut dimensions = 0;
    for session in &mut loaded.sessions {
        dimensions = session.encode("A trial.").map_err(|error| failed(error.to_string()))?.vector.len();
    }
    if dimensions == 0 || dimensions % 8 != 0 {
        return Err(failed(format!("its vectors have {dimensions} components, not a multiple of 8")));
    }
    Ok(dimensions)
}

#[cfg(test)]
mod tests;
