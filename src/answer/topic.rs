//! What a question is about, measured against the documents: how rare each of its words is, under
//! which stems it may stand, whether any document has it at all. Worked out once for a question.

use super::Scene;
use crate::index::stems::StemId;
use crate::question::{Kind, Query};
use crate::text::{Term, is_stop_word, terms};

/// A content word of a question as the documents know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    pub(super) term: Term,
    /// Inverse document frequency over the passages.
    pub(super) idf: f64,
    /// No document has it, in any near spelling.
    pub(super) unknown: bool,
    /// Its own stem, when a document has it.
    stem: Option<StemId>,
    /// Stems of near spellings, its own included.
    forms: Vec<StemId>,
}

impl Word {
    fn of(scene: Scene<'_>, term: &Term) -> Self {
        Self {
            idf: scene.idf(&term.folded),
            unknown: scene.is_unknown(&term.folded),
            stem: scene.snapshot.stems.exact(term),
            forms: scene.snapshot.stems.forms(term),
            term: term.clone(),
        }
    }

    /// Whether the very word is among these stems (sorted).
    pub(super) fn is_in(&self, there: &[StemId]) -> bool {
        self.stem.is_some_and(|id| there.binary_search(&id).is_ok())
    }

    /// Whether the word or a near spelling of it is among these stems (sorted).
    pub(super) fn is_near(&self, there: &[StemId]) -> bool {
        self.forms.iter().any(|id| there.binary_search(id).is_ok())
    }

    /// Short everyday words ("old") say little about what is missing.
    fn tells(&self) -> bool {
        let length = self.term.folded.chars().count();
        if self.is_number() { length > 1 } else { self.term.capital || length > 4 }
    }

    pub(super) fn is_number(&self) -> bool {
        self.term.folded.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// The content words of one question.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Topic {
    pub(super) words: Vec<Word>,
}

impl Topic {
    /// Looks the content words of a question up.
    #[must_use]
    pub fn of(scene: Scene<'_>, query: &Query) -> Self {
        Self { words: query.topic.iter().map(|term| Word::of(scene, term)).collect() }
    }

    /// Sum of the words' idf.
    pub(super) fn weight(&self) -> f64 {
        self.words.iter().map(|w| w.idf).sum()
    }

    /// Share of the topic, by idf, that stands among these stems word for word, 0 to 1.
    pub(super) fn share_in(&self, there: &[StemId]) -> f64 {
        let found: f64 = self.words.iter().filter(|w| w.is_in(there)).map(|w| w.idf).sum();
        found / self.weight().max(f64::MIN_POSITIVE)
    }

    /// Words that no document holds and that tell what is missing, as typed in `text`: names, numbers
    /// of more than a digit, longer words.
    #[must_use]
    pub fn missing<'a>(&self, text: &'a str) -> Vec<&'a str> {
        self.words.iter().filter(|w| w.unknown && w.tells()).filter_map(|w| text.get(w.term.range.clone())).collect()
    }
}

impl Scene<'_> {
    /// Inverse document frequency of a word over the passages.
    fn idf(&self, word: &str) -> f64 {
        let passages = self.snapshot.corpus.passages.len() as f64;
        let df = self.snapshot.lexical.document_frequency(word) as f64;
        (1.0 + (passages - df + 0.5) / (df + 0.5)).ln()
    }

    /// Whether no document has a word, in any near spelling.
    fn is_unknown(&self, word: &str) -> bool {
        let lexical = &self.snapshot.lexical;
        lexical.document_frequency(word) == 0 && lexical.near_words(word, 1).is_empty()
    }

    /// Whether a question holds nothing that could be looked for: no word of substance ("tell me
    /// more"), or none that any document has in any near spelling ("hello wrld").
    pub(super) fn says_nothing(&self, query: &Query, topic: &Topic) -> bool {
        let bare = query.speakers.is_empty() && query.ordinal.is_none();
        // An unknown word in a question may be a paraphrase; the confidence judges that.
        let short = topic.words.is_empty() || query.kind == Kind::Keywords;
        bare && short && topic.words.iter().all(|w| w.unknown)
    }

    /// Whether a phrase that names somebody holds a word that no document has, in any near spelling.
    /// Somebody whom the documents do mention may be talked about even if never quoted.
    pub(super) fn is_unknown_name(&self, phrase: &str) -> bool {
        let words = terms(phrase);
        // Names have capitals, where the question has any at all.
        let capitals = words.iter().any(|t| t.capital);
        words.iter().any(|t| (t.capital || !capitals) && !is_stop_word(&t.folded) && self.is_unknown(&t.folded))
            && (capitals || words.iter().any(|t| matches!(t.folded.as_str(), "of" | "from")))
    }
}
