//! From passages to a reply: choose sentences, decide, compose, cite.
//!
//! Nothing here searches, and nothing is written that the sources do not say: the words around the
//! quotes come from templates.

mod about;
mod cite;
mod compose;
mod credit;
mod decide;
mod features;
mod kinds;
mod lists;
mod names;
mod premise;
mod read;
mod score;
mod select;
mod topic;
mod window;

use std::ops::Range;

use crate::corpus::{BlockId, SentenceId, SpeakerId};
use crate::index::Snapshot;
use crate::mechanism::{Mechanism, Mechanisms};
use crate::question::{People, PersonId};

pub use cite::{CiteError, cite, heading, kind, passage_citation};
pub use compose::{ComposeError, Composed, Part, QuoteView, RefusalView, compose};
pub use decide::{Decision, FittedOn, Means, Model, ModelFileError, decide};
pub use features::{FEATURES, Features, features};
pub use read::{ReadingSummary, ToRead, apply, to_read};
pub use select::{SelectOptions, Shortlist, select, shortlist};
pub use topic::Topic;

/// What every stage reads: the snapshot and what was learned from it when it began to serve.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub people: &'a People,
    /// What is in use.
    pub mechanisms: Mechanisms,
}

impl Scene<'_> {
    fn uses(&self, mechanism: Mechanism) -> bool {
        self.mechanisms.has(mechanism)
    }

    /// The person that a document's speaker is.
    fn speaker(&self, document: usize, speaker: Option<SpeakerId>) -> Option<PersonId> {
        self.people.at(document, speaker?)
    }

    /// Whose words a sentence is.
    fn voice(&self, id: SentenceId) -> Option<PersonId> {
        let sentence = &self.snapshot.corpus.sentences[id as usize];
        let turn = self.snapshot.corpus.documents[sentence.document].blocks[sentence.block].turn();
        let known = turn.is_some() || self.uses(Mechanism::Attribution);
        self.speaker(sentence.document, sentence.speaker.filter(|_| known))
    }

    /// Whose words a range of a block's plain text is, when it is one person's throughout.
    fn voice_of(&self, document: usize, block: BlockId, words: &Range<usize>) -> Option<PersonId> {
        let mut voices = self.snapshot.corpus.sentences_within(document, block, words).map(|id| self.voice(id));
        let first = voices.next()??;
        voices.all(|voice| voice == Some(first)).then_some(first)
    }

    /// Whether a sentence is the words of one of these people, or reports what they said.
    fn says(&self, id: SentenceId, people: &[PersonId]) -> bool {
        let corpus = &self.snapshot.corpus;
        let document = corpus.sentences[id as usize].document;
        let reported = corpus.reported[id as usize].filter(|_| self.uses(Mechanism::Attribution));
        let reported = self.speaker(document, reported);
        self.voice(id).or(reported).is_some_and(|p| people.contains(&p))
    }
}

/// How an answer is put together; names a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One statement.
    Fact,
    /// Words of one person.
    Quote,
    /// A lead-in and its items.
    List,
    /// Statements from several places.
    Several,
    /// A count that the template states, cited to the first and last block counted.
    Count,
}

/// A run of words to be quoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub document: usize,
    pub block: BlockId,
    /// Range of the block's plain text.
    pub words: Range<usize>,
    /// Whose words they are.
    pub speaker: Option<PersonId>,
    pub place: Place,
    /// Says again what a statement before it says: cited there, not shown again.
    pub repeats: Option<usize>,
    /// The words that answer, as the reader sees it: set in bold where that can be shown.
    pub key: Option<Range<usize>>,
    /// What it was chosen by; comparable within one question.
    pub score: f32,
}

/// The part a statement plays in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Main,
    LeadIn,
    Item,
}

/// What was found for one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub shape: Shape,
    pub statements: Vec<Statement>,
    /// What a count comes to.
    pub count: Option<usize>,
    /// Read off the structure of the document (its title, its list of sections), not matched by words.
    pub structural: bool,
    /// The best sentence held what kind of thing was asked for; `None` when nothing certain was.
    pub kind_fits: Option<bool>,
    /// Similarity of the question with the best sentence, 0 to 1.
    pub sentence_sim: f32,
    /// Distance of the best block to the next one in standard deviations.
    pub margin: f32,
    /// Says the opposite of what the question presupposes.
    pub contradiction: Option<Statement>,
    /// The question is of somewhere, or somebody, that no document names: what was found is about
    /// another place.
    pub elsewhere: bool,
}

/// Why no statement can be offered, before any threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nothing {
    /// Nothing was retrieved.
    Empty,
    /// The named person speaks in no document.
    UnknownSpeaker(String),
    /// The person speaks, but no words of theirs were found near the topic.
    SpeakerSilent(PersonId),
    /// A list was found, and it has fewer items than the one asked for.
    NoSuchItem,
    /// Nothing that quotes can answer.
    Instruction,
}
