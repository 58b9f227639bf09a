//! What a snapshot says of itself, and how that is checked before anything else is opened.
//!
//! A chain of hashes: `data/current` names a snapshot and the SHA-256 of its manifest, the manifest
//! names every file with its length and SHA-256.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::snapshot::{FileError, SnapshotError};
use crate::corpus::Corpus;
use crate::models::ModelIdentity;

/// Raised whenever a file of the snapshot is written differently or terms are made differently.
pub const FORMAT: u32 = 2;

/// What a snapshot says of itself; checked before any other file is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// First 16 hex digits of the knowledge hash; `knowledge_version` in replies.
    pub knowledge_version: String,
    /// SHA-256 over path and content of every served file, lower-case hex.
    pub knowledge: String,
    /// SHA-256 over everything that was searched, as it was split: a changed parser shows here.
    pub passages_hash: String,
    /// The model of the vectors; none when the encoder could not be loaded.
    pub model: Option<ModelIdentity>,
    pub documents: usize,
    pub passages: usize,
    /// Files that are not served.
    pub file_errors: Vec<FileError>,
    /// Every other file of the snapshot, by its path with `/`.
    pub files: BTreeMap<String, FileHash>,
}

/// What a file must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHash {
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl Manifest {
    /// Describes a corpus; files are added when they are written.
    #[must_use]
    pub fn describe(corpus: &Corpus, file_errors: &[FileError], model: Option<&ModelIdentity>) -> Self {
        let knowledge = knowledge_hash(corpus);
        Self {
            format: FORMAT,
            knowledge_version: knowledge[..16].to_owned(),
            knowledge,
            passages_hash: passages_hash(corpus),
            model: model.cloned(),
            documents: corpus.documents.len(),
            passages: corpus.passages.len(),
            file_errors: file_errors.to_vec(),
            files: BTreeMap::new(),
        }
    }

    /// What keeps this snapshot from standing in for one that `wanted` describes; none when it can.
    #[must_use]
    pub fn differs(&self, wanted: &Self) -> Option<&'static str> {
        let differences = [
            (self.format != wanted.format, "the format of snapshots changed"),
            (self.model != wanted.model, "the model or the runtime changed"),
            (self.knowledge != wanted.knowledge, "the knowledge folder changed"),
            (self.passages_hash != wanted.passages_hash, "documents are read differently now"),
            (self.file_errors != wanted.file_errors, "other files cannot be served now"),
        ];
        differences.into_iter().find_map(|(differs, reason)| differs.then_some(reason))
    }

    /// Reads and hashes every file of the snapshot in `folder`.
    ///
    /// # Errors
    /// [`SnapshotError::File`] with the first that is missing or not the one that was written.
    pub fn verify(&self, folder: &Path) -> Result<(), SnapshotError> {
        for (name, wanted) in &self.files {
            let found = FileHash::of(&folder.join(name)).map_err(|error| SnapshotError::file(name, error))?;
            if found.bytes != wanted.bytes {
                let reason = format!("it has {} bytes, {} were written", found.bytes, wanted.bytes);
                return Err(SnapshotError::file(name, reason));
            }
            if found.sha256 != wanted.sha256 {
                return Err(SnapshotError::file(name, "its content is not what was written"));
            }
        }
        Ok(())
    }
}

impl FileHash {
    /// Hashes a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok(Self { bytes, sha256: hex(&hasher.finalize()) });
            }
            hasher.update(&buffer[..read]);
            bytes += read as u64;
        }
    }
}

/// Lower-case hex.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn knowledge_hash(corpus: &Corpus) -> String {
    let mut hasher = Sha256::new();
    for document in &corpus.documents {
        feed(&mut hasher, &document.path);
        feed(&mut hasher, &document.sha256);
    }
    hex(&hasher.finalize())
}

fn passages_hash(corpus: &Corpus) -> String {
    let mut hasher = Sha256::new();
    for id in 0..corpus.passages.len() as u32 {
        let passage = corpus.passage(id);
        feed(&mut hasher, &passage.document.slug);
        feed(&mut hasher, passage.document.language());
        feed(&mut hasher, passage.block.anchor.as_str());
        feed(&mut hasher, &passage.passage.context);
        feed(&mut hasher, passage.text());
    }
    hex(&hasher.finalize())
}

/// Length first, so that no two lists of texts read alike.
fn feed(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text);
}
