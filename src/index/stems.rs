//! The stems of every sentence and passage, worked out once when a snapshot is opened, so that no
//! question has to stem a text again.
//!
//! A stem is a number: its place in the sorted vocabulary. What a match is worth is told in `answer`.

use std::collections::BTreeSet;

use crate::corpus::{Corpus, PassageId, PassageRef, SentenceId};
use crate::text::{Term, terms};

/// Place of a stem in the sorted vocabulary.
pub type StemId = u32;

/// Which stems stand where.
#[derive(Debug, Clone, Default)]
pub struct Stems {
    /// Sorted.
    vocabulary: Vec<String>,
    sentences: Vec<Box<[StemId]>>,
    /// Of the whole block and of the passage's context.
    passages: Vec<Box<[StemId]>>,
    /// Folded words that stand somewhere without a capital.
    plain: BTreeSet<String>,
}

impl Stems {
    /// Stems everything that can be quoted or is searched with it.
    #[must_use]
    pub fn of(corpus: &Corpus) -> Self {
        let mut plain = BTreeSet::new();
        let mut stemmed = |text: &str| {
            let words = terms(text);
            plain.extend(words.iter().filter(|t| !t.capital).map(|t| t.folded.clone()));
            words.into_iter().map(|t| t.stem).collect::<BTreeSet<String>>()
        };
        let sentences: Vec<BTreeSet<String>> =
            (0..corpus.sentences.len()).map(|id| stemmed(corpus.sentence_text(id as SentenceId))).collect();
        let mut passage = |p: PassageRef<'_>| stemmed(&format!("{} {}", p.passage.context, p.block.text.text));
        let passages: Vec<BTreeSet<String>> =
            (0..corpus.passages.len()).map(|id| passage(corpus.passage(id as PassageId))).collect();
        let vocabulary: BTreeSet<&String> = sentences.iter().chain(&passages).flatten().collect();
        let vocabulary: Vec<String> = vocabulary.into_iter().cloned().collect();
        let numbered = |set: &BTreeSet<String>| {
            set.iter().filter_map(|s| vocabulary.binary_search(s).ok()).map(|id| id as StemId).collect()
        };
        Self {
            sentences: sentences.iter().map(numbered).collect(),
            passages: passages.iter().map(numbered).collect(),
            vocabulary,
            plain,
        }
    }

    /// The stems of a sentence, sorted, each once.
    #[must_use]
    pub fn sentence(&self, id: SentenceId) -> &[StemId] {
        self.sentences.get(id as usize).map_or(&[], |s| s)
    }

    /// The stems of a passage's whole block and of its context, sorted, each once.
    #[must_use]
    pub fn passage(&self, id: PassageId) -> &[StemId] {
        self.passages.get(id as usize).map_or(&[], |s| s)
    }

    /// The stem that a number stands for.
    #[must_use]
    pub fn word(&self, id: StemId) -> &str {
        &self.vocabulary[id as usize]
    }

    /// Whether a folded word stands anywhere without a capital: then one that begins a sentence with
    /// a capital need not be a name.
    #[must_use]
    pub fn stands_plain(&self, folded: &str) -> bool {
        self.plain.contains(folded)
    }

    /// Every stem under which a word may stand: its own, and those of a near spelling (one letter
    /// for words of at least five, two from eight on; the first letter and all digits as they are).
    #[must_use]
    pub fn forms(&self, term: &Term) -> Vec<StemId> {
        let length = term.stem.chars().count();
        let allowed = if length >= 8 { 2 } else { usize::from(length >= 5) };
        let first = term.stem.as_bytes().first();
        if allowed == 0 || first.is_some_and(u8::is_ascii_digit) {
            return self.vocabulary.binary_search(&term.stem).map(|id| id as StemId).into_iter().collect();
        }
        let from = self.vocabulary.partition_point(|w| w.as_bytes().first() < first);
        let to = self.vocabulary.partition_point(|w| w.as_bytes().first() <= first);
        let near = |w: &String| {
            w.len().abs_diff(term.stem.len()) <= allowed && strsim::damerau_levenshtein(w, &term.stem) <= allowed
        };
        (from..to).filter(|&id| near(&self.vocabulary[id])).map(|id| id as StemId).collect()
    }

    /// The stem of a word, when any text has it.
    #[must_use]
    pub fn exact(&self, term: &Term) -> Option<StemId> {
        self.vocabulary.binary_search(&term.stem).ok().map(|id| id as StemId)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn stems() -> Stems {
        let text = "Harbour | The ferries leave in 2024.\nPrices | Tickets cost 14600 pounds.\n";
        Stems::of(&sample::corpus(vec![sample::document("a", "en", text)]))
    }

    fn term(word: &str) -> Term {
        terms(word).remove(0)
    }

    #[test]
    fn a_passage_has_the_words_of_its_context_and_no_others() {
        let stems = stems();
        let has = |passage, word: &str| {
            stems.exact(&term(word)).is_some_and(|id| stems.passage(passage).binary_search(&id).is_ok())
        };
        assert!(has(0, "ferry") && has(0, "harbor") && has(1, "ticket"));
        assert!(!has(0, "ticket") && !has(1, "ferry") && !has(0, "bridge"));
    }

    #[test]
    fn a_word_without_a_capital_somewhere_stands_plain() {
        let stems = stems();
        assert!(stems.stands_plain("ferries") && !stems.stands_plain("tickets") && !stems.stands_plain("boats"));
    }

    #[test]
    fn a_misprint_is_near_and_another_year_is_not() {
        let stems = stems();
        assert!(!stems.forms(&term("tickats")).is_empty());
        assert!(stems.forms(&term("2025")).is_empty());
        assert!(stems.forms(&term("14601")).is_empty());
        assert!(stems.forms(&term("2024")).len() == 1);
    }
}
