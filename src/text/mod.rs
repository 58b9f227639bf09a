//! Words and sentences with byte offsets: one chain for indexing, questions and selection.
//!
//! Pure functions over strings; nothing here knows documents.

mod irregular;
mod markers;
mod pattern;
mod polarity;
mod sentences;
mod spelling;
mod stop;
mod words;

pub use markers::markers;
pub use pattern::pattern;
pub use polarity::{are_opposite, has_opposite, is_denial, is_negative};
pub use sentences::sentences;
pub use stop::is_stop_word;
pub use words::{Term, capitalised, fold, is_cjk, last_words, stem, terms, word_ranges};
