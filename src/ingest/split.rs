//! Documents become passages and sentences.

use std::sync::Arc;

use crate::corpus::{Corpus, Document};

/// Splits documents (sorted by slug) into sentences and passages.
#[must_use]
pub fn split(_documents: Vec<Arc<Document>>) -> Corpus {
    todo!()
}
