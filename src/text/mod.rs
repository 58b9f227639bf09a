//! Words and sentences with byte offsets: one chain for indexing, questions and selection.
//!
//! Pure functions over strings; nothing here knows documents.

mod polarity;
mod sentences;
mod spelling;
mod stop;
mod words;

pub use polarity::{are_opposite, has_opposite, is_denial, is_negative};
pub use sentences::sentences;
pub use stop::is_stop_word;
pub use words::{Term, fold, is_cjk, stem, terms, word_ranges};
