//! Settings: the folders the program reads and writes. Relative paths count from the working
//! directory.

use std::path::PathBuf;

use super::Sources;

/// Folders, at the top of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The Markdown files to serve. `knowledge`, `DIALOGDESK_KNOWLEDGE`, `--knowledge`.
    pub knowledge: PathBuf,
    /// Snapshots, caches and conversations. `data`, `DIALOGDESK_DATA`, `--data`.
    pub data: PathBuf,
    /// Templates that replace the built-in ones. `prompts`, `DIALOGDESK_PROMPTS`.
    pub prompts: Option<PathBuf>,
    /// Page assets that replace the built-in ones. `ui`, `DIALOGDESK_UI`.
    pub ui: Option<PathBuf>,
}

impl Default for Paths {
    fn default() -> Self {
        Self { knowledge: "knowledge".into(), data: "data".into(), prompts: None, ui: None }
    }
}

impl Paths {
    pub(super) fn read(sources: &mut Sources) -> Self {
        let mut paths = Self::default();
        sources.read("knowledge", &mut paths.knowledge);
        sources.read("data", &mut paths.data);
        sources.read("prompts", &mut paths.prompts);
        sources.read("ui", &mut paths.ui);
        paths
    }
}
