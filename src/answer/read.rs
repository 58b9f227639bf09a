//! What the reader says of the best passages: whether each answers, and with which words.
//!
//! Everything before compares; the reader reads. It is asked about few passages, since each costs
//! milliseconds; what it says moves their sentences and enters the confidence.

use std::ops::Range;

use super::Scene;
use super::score::ScoredSentence;
use super::select::Shortlist;
use crate::corpus::{BlockKind, Corpus, PassageId, PassageRef, SentenceId, question_answered};
use crate::models::Reading;
use crate::retrieve::Retrieval;
use crate::text::{last_words, word_ranges};

/// Passages that are read for one question.
const MOST: usize = 8;
/// Words of a passage that are read, in whole sentences.
const READ_WORDS: usize = 100;
/// Words of the question before an answer turn that are read with it.
const ASKED_WORDS: usize = 24;
/// Weight of the reader's log-odds in the ranking of passages, …
const RANK_WEIGHT: f32 = 0.8;
/// … and in a sentence's worth, where more than the passage counts;
const LOGIT_WEIGHT: f32 = 0.4;
/// they are cut to this range on both sides: beyond it the reader is merely sure.
const LOGIT_RANGE: f32 = 5.0;
/// The confidence is told more: of the questions whose highest log-odds are below -6 a tenth has an
/// answer, of those between -5 and -4 four tenths.
const TOLD_RANGE: f32 = 12.0;
/// The sentence that holds the reader's span gains this much.
const SPAN_BONUS: f32 = 0.6;

/// A passage as it is given to the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRead {
    /// Which passage it is.
    pub passage: PassageId,
    /// Speaker or list lead-in, then the passage.
    pub text: String,
    /// Bytes of `text` before the passage's own words.
    prefix: usize,
    /// Where those words begin in the block's plain text.
    start: usize,
}

impl ToRead {
    /// What precedes the passage's own words.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.text[..self.prefix]
    }

    /// The passage's own words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.text[self.prefix..]
    }
}

/// What the reader made of the shortlist, for the confidence.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ReadingSummary {
    /// Log-odds of the best passage after reading, cut to a wide range like the others.
    pub logit: f32,
    /// How much better its span is than no answer.
    pub span: f32,
    /// The highest log-odds of any passage read.
    pub highest: f32,
    /// Their mean over all passages read.
    pub mean: f32,
}

/// The passages of a shortlist that are worth reading, best first, each cut to a few sentences
/// around the best one.
#[must_use]
pub fn to_read(scene: Scene<'_>, shortlist: &Shortlist) -> Vec<ToRead> {
    let Shortlist::Sentences(sentences) = shortlist else { return Vec::new() };
    let corpus = &scene.snapshot.corpus;
    let mut found: Vec<ToRead> = Vec::new();
    for sentence in sentences {
        if found.len() == MOST {
            break;
        }
        if !found.iter().any(|r| r.passage == sentence.passage) {
            found.push(as_read(corpus, corpus.passage(sentence.passage), sentence.id));
        }
    }
    found
}

/// A passage in the form the reader was trained on: "Speaker: words", after the question it answers;
/// a list item after the line that introduces the list.
fn as_read(corpus: &Corpus, passage: PassageRef<'_>, best: SentenceId) -> ToRead {
    let document = passage.document;
    let mut text = match &passage.block.kind {
        BlockKind::Turn { speaker, .. } => {
            let asked = question_answered(document, passage.passage.block);
            let asked = asked.map_or_else(String::new, |q| format!("{}\n", last_words(q, ASKED_WORDS)));
            format!("{asked}{}: ", document.speakers[*speaker].name)
        }
        BlockKind::ListItem { list, .. } => document.lists[*list]
            .lead_in
            .map_or_else(String::new, |b| format!("{} ", last_words(document.blocks[b].body_text(), ASKED_WORDS))),
        _ => String::new(),
    };
    let prefix = text.len();
    let words = around(corpus, &passage.passage.sentences, best);
    text.push_str(&passage.block.text.text[words.clone()]);
    ToRead { passage: passage.id, text, prefix, start: words.start }
}

