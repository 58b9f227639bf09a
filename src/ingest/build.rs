//! The story of a build: read the knowledge folder, see whether anything changed, encode what did,
//! write a snapshot, switch to it.
//!
//! When to build is the caller's business (start, `index`, a change seen by `watch`); what a
//! snapshot looks like on disk is told in `index::write`.

use std::io;
use std::path::Path;

use super::cache::EmbeddingCache;
use super::embed::embed;
use super::lock::BuildLock;
use crate::corpus::Corpus;
use crate::index::snapshot::{Current, FileError, ReadCorpus};
use crate::index::write::SnapshotWriter;
use crate::index::{Manifest, SnapshotError};
use crate::models::Encoder;

/// What to build, from what, with what.
pub struct Build<'a> {
    pub knowledge: &'a Path,
    pub data: &'a Path,
    /// None when it could not be loaded: the snapshot then has the lexical index alone.
    pub encoder: Option<&'a Encoder>,
    /// Discover, parse and split.
    pub read: ReadCorpus<'a>,
    pub progress: &'a dyn Progress,
}

/// What a build did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Built {
    /// The current snapshot is whole and fits; nothing was encoded or written.
    Unchanged(Current),
    /// A new snapshot is the current one, with the reason why it was built.
    New { current: Current, reason: String },
}

impl Built {
    /// The current snapshot, new or not.
    #[must_use]
    pub fn current(&self) -> &Current {
        match self {
            Self::Unchanged(current) | Self::New { current, .. } => current,
        }
    }
}

/// Why there is no new snapshot; the old one, if any, is still the current one.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the knowledge folder {folder} cannot be read: {source}")]
    Read { folder: String, source: io::Error },
    #[error("the data folder cannot be locked: {0}")]
    Lock(io::Error),
    #[error("the snapshot cannot be written: {0}")]
    Write(io::Error),
    #[error("a passage could not be encoded: {0}")]
    Encode(crate::models::EncodeError),
}

/// Told how far the encoding of passages is.
pub trait Progress: Sync {
    /// So many passages there are.
    fn total(&self, passages: u64);
    /// So many more are done.
    fn advance(&self, passages: u64);
    /// All are done.
    fn finish(&self);
}

/// Nobody watches.
pub struct NoProgress;

impl Progress for NoProgress {
    fn total(&self, _passages: u64) {}
    fn advance(&self, _passages: u64) {}
    fn finish(&self) {}
}

/// Builds a snapshot of the knowledge folder unless the current one is already that.
///
/// # Errors
/// [`BuildError`].
pub fn build(build: &Build<'_>) -> Result<Built, BuildError> {
    let _lock = BuildLock::acquire(build.data).map_err(BuildError::Lock)?;
    let read_error = |source| BuildError::Read { folder: build.knowledge.display().to_string(), source };
    let (corpus, file_errors) = (build.read)(build.knowledge).map_err(read_error)?;
    let wanted = Manifest::describe(&corpus, &file_errors, build.encoder.map(Encoder::identity));
    match fits(build.data, &wanted) {
        Ok(current) => Ok(Built::Unchanged(current)),
        Err(reason) => {
            tracing::info!(%reason, "building a snapshot");
            let current = write_snapshot(&corpus, &file_errors, build.encoder, build.data, build.progress)?;
            Ok(Built::New { current, reason })
        }
    }
}

/// Writes a snapshot of a corpus and makes it the current one. The caller holds the [`BuildLock`].
///
/// # Errors
/// [`BuildError`].
pub fn write_snapshot(
    corpus: &Corpus,
    file_errors: &[FileError],
    encoder: Option<&Encoder>,
    data: &Path,
    progress: &dyn Progress,
) -> Result<Current, BuildError> {
    let manifest = Manifest::describe(corpus, file_errors, encoder.map(Encoder::identity));
    let mut writer = SnapshotWriter::create(data, corpus, manifest).map_err(BuildError::Write)?;
    let Some(encoder) = encoder else { return writer.finish().map_err(BuildError::Write) };

    let mut cache = EmbeddingCache::open(data, encoder.identity()).map_err(BuildError::Write)?;
    embed(corpus, encoder, &mut cache, progress, |embedded| writer.add(embedded))?;
    let current = writer.finish().map_err(BuildError::Write)?;
    if let Err(error) = cache.prune() {
        // The snapshot is complete; only the next build may have to encode more than it needs to.
        tracing::warn!(%error, "the cache of encoded passages could not be tidied");
    }
    Ok(current)
}

/// The current snapshot if it is whole and is what `wanted` describes, else what is wrong with it.
/// Without an encoder the vectors of any model will do: they are left aside, and kept for the day
/// when the encoder is back.
fn fits(data: &Path, wanted: &Manifest) -> Result<Current, String> {
    let text = |error: SnapshotError| error.to_string();
    let current = Current::read(data).map_err(text)?;
    let found = current.manifest(data).map_err(text)?;
    let mut wanted = wanted.clone();
    if wanted.model.is_none() {
        wanted.model.clone_from(&found.model);
    }
    match found.differs(&wanted) {
        Some(reason) => Err(reason.into()),
        None => found.verify(&data.join("snapshots").join(&current.name)).map_err(text).map(|()| current),
    }
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
