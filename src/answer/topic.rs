//! What a question is about, measured against the documents: how rare each of its words is, under
//! which stems it may stand, whether any document has it at all. Worked out once for a question.

use std::ops::Range;

use super::Scene;
use crate::index::stems::StemId;
use crate::question::{Kind, Query};
use crate::text::{Term, is_stop_word, terms, word_ranges};

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

/// What a name follows that says where something is, comes from or belongs to.
const OF: [&str; 7] = ["of", "in", "at", "from", "to", "near", "with"];

impl Topic {
    /// Whether a question says by name where, or of whom, something is, and no document has that name
    /// in any near spelling ("… of Reykjavik", "… in Kunming?"). A name in another place of the question
    /// may be another word for what the documents say ("Southeast", "Laotian").
    pub(super) fn is_of_elsewhere(&self, text: &str) -> bool {
        let shouted = !text.contains(char::is_lowercase);
        let follows = |range: &Range<usize>| {
            let before = text.get(..range.start).unwrap_or_default();
            let last = word_ranges(before).last().filter(|last| before[last.end..].trim().is_empty());
            last.is_some_and(|last| OF.contains(&before[last].to_lowercase().as_str()))
        };
        let is_name = |folded: &str| folded.chars().all(char::is_alphabetic) && !is_calendar(folded);
        let names_another = |w: &Word| w.unknown && w.term.capital && is_name(&w.term.folded);
        !shouted && self.words.iter().any(|w| names_another(w) && follows(&w.term.range))
    }
}

/// Days and months are written in figures as well.
fn is_calendar(folded: &str) -> bool {
    const NAMES: &str = "monday tuesday wednesday thursday friday saturday sunday january february march april may june \
                         july august september october november december";
    NAMES.split(' ').any(|name| name == folded.trim_end_matches('s'))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A question of whose words these are in no document.
    fn is_of_elsewhere(question: &str, unknown: &[&str]) -> bool {
        let word = |term: Term| Word {
            unknown: unknown.contains(&term.folded.as_str()),
            idf: 1.0,
            stem: None,
            forms: Vec::new(),
            term,
        };
        Topic { words: terms(question).into_iter().map(word).collect() }.is_of_elsewhere(question)
    }

    #[test]
    fn a_place_that_no_document_names_is_elsewhere() {
        assert!(is_of_elsewhere("How many attend the university of Reykjavik?", &["university", "reykjavik"]));
        assert!(is_of_elsewhere("Why was it moved from Kelday to Oslo?", &["oslo"]));
        for (question, unknown) in [
            ("How many attend the university of Reykjavik?", "university"), // the name is known
            ("Who governs the Laotian capital?", "laotian"),                // another word for a known place
            ("Which Southeast Asian states came?", "southeast"),
            ("Was it opened in February?", "february"),
            ("How many tonnes of CO2 were saved?", "co2"),
            ("WHO IS THE MAYOR OF REYKJAVIK", "reykjavik"), // capitals tell nothing here
            ("What became of rockets?", "rockets"),
        ] {
            assert!(!is_of_elsewhere(question, &[unknown]), "{question}");
        }
    }
}
