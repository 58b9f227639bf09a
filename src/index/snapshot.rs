//! A snapshot: its folder, how it is opened, and the switch from one to the next.
//!
//! `data/current` is one line: the name of a snapshot and the SHA-256 of its manifest. A snapshot
//! is `data/snapshots/NAME/`:
//!
//! | file | what |
//! |---|---|
//! | `manifest.json` | see `manifest` |
//! | `knowledge/…` | the served files, byte for byte |
//! | `lexical/…` | see `lexical` |
//! | `dense/…`, `tokens.bin` | see `dense` and `tokens`; absent when there was no encoder |
//!
//! It is written under another name, synced and renamed (`write`), so that what `current` names is
//! always complete. What goes into it is told in `ingest`.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::dense::DenseIndex;
use super::lexical::LexicalIndex;
use super::manifest::FORMAT;
pub(crate) use super::manifest::hex;
pub use super::manifest::{FileHash, Manifest};
use super::stems::Stems;
use super::tokens::TokenVectors;
use crate::corpus::Corpus;
use crate::models::ModelIdentity;

/// Reads a folder of documents: the knowledge folder, or a snapshot's copy of it. `ingest` has the
/// function; the index only knows that the same bytes give the same corpus.
pub type ReadCorpus<'a> = &'a dyn Fn(&Path) -> io::Result<(Corpus, Vec<FileError>)>;

/// Why a snapshot cannot serve; the caller builds a new one.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("there is no snapshot yet")]
    Missing,
    #[error("the file `current` does not name a snapshot: {0}")]
    Current(String),
    #[error("the snapshot has format {found}, this program writes {needed}")]
    Format { found: u32, needed: u32 },
    #[error("the snapshot was built with {found}, {needed} is configured")]
    Model { found: String, needed: String },
    #[error("the snapshot's documents are read differently by this program")]
    Passages,
    #[error("the snapshot's file {name} cannot be used: {reason}")]
    File { name: String, reason: String },
}

impl SnapshotError {
    pub(super) fn file(name: &str, reason: impl ToString) -> Self {
        Self::File { name: name.into(), reason: reason.to_string() }
    }
}

/// A file of the knowledge folder that is not served, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileError {
    pub path: String,
    pub message: String,
}

/// Everything a request reads, from start to end.
pub struct Snapshot {
    /// Name of its folder below `data/snapshots`.
    pub name: String,
    pub manifest: Manifest,
    pub corpus: Corpus,
    pub stems: Stems,
    pub lexical: LexicalIndex,
    /// Absent when there is no encoder (`degraded`).
    pub dense: Option<DenseIndex>,
    /// Absent when there is no encoder (`degraded`).
    pub tokens: Option<TokenVectors>,
    /// Files that could not be read or parsed.
    pub file_errors: Vec<FileError>,
}

/// What `data/current` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    pub name: String,
    /// SHA-256 of the manifest, lower-case hex.
    pub manifest: String,
}

impl Snapshot {
    /// Opens the snapshot that the data folder names as current. Without `model` (the encoder could
    /// not be loaded) vectors are left aside, whichever model made them.
    ///
    /// # Errors
    /// [`SnapshotError`] when there is none or it does not fit this program or model.
    pub fn open_current(
        data: &Path,
        model: Option<&ModelIdentity>,
        read: ReadCorpus<'_>,
    ) -> Result<Self, SnapshotError> {
        // A builder keeps the snapshot before the current one, so a second switch within the time
        // it takes to open one is what it takes to lose the race; then the next one is opened.
        let mut current = Current::read(data)?;
        loop {
            match Self::open(data, &current, model, read) {
                Ok(snapshot) => return Ok(snapshot),
                Err(error) => match Current::read(data)? {
                    newer if newer != current => current = newer,
                    _ => return Err(error),
                },
            }
        }
    }

