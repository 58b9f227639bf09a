//! Settings: the encoder, the reader and their runtime.

use std::path::PathBuf;

use super::Sources;

/// The models in the repository.
pub const DEFAULT_EMBEDDER: &str = "all-minilm-l6-v2";
pub const DEFAULT_READER: &str = "reader";

/// `[models]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Models {
    /// A folder of `dir` with an ONNX model, a path to one, or a name that fastembed knows
    /// (`BGESmallENV15`, downloaded once). `embedder`, `DIALOGDESK_MODELS_EMBEDDER`.
    pub embedder: String,
    /// A folder of `dir` with the reader, or a path to one. `reader`, `DIALOGDESK_MODELS_READER`.
    pub reader: String,
    /// Where model folders are; absent: beside the binary, then `models/`. `dir`,
    /// `DIALOGDESK_MODELS_DIR`.
    pub dir: Option<PathBuf>,
    /// Where downloaded models are kept; absent: `models` in the data folder. `cache`,
    /// `DIALOGDESK_MODELS_CACHE`.
    pub cache: Option<PathBuf>,
    /// The ONNX Runtime library; absent: `ORT_DYLIB_PATH`, an installed one, beside the binary,
    /// then `runtime/`. `runtime`, `DIALOGDESK_MODELS_RUNTIME`.
    pub runtime: Option<PathBuf>,
    /// Encoder sessions, one thread each; the number of cores by default. `sessions`,
    /// `DIALOGDESK_MODELS_SESSIONS`.
    pub sessions: usize,
    /// Pairs of a question and a passage that are read at one time, one thread and about 35 MB each;
    /// two where there are two cores. `reader_sessions`, `DIALOGDESK_MODELS_READER_SESSIONS`.
    pub reader_sessions: usize,
    /// Texts that may wait for a session. `queue`, `DIALOGDESK_MODELS_QUEUE`.
    pub queue: usize,
}

impl Default for Models {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            embedder: DEFAULT_EMBEDDER.into(),
            reader: DEFAULT_READER.into(),
            dir: None,
            cache: None,
            runtime: None,
            sessions: cores,
            reader_sessions: cores.min(2),
            queue: 256,
        }
    }
}

impl Models {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut models = Self::default();
        sources.read("models.embedder", &mut models.embedder);
        sources.check("models.embedder", !models.embedder.trim().is_empty(), "must name a model");
        sources.read("models.reader", &mut models.reader);
        sources.check("models.reader", !models.reader.trim().is_empty(), "must name a folder");
        sources.read("models.dir", &mut models.dir);
        sources.read("models.cache", &mut models.cache);
        sources.read("models.runtime", &mut models.runtime);
        sources.read("models.sessions", &mut models.sessions);
        sources.check("models.sessions", models.sessions > 0, "must be at least 1");
        sources.read("models.reader_sessions", &mut models.reader_sessions);
        sources.check("models.reader_sessions", models.reader_sessions > 0, "must be at least 1");
        sources.read("models.queue", &mut models.queue);
        sources.check("models.queue", models.queue > 0, "must be at least 1");
        models
    }
}
