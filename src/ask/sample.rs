//! An engine over one small document, for the tests of what stands on it.

use std::path::Path;
use std::sync::Arc;

use super::{Engine, EngineOptions};
use crate::answer::{Means, Model};
use crate::index::Snapshot;
use crate::ingest;
use crate::ingest::build::{Build, NoProgress, build};
use crate::prompts::Prompts;

/// Searches lexically alone; templates of `prompts` stand before the shipped ones.
pub(crate) fn engine(text: &str, prompts: Option<&Path>, options: EngineOptions) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let (knowledge, data) = (folder.path().join("knowledge"), folder.path().join("data"));
    std::fs::create_dir_all(&knowledge).unwrap();
    std::fs::write(knowledge.join("orchard.md"), text).unwrap();
    let read = &ingest::read;
    build(&Build { knowledge: &knowledge, data: &data, encoder: None, read, progress: &NoProgress }).unwrap();
    let (prompts, model) = (Prompts::load(prompts).unwrap(), Model::shipped(Means::Words).unwrap());
    let engine = Engine::new(None, None, Arc::new(prompts), model, options);
    engine.serve(Arc::new(Snapshot::open_current(&data, None, read).unwrap()));
    engine
}
