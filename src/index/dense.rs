//! Dense vectors: a graph (hnsw_rs) and an exact scan over the same file.

use super::{PassageFilter, Scored};

/// The passage vectors of a snapshot.
pub struct DenseIndex {}

impl DenseIndex {
    /// The `limit` nearest passages by cosine similarity (the score), best first.
    #[must_use]
    pub fn search(&self, _query: &[f32], _limit: usize, _filter: Option<&PassageFilter>) -> Vec<Scored> {
        todo!()
    }
}
