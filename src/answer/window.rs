//! How much of a block is quoted around its best sentence.

use std::ops::Range;

use super::score::ScoredSentence;
use crate::corpus::{Corpus, SentenceId};
use crate::question::{Kind, Query};
use crate::text::{is_stop_word, terms};

/// Longest quote in characters that a sentence is joined to.
const MOST_CHARACTERS: usize = 420;
const MOST_SENTENCES: usize = 3;
/// A neighbour is taken along when it is at least this share as similar as the best sentence.
const NEIGHBOUR_SHARE: f32 = 0.72;

/// The words to quote: the best sentence, with neighbours where the question wants reasons or
/// views, and with the sentence before where this one leans on it ("This …").
pub(super) fn window(
    corpus: &Corpus,
    query: &Query,
    best: &ScoredSentence,
    all: &[ScoredSentence],
) -> Range<SentenceId> {
    let block = block_sentences(corpus, best);
    let mut span = best.id..best.id + 1;
    if leans_back(corpus.sentence_text(best.id)) && span.start > block.start && same_part(corpus, span.start - 1, best)
    {
        let wider = span.start - 1..span.end;
        if length(corpus, &wider) <= MOST_CHARACTERS {
            span = wider;
        }
    }
    if matches!(
        query.kind,
        Kind::Reason | Kind::Manner | Kind::SaidAbout | Kind::Definition | Kind::List | Kind::Keywords
    ) {
        widen(corpus, best, all, &block, &mut span);
    }
    span
}

fn widen(
    corpus: &Corpus,
    best: &ScoredSentence,
    all: &[ScoredSentence],
    block: &Range<SentenceId>,
    span: &mut Range<SentenceId>,
) {
    let sim = |id: SentenceId| all.iter().find(|s| s.id == id).map_or(0.0, |s| s.sim);
    while (span.end - span.start) < MOST_SENTENCES as u32 {
        let before = (span.start > block.start).then(|| span.start - 1);
        let after = (span.end < block.end).then_some(span.end);
        let next = [after, before]
            .into_iter()
            .flatten()
            .filter(|&id| sim(id) >= NEIGHBOUR_SHARE * best.sim && same_part(corpus, id, best))
            .max_by(|a, b| sim(*a).total_cmp(&sim(*b)));
        let Some(next) = next else { return };
        let wider = span.start.min(next)..span.end.max(next + 1);
        if length(corpus, &wider) > MOST_CHARACTERS {
            return;
        }
        *span = wider;
    }
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
