//! The vocabulary of the corpus: documents, blocks, sentences, passages, and how they are addressed.
//!
//! Plain data without I/O. How a file becomes a [`Document`] is told in `ingest`; how a passage is
//! found is told in `retrieve`.

mod anchor;
mod document;
mod passage;
mod plain;

pub use anchor::{Anchor, AnchorError};
pub use document::{
    Block, BlockId, BlockKind, Document, FrontMatter, List, ListId, Part, Problem, Severity, Speaker, SpeakerId,
    question_answered,
};
pub use passage::{Corpus, Passage, PassageId, PassageRef, Sentence, SentenceId};
pub use plain::{Plain, PlainBuilder, Segment};
