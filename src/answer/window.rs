//! How much of a block is quoted around its best sentence.

use std::ops::Range;

use super::score::ScoredSentence;
use crate::corpus::{Corpus, SentenceId};
use crate::question::{Kind, Query};
use crate::text::{is_stop_word, terms};

/// Longest quote in characters that a sentence is joined to.
const MOST_CHARACTERS: usize = 420;
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
}

/// Reasons, views and explanations seldom end with one sentence; a fact does.
fn width(kind: Kind) -> Width {
    match kind {
        Kind::Reason | Kind::Manner | Kind::SaidAbout | Kind::Definition | Kind::List | Kind::Keywords => {
            Width { sentences: 3, least: 240 }
        }
        _ => Width { sentences: 2, least: 110 },
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
    let width = width(query.kind);
    let fits =
        |span: &Range<SentenceId>| span.end - span.start <= width.sentences && length(corpus, span) <= MOST_CHARACTERS;
    let mut span = best.id..best.id + 1;
    if leans_back(corpus.sentence_text(best.id)) && span.start > block.start && same_part(corpus, span.start - 1, best)
    {
        let wider = span.start - 1..span.end;
        if length(corpus, &wider) <= MOST_CHARACTERS {
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