    fn open(
        data: &Path,
        current: &Current,
        model: Option<&ModelIdentity>,
        read: ReadCorpus<'_>,
    ) -> Result<Self, SnapshotError> {
        let folder = folder(data, &current.name);
        let manifest = current.manifest(data)?;
        if let Some(needed) = model {
            same_model(manifest.model.as_ref(), needed)?;
        }
        manifest.verify(&folder)?;

        let (corpus, _) = read(&folder.join("knowledge")).map_err(|error| SnapshotError::file("knowledge", error))?;
        let found = Manifest::describe(&corpus, &manifest.file_errors, manifest.model.as_ref());
        if (&found.knowledge, &found.passages_hash) != (&manifest.knowledge, &manifest.passages_hash) {
            return Err(SnapshotError::Passages);
        }
        let lexical = LexicalIndex::open(&folder.join("lexical")).map_err(|e| SnapshotError::file("lexical", e))?;
        let dense = model.map(|_| DenseIndex::open(&folder.join("dense")));
        let dense = dense.transpose().map_err(|error| SnapshotError::file("dense", error))?;
        let tokens = model.map(|_| TokenVectors::open(&folder.join("tokens.bin")));
        let tokens = tokens.transpose().map_err(|error| SnapshotError::file("tokens.bin", error))?;
        let file_errors = manifest.file_errors.clone();
        let (name, stems) = (current.name.clone(), Stems::of(&corpus));
        let opened = Self { name, manifest, corpus, stems, lexical, dense, tokens, file_errors };
        opened.counts_agree()?;
        Ok(opened)
    }

    fn counts_agree(&self) -> Result<(), SnapshotError> {
        let passages = self.corpus.passages.len();
        let counts = [
            ("lexical", Some(self.lexical.passages())),
            ("dense", self.dense.as_ref().map(DenseIndex::passages)),
            ("tokens.bin", self.tokens.as_ref().map(TokenVectors::passages)),
        ];
        match counts.into_iter().find(|(_, count)| count.is_some_and(|count| count != passages)) {
            Some((name, _)) => Err(SnapshotError::file(name, format!("it is not about {passages} passages"))),
            None => Ok(()),
        }
    }
}

fn same_model(found: Option<&ModelIdentity>, needed: &ModelIdentity) -> Result<(), SnapshotError> {
    if found == Some(needed) {
        return Ok(());
    }
    let name = |model: &ModelIdentity| {
        format!("{} ({}, runtime {})", model.name, model.hash.get(..8).unwrap_or(&model.hash), model.runtime)
    };
    let found = found.map_or_else(|| "no model".into(), name);
    Err(SnapshotError::Model { found, needed: name(needed) })
}

impl Current {
    /// Reads `data/current`.
    ///
    /// # Errors
    /// [`SnapshotError::Missing`] when there is none, [`SnapshotError::Current`] when it cannot be read.
    pub fn read(data: &Path) -> Result<Self, SnapshotError> {
        let text = match std::fs::read_to_string(data.join("current")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SnapshotError::Missing),
            read => read.map_err(|error| SnapshotError::Current(error.to_string()))?,
        };
        let (name, manifest) =
            text.trim().split_once(' ').ok_or_else(|| SnapshotError::Current("it is not a name and a hash".into()))?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(SnapshotError::Current("its name is not one of a snapshot".into()));
        }
        Ok(Self { name: name.into(), manifest: manifest.into() })
    }

    /// The manifest, checked against its hash and the format of this program.
    ///
    /// # Errors
    /// [`SnapshotError::File`] or [`SnapshotError::Format`].
    pub fn manifest(&self, data: &Path) -> Result<Manifest, SnapshotError> {
        let failed = |reason: &dyn ToString| SnapshotError::file("manifest.json", reason.to_string());
        let bytes = std::fs::read(folder(data, &self.name).join("manifest.json")).map_err(|error| failed(&error))?;
        if hex(&Sha256::digest(&bytes)) != self.manifest {
            return Err(failed(&"its content is not what was written"));
        }
        // The format is read alone first: another one may have other fields.
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
        let format = value["format"].as_u64().and_then(|format| u32::try_from(format).ok());
        match format {
            Some(FORMAT) => serde_json::from_value(value).map_err(|error| failed(&error)),
            Some(found) => Err(SnapshotError::Format { found, needed: FORMAT }),
            None => Err(failed(&"it names no format")),
        }
    }
}

/// Folder of a snapshot.
pub(super) fn folder(data: &Path, name: &str) -> PathBuf {
    data.join("snapshots").join(name)
}