/// The best sentence with those after and before it, as many as [`READ_WORDS`] allow, as a range of
/// the block's plain text.
fn around(corpus: &Corpus, passage: &Range<SentenceId>, best: SentenceId) -> Range<usize> {
    let range = |id: SentenceId| &corpus.sentences[id as usize].range;
    let count = |id: SentenceId| word_ranges(corpus.sentence_text(id)).count();
    let (mut first, mut last) = (best, best);
    let mut left = READ_WORDS.saturating_sub(count(best));
    loop {
        let next = [(last + 1 < passage.end).then(|| last + 1), (first > passage.start).then(|| first - 1)];
        let Some(id) = next.into_iter().flatten().find(|id| count(*id) <= left) else { break };
        left -= count(id);
        (first, last) = (first.min(id), last.max(id));
    }
    range(first).start..range(last).end
}

/// Moves the sentences and the candidates by what was read and orders both anew. Passages that were
/// not read count as the worst that was.
pub fn apply(
    scene: Scene<'_>,
    shortlist: &mut Shortlist,
    retrieval: &mut Retrieval,
    read: &[ToRead],
    readings: &[Reading],
) -> ReadingSummary {
    let Shortlist::Sentences(sentences) = shortlist else { return ReadingSummary::default() };
    let cut = |logit: f32| logit.clamp(-LOGIT_RANGE, LOGIT_RANGE);
    let worst = readings.iter().map(|r| cut(r.logit)).fold(LOGIT_RANGE, f32::min);
    retrieval.add_scores(|passage| {
        let at = read.iter().position(|r| r.passage == passage);
        RANK_WEIGHT * at.and_then(|at| readings.get(at)).map_or(worst, |r| cut(r.logit))
    });
    for sentence in sentences.iter_mut() {
        let at = read.iter().position(|r| r.passage == sentence.passage);
        let Some((text, reading)) = at.and_then(|at| read.get(at).zip(readings.get(at))) else {
            sentence.worth += LOGIT_WEIGHT * worst;
            continue;
        };
        sentence.worth += LOGIT_WEIGHT * cut(reading.logit);
        if let Some(span) = span_in(scene, sentence, text, reading) {
            sentence.worth += SPAN_BONUS;
            sentence.key = (reading.logit > 0.0).then_some(span);
        }
    }
    sentences.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.id.cmp(&b.id)));
    let best = sentences.first().and_then(|s| read.iter().position(|r| r.passage == s.passage));
    summary(readings, best.and_then(|at| readings.get(at)))
}

/// What is told of the readings; `best` is that of the passage that is quoted, if it was read.
fn summary(readings: &[Reading], best: Option<&Reading>) -> ReadingSummary {
    let told = |score: f32| score.clamp(-TOLD_RANGE, TOLD_RANGE);
    let logits = || readings.iter().map(|r| told(r.logit));
    ReadingSummary {
        logit: best.map_or(logits().fold(TOLD_RANGE, f32::min), |r| told(r.logit)),
        span: best.map_or(0.0, |r| told(r.span_score)),
        highest: logits().fold(-TOLD_RANGE, f32::max),
        mean: logits().sum::<f32>() / readings.len().max(1) as f32,
    }
}

/// The words that the reader points to, when they stand in this sentence: a range of the block's
/// plain text.
fn span_in(scene: Scene<'_>, sentence: &ScoredSentence, read: &ToRead, reading: &Reading) -> Option<Range<usize>> {
    let span = reading.span.as_ref().filter(|s| s.start >= read.prefix)?;
    let words = &scene.snapshot.corpus.sentences[sentence.id as usize].range;
    let at = |byte: usize| byte - read.prefix + read.start;
    words.contains(&at(span.start)).then(|| at(span.start)..at(span.end).min(words.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_sure_the_reader_is_that_nothing_answers_is_told_beyond_what_ranks() {
        let reading = |logit: f32| Reading { logit, span: None, span_score: 2.0 * logit };
        let readings = [reading(-6.5), reading(-8.0), reading(-30.0)];
        let told = summary(&readings, readings.get(1));
        assert_eq!((told.logit, told.highest, told.span), (-8.0, -6.5, -TOLD_RANGE));
        assert!((told.mean - (-6.5 - 8.0 - TOLD_RANGE) / 3.0).abs() < 1e-5);
        assert_eq!(summary(&readings, None).logit, -TOLD_RANGE, "what was not read is no better than what was");
    }
}
