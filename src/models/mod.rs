//! The encoder: text in, one vector and one vector per word piece out.
//!
//! Single-thread sessions, one per core, behind a bounded queue; each text is encoded alone, so
//! that a result never depends on what else is running. Knows nothing of passages or questions.

use std::path::PathBuf;
use std::time::Duration;

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

/// Why the encoder could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("placeholder")]
    Placeholder,
}

/// Why a text could not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("the encoder's queue is full")]
    Busy,
    #[error("the encoder failed: {0}")]
    Failed(String),
}

/// A handle to the sessions; clones share them.
#[derive(Clone)]
pub struct Encoder {}

impl Encoder {
    /// Loads the runtime and the model and starts the sessions.
    ///
    /// # Errors
    /// [`ModelError`] with what to do about it.
    pub fn start(_options: &EncoderOptions) -> Result<Self, ModelError> {
        todo!()
    }

    /// Encodes one text; blocks the calling thread until it is done. A full queue is refused at once.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode(&self, _text: &str) -> Result<Encoding, EncodeError> {
        todo!()
    }

    /// Encodes one text and waits for a free place in the queue: for indexing, never for a request.
    ///
    /// # Errors
    /// [`EncodeError::Failed`].
    pub fn encode_waiting(&self, _text: &str) -> Result<Encoding, EncodeError> {
        todo!()
    }

    /// Word pieces of a text without truncation, the two special ones included.
    #[must_use]
    pub fn count_pieces(&self, _text: &str) -> usize {
        todo!()
    }

    #[must_use]
    pub fn identity(&self) -> &ModelIdentity {
        todo!()
    }

    /// Time spent inside the sessions since the start, summed over them, for the metrics.
    #[must_use]
    pub fn busy(&self) -> Duration {
        todo!()
    }
}
