//! Where a model's files come from, and how they become sessions.
//!
//! A folder on disk, or a model that fastembed knows by name and downloads once (`HF_ENDPOINT` and
//! `HF_HOME` are respected, as in every tool that uses the hub).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use fastembed::{
    EmbeddingModel, InitOptionsUserDefined, ModelTrait, Pooling, QuantizationMode, TextEmbedding, TextInitOptions,
    TokenizerFiles, UserDefinedEmbeddingModel,
};
use sha2::{Digest, Sha256};

use super::parallel::in_parallel;
use super::runtime::{Runtime, without_arena};
use super::session::Session;
use super::{MAX_PIECES, ModelError, ModelSource};

/// A model ready to encode.
pub(super) struct Loaded {
    pub(super) name: String,
    /// SHA-256 of the model file and the tokenizer, lower-case hex.
    pub(super) hash: String,
    pub(super) sessions: Vec<Session>,
}

/// Session settings: threads that wait for work sleep instead of spinning.
const SESSION_CONFIG: [(&str, &str); 3] = [
    ("session.intra_op.allow_spinning", "0"),
    ("session.inter_op.allow_spinning", "0"),
    // The fused kernel is a quarter slower than its parts on one thread (16 pieces 1.6 against
    // 1.3 ms, 96 pieces 6.0 against 4.5 ms).
    ("optimization.disable_specified_optimizers", "SkipLayerNormFusion"),
];

/// Loads `sessions` sessions, at least one.
pub(super) fn load(source: &ModelSource, sessions: usize, runtime: &Runtime) -> Result<Loaded, ModelError> {
    let sessions = sessions.max(1);
    match source {
        ModelSource::Folder(folder) => load_folder(folder, sessions, runtime),
        ModelSource::Hub { name, cache } => load_hub(name, cache, sessions, runtime),
    }
}

fn load_folder(folder: &Path, sessions: usize, runtime: &Runtime) -> Result<Loaded, ModelError> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|source| ModelError::File { path, source })
    };
    let onnx = read("model.onnx")?;
    let tokenizer_files = TokenizerFiles {
        tokenizer_file: read("tokenizer.json")?,
        config_file: read("config.json")?,
        special_tokens_map_file: read("special_tokens_map.json")?,
        tokenizer_config_file: read("tokenizer_config.json")?,
    };
    let name = folder_name(folder);
    let hash = hash(&[&onnx, &tokenizer_files.tokenizer_file]);
    // Dynamic: fastembed then refuses to encode a text in parts of a batch. Harmless for a model
    // that is not quantized, as each text is encoded alone anyway.
    let model = UserDefinedEmbeddingModel::new(onnx, tokenizer_files)
        .with_pooling(Pooling::Mean)
        .with_quantization(QuantizationMode::Dynamic);
    let start = || {
        let mut options = InitOptionsUserDefined::new()
            .with_environment(runtime.environment.clone())
            .with_execution_providers(without_arena())
            .with_intra_threads(1)
            .with_max_length(MAX_PIECES);
        for (key, value) in SESSION_CONFIG {
            options = options.with_session_config(key, value);
        }
        let model = guarded(|| TextEmbedding::try_new_from_user_defined(model.clone(), options))
            .map_err(|reason| ModelError::Load { name: name.clone(), reason })?;
        Ok(Session { model, pooling: Pooling::Mean, output: None })
    };
    let sessions = in_parallel(sessions, start)?;
    Ok(Loaded { name, hash, sessions })
}

fn load_hub(name: &str, cache: &Path, sessions: usize, runtime: &Runtime) -> Result<Loaded, ModelError> {
    let model = EmbeddingModel::from_str(name).map_err(|_| unknown(name))?;
    let info = EmbeddingModel::get_model_info(&model).ok_or_else(|| unknown(name))?;
    let pooling = TextEmbedding::get_default_pooling_method(&model).unwrap_or_default();
    let start = || {
        let mut options = TextInitOptions::new(model.clone())
            .with_environment(runtime.environment.clone())
            .with_cache_dir(cache.into())
            .with_show_download_progress(false)
            .with_execution_providers(without_arena())
            .with_intra_threads(1)
            .with_max_length(MAX_PIECES);
        for (key, value) in SESSION_CONFIG {
            options = options.with_session_config(key, value);
        }
        let model = guarded(|| TextEmbedding::try_new(options))
            .map_err(|reason| ModelError::Download { name: name.into(), reason })?;
        Ok(Session { model, pooling: pooling.clone(), output: info.output_key.clone() })
    };
    // One after the other: the first one downloads.
    let sessions = (0..sessions).map(|_| start()).collect::<Result<_, ModelError>>()?;
    let files: Vec<&str> = std::iter::once(info.model_file.as_str())
        .chain(info.additional_files.iter().map(String::as_str))
        .chain(["tokenizer.json"])
        .collect();
    let hash = hash_cached(cache, &info.model_code, &files)?;
    Ok(Loaded { name: model.to_string(), hash, sessions })
}

fn unknown(name: &str) -> ModelError {
    let mut known: Vec<String> =
        TextEmbedding::list_supported_models().iter().map(|info| info.model.to_string()).collect();
    known.sort();
    ModelError::UnknownName { name: name.into(), known }
}

/// The hub's cache keeps files under the commit that `refs/main` names.
fn hash_cached(cache: &Path, code: &str, files: &[&str]) -> Result<String, ModelError> {
    let root = std::env::var_os("HF_HOME").map_or_else(|| cache.to_path_buf(), PathBuf::from);
    let repository = root.join(format!("models--{}", code.replace('/', "--")));
    let read = |path: PathBuf| std::fs::read(&path).map_err(|source| ModelError::File { path, source });
    let commit = String::from_utf8_lossy(&read(repository.join("refs/main"))?).trim().to_owned();
    let snapshot = repository.join("snapshots").join(commit);
    let contents = files.iter().map(|file| read(snapshot.join(file))).collect::<Result<Vec<_>, _>>()?;
    Ok(hash(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// SHA-256 over the files, each preceded by its length so that no two lists read alike.
pub(super) fn hash(files: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update((file.len() as u64).to_le_bytes());
        hasher.update(file);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lower-case name of the folder itself, whatever link leads to it.
pub(super) fn folder_name(folder: &Path) -> String {
    let full = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    full.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().to_lowercase())
}

/// The hub client asserts what a server answers; a panic there is an error like any other.
fn guarded<T>(load: impl FnOnce() -> fastembed::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(load)) {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(error)) => Err(chain(&error)),
        Err(_) => Err("the loader panicked; the model's files or the server's answer are not as expected".into()),
    }
}

/// An error with its causes, which fastembed keeps apart.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
