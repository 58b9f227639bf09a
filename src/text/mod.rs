//! Words and sentences with byte offsets: one chain for indexing, questions and selection.
//!
//! Pure functions over strings; nothing here knows documents.

mod sentences;
mod stop;
mod words;

pub use sentences::sentences;
pub use stop::is_stop_word;
pub use words::{Term, fold, is_cjk, stem, terms, word_ranges};
