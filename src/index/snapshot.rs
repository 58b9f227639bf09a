//! A snapshot: its folder, its manifest, and the switch from one to the next.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dense::DenseIndex;
use super::lexical::LexicalIndex;
use super::tokens::TokenVectors;
use crate::corpus::Corpus;
use crate::models::ModelIdentity;

/// What a snapshot says of itself; checked before any other file is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// First 16 hex digits of the knowledge hash; `knowledge_version` in replies.
    pub knowledge_version: String,
    pub model: Option<ModelIdentity>,
    pub documents: usize,
    pub passages: usize,
}

/// Why a snapshot cannot serve; the caller builds a new one.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("placeholder")]
    Placeholder,
}

/// A file of the knowledge folder that is not served, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileError {
    pub path: String,
    pub message: String,
}

/// Everything a request reads, from start to end.
pub struct Snapshot {
    pub manifest: Manifest,
    pub corpus: Corpus,
    pub dense: DenseIndex,
    pub lexical: LexicalIndex,
    pub tokens: TokenVectors,
    /// Files that could not be read or parsed.
    pub file_errors: Vec<FileError>,
}

impl Snapshot {
    /// Opens the snapshot that the data folder names as current.
    ///
    /// # Errors
    /// [`SnapshotError`] when there is none or it does not fit this program, model or knowledge.
    pub fn open_current(_data: &Path) -> Result<Self, SnapshotError> {
        todo!()
    }
}
