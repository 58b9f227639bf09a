//! From passages to a reply: choose sentences, decide, compose, cite.
//!
//! Nothing here searches, and nothing is written that the sources do not say: the words around the
//! quotes come from templates.

mod about;
mod cite;
mod compose;
mod decide;
mod features;
mod kinds;
mod lists;
mod read;
mod score;
mod select;
mod window;

use std::ops::Range;

use crate::corpus::{BlockId, SentenceId, SpeakerId};
use crate::index::Snapshot;
use crate::question::{Kind, People, PersonId, Query};
use crate::text::{is_stop_word, terms};

pub use cite::{CiteError, cite, heading, kind, passage_citation};
pub use compose::{ComposeError, Composed, Part, RefusalView, compose};
pub use decide::{Decision, Means, Model, ModelFileError, decide};
pub use features::{FEATURES, Features, features};
pub use read::{ReadingSummary, ToRead, apply, to_read};
pub use select::{SelectOptions, Shortlist, select, shortlist};

/// What every stage reads: the snapshot and what was learned from it when it began to serve.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub snapshot: &'a Snapshot,
    pub people: &'a People,
}

impl Scene<'_> {
    /// The person that a document's speaker is.
    fn speaker(&self, document: usize, speaker: Option<SpeakerId>) -> Option<PersonId> {
        self.people.at(document, speaker?)
    }

    /// Inverse document frequency of a word over the passages.
    fn idf(&self, word: &str) -> f64 {
        let passages = self.snapshot.corpus.passages.len() as f64;
        let df = self.snapshot.lexical.document_frequency(word) as f64;
        (1.0 + (passages - df + 0.5) / (df + 0.5)).ln()
    }

    /// Whether a question holds nothing that could be looked for: no word of substance ("tell me
    /// more"), or none that any document has in any near spelling ("hello wrld").
    fn says_nothing(&self, query: &Query) -> bool {
        let lexical = &self.snapshot.lexical;
        let known = |w: &str| lexical.document_frequency(w) > 0 || !lexical.near_words(w, 1).is_empty();
        let bare = query.speakers.is_empty() && query.ordinal.is_none();
        // Two unknown words may be a paraphrase; the confidence judges that.
        let short = query.topic.len() <= 1 || query.kind == Kind::Keywords;
        bare && short && !query.topic.iter().any(|t| known(&t.folded))
    }

    /// Whether a phrase that names somebody holds a word that no document has, in any near spelling.
    /// Somebody whom the documents do mention may be talked about even if never quoted.
    fn is_unknown_name(&self, phrase: &str) -> bool {
        let lexical = &self.snapshot.lexical;
        let unknown = |w: &str| lexical.document_frequency(w) == 0 && lexical.near_words(w, 1).is_empty();
        let words = terms(phrase);
        // Names have capitals, where the question has any at all.
        let capitals = words.iter().any(|t| t.capital);
        words.iter().any(|t| (t.capital || !capitals) && !is_stop_word(&t.folded) && unknown(&t.folded))
            && (capitals || words.iter().any(|t| matches!(t.folded.as_str(), "of" | "from")))
    }

    /// Whose words a sentence is.
    fn voice(&self, id: SentenceId) -> Option<PersonId> {
        let sentence = &self.snapshot.corpus.sentences[id as usize];
        self.speaker(sentence.document, sentence.speaker)
    }

    /// Whether a sentence is the words of one of these people, or reports what they said.
    fn says(&self, id: SentenceId, people: &[PersonId]) -> bool {
        let corpus = &self.snapshot.corpus;
        let document = corpus.sentences[id as usize].document;
        let reported = self.speaker(document, corpus.reported[id as usize]);
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
