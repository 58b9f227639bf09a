//! BM25 over passages and their context (tantivy).

use super::{PassageFilter, Scored};

/// A question as terms. Built by `question`, weighted there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LexicalQuery {
    /// Words as typed, lower case, without stop words; stemming and expansion are the index's.
    pub words: Vec<String>,
}

/// The lexical index of a snapshot.
pub struct LexicalIndex {}

impl LexicalIndex {
    /// The `limit` best passages by BM25, best first. Words that the index does not know are
    /// expanded through its dictionary into near words with a lower weight.
    #[must_use]
    pub fn search(&self, _query: &LexicalQuery, _limit: usize, _filter: Option<&PassageFilter>) -> Vec<Scored> {
        todo!()
    }

    /// How many passages hold this word's stem in body or context; 0 when unknown.
    #[must_use]
    pub fn document_frequency(&self, _word: &str) -> u64 {
        todo!()
    }

    /// The nearest words of the dictionary for an unknown word (at most `limit`), each with its
    /// weight in 0..1, best first; words as the documents print them, lower case.
    #[must_use]
    pub fn near_words(&self, _word: &str, _limit: usize) -> Vec<(String, f32)> {
        todo!()
    }
}
