//! How much of a block is quoted around its best sentence.

use std::ops::Range;

use super::score::ScoredSentence;
use crate::corpus::{Corpus, SentenceId};
use crate::question::{Kind, Query};
use crate::text::{is_stop_word, terms};

/// Longest quote in characters that a sentence is joined to.
const MOST_CHARACTERS: usize = 420;
/// The same after a sentence that announces how many things follow.
const ANNOUNCED_CHARACTERS: usize = 700;
/// A neighbour that may answer as well is taken along: its worth is at most this far behind.
const NEAR_WORTH: f32 = 0.9;
/// A neighbour is taken along when it is at least this share as similar as the best sentence.
const NEIGHBOUR_SHARE: f32 = 0.72;

/// How wide a kind of question is answered.
struct Width {
    /// Most sentences.
    sentences: u32,
    /// A shorter quote takes the next sentence along, in characters: "Three things." says little.
    least: usize,
    /// Longest quote in characters.
    most: usize,
}

impl Width {
    /// "Three things.": what was announced follows.
    fn of_announced(count: u32) -> Self {
        Self { sentences: count + 1, least: usize::MAX, most: ANNOUNCED_CHARACTERS }
    }
}

/// Reasons, views and explanations seldom end with one sentence; a fact does.
fn width(kind: Kind) -> Width {
    match kind {
        Kind::Reason | Kind::Manner | Kind::SaidAbout | Kind::Definition | Kind::List | Kind::Keywords => {
            Width { sentences: 3, least: 240, most: MOST_CHARACTERS }
        }
        _ => Width { sentences: 2, least: 110, most: MOST_CHARACTERS },
    }
}

/// The words to quote: the best sentence, the one before where it leans on it ("This …"), and
/// neighbours that belong to the answer or without which the quote says too little.
pub(super) fn window(
    corpus: &Corpus,
    query: &Query,
    best: &ScoredSentence,
    all: &[ScoredSentence],
) -> Range<SentenceId> {
    let block = block_sentences(corpus, best);
    let announced = announces(corpus.sentence_text(best.id));
    let width = announced.map_or_else(|| width(query.kind), Width::of_announced);
    let fits =
        |span: &Range<SentenceId>| span.end - span.start <= width.sentences && length(corpus, span) <= MOST_CHARACTERS;
    let mut span = best.id..best.id + 1;
    if leans_back(corpus.sentence_text(best.id)) && span.start > block.start && same_part(corpus, span.start - 1, best)
    {
        let wider = span.start - 1..span.end;
        if length(corpus, &wider) <= width.most {
            span = wider;
        }
    }
    loop {
        let before = (span.start > block.start).then(|| span.start - 1);
        let after = (span.end < block.end).then_some(span.end);
        let neighbours = [after, before].into_iter().flatten().filter(|&id| same_part(corpus, id, best));
        let belongs = |id: SentenceId| all.iter().find(|s| s.id == id).is_some_and(|s| belongs(s, best, query.kind));
        let short = length(corpus, &span) < width.least;
        let wider = |id: SentenceId| span.start.min(id)..span.end.max(id + 1);
        let next = neighbours.clone().find(|&id| belongs(id)).or_else(|| neighbours.clone().find(|_| short));
        match next.map(wider).filter(fits) {
            Some(wider) => span = wider,
            None => return span,
        }
    }
}

fn belongs(sentence: &ScoredSentence, best: &ScoredSentence, kind: Kind) -> bool {
    let near = best.worth - sentence.worth <= NEAR_WORTH;
    let wide =
        matches!(kind, Kind::Reason | Kind::Manner | Kind::SaidAbout | Kind::Definition | Kind::List | Kind::Keywords);
    near || (wide && sentence.sim >= NEIGHBOUR_SHARE * best.sim)
}

/// How many things a short sentence announces: "We have four objections."
fn announces(sentence: &str) -> Option<u32> {
    const COUNTS: [&str; 5] = ["two", "three", "four", "five", "six"];
    const MOST_WORDS: usize = 9;
    let words = terms(sentence);
    let at = words.iter().position(|t| COUNTS.contains(&t.folded.as_str()))?;
    let noun = words[at + 1..].iter().take(2).any(|t| {
        matches!(t.folded.as_str(), "things" | "reasons" | "points" | "ways" | "steps" | "conditions" | "objections")
            || (words.last() == Some(t) && t.folded.len() > 4 && t.folded.ends_with('s'))
    });
    (words.len() <= MOST_WORDS && noun)
        .then(|| COUNTS.iter().position(|c| *c == words[at].folded).map_or(2, |i| i as u32 + 2))
}

/// All sentences of the block that a sentence stands in.
pub(super) fn block_sentences(corpus: &Corpus, of: &ScoredSentence) -> Range<SentenceId> {
    corpus.sentences_of(of.document, of.block)
}

/// Sentences of different speakers in running text are not quoted in one breath.
fn same_part(corpus: &Corpus, id: SentenceId, best: &ScoredSentence) -> bool {
    corpus.sentences[id as usize].speaker == corpus.sentences[best.id as usize].speaker
}

fn length(corpus: &Corpus, span: &Range<SentenceId>) -> usize {
    span.clone().map(|id| corpus.sentence_text(id).chars().count() + 1).sum()
}

/// Whether a sentence opens with a word that points to the one before.
fn leans_back(sentence: &str) -> bool {
    const WORDS: &[&str] =
        &["this", "these", "those", "such", "they", "it", "he", "she", "both", "that", "its", "their", "his", "her"];
    let words = terms(sentence);
    let opens = words.first().is_some_and(|t| WORDS.contains(&t.folded.as_str()));
    // "If we miss that date the grant lapses."
    let points = words
        .windows(2)
        .take(5)
        .any(|w| matches!(w[0].folded.as_str(), "that" | "this" | "those" | "these") && !is_stop_word(&w[1].folded));
    opens || points
}

/// The words of a run of sentences as a range of the block's plain text.
pub(super) fn words(corpus: &Corpus, span: &Range<SentenceId>) -> Range<usize> {
    let first = &corpus.sentences[span.start as usize];
    let last = &corpus.sentences[span.end as usize - 1];
    first.range.start..last.range.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_sentence_with_a_count_announces_what_follows() {
        assert_eq!(announces("Three things."), Some(3));
        assert_eq!(announces("We have four objections."), Some(4));
        assert_eq!(announces("Two sailors left."), None);
        assert_eq!(announces("Three ferries sail to the island from the old quay on every day of the week."), None);
    }

    #[test]
    fn a_sentence_that_points_back_is_known() {
        assert!(leans_back("This will take years."));
        assert!(leans_back("If we miss that date the grant lapses."));
        assert!(!leans_back("The ferry sails at nine."));
    }
}
