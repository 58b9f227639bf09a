//! How well each sentence of the best passages answers: its passage's rank, its own similarity,
//! the kind of thing it holds.

use std::ops::Range;

use super::{Scene, kinds};
use crate::corpus::{BlockId, PassageRef, SentenceId};
use crate::question::Query;
use crate::retrieve::{Candidate, QuestionPieces, Retrieval};

/// A sentence with its worth.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ScoredSentence {
    pub(super) id: SentenceId,
    pub(super) document: usize,
    pub(super) block: BlockId,
    /// Similarity with the question, 0 to 1.
    pub(super) sim: f32,
    /// Holds the kind asked for; `None` when no kind is.
    pub(super) fits: Option<bool>,
    /// Standard deviations; what sentences are compared by.
    pub(super) worth: f32,
}

/// Weights of the parts of a sentence's worth. Chosen on the development sets.
const SENTENCE_WEIGHT: f32 = 0.35;
const KIND_BONUS: f32 = 0.4;

/// Scores the sentences of the first `depth` candidates that `allowed` lets through; best first,
/// equal ones in source order.
pub(super) fn score(
    scene: Scene<'_>,
    query: &Query,
    retrieval: &Retrieval,
    depth: usize,
    allowed: impl Fn(SentenceId) -> bool,
) -> Vec<ScoredSentence> {
    let mut found = Vec::new();
    for candidate in retrieval.candidates.iter().take(depth) {
        let passage = scene.snapshot.corpus.passage(candidate.passage);
        let sims = sentence_sims(scene, retrieval.question.as_ref(), candidate, passage);
        for (id, sim) in passage.passage.sentences.clone().zip(sims) {
            if !allowed(id) {
                continue;
            }
            let text = scene.snapshot.corpus.sentence_text(id);
            let fits = query.expects.map(|e| kinds::holds(text, e, &query.text));
            found.push(ScoredSentence {
                id,
                document: passage.passage.document,
                block: passage.passage.block,
                sim,
                fits,
                worth: candidate.score,
            });
        }
    }
    add_own_worth(&mut found);
    found.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.id.cmp(&b.id)));
    found
}

/// The similarity of each sentence, from the word pieces it covers.
fn sentence_sims(
    scene: Scene<'_>,
    question: Option<&QuestionPieces>,
    candidate: &Candidate,
    passage: PassageRef<'_>,
) -> Vec<f32> {
    let sentences = passage.passage.sentences.clone();
    let (Some(question), Some(interaction), Some(tokens)) = (question, &candidate.interaction, &scene.snapshot.tokens)
    else {
        return vec![0.0; sentences.len()];
    };
    let offsets = tokens.passage(candidate.passage).offsets;
    let shift = passage.prefix_length();
    sentences
        .map(|id| {
            let range = &scene.snapshot.corpus.sentences[id as usize].range;
            let start = range.start - passage.passage.range.start + shift;
            let end = range.end - passage.passage.range.start + shift;
            interaction.max_sim(question, columns(offsets, start..end))
        })
        .collect()
}

fn columns(offsets: &[[u32; 2]], bytes: Range<usize>) -> Range<usize> {
    let from = offsets.partition_point(|o| (o[1] as usize) <= bytes.start);
    let to = offsets.partition_point(|o| (o[0] as usize) < bytes.end);
    from..to.max(from)
}

/// Adds similarity in standard deviations and the bonus for the right kind.
fn add_own_worth(found: &mut [ScoredSentence]) {
    let count = found.len().max(1) as f32;
    let mean = found.iter().map(|s| s.sim).sum::<f32>() / count;
    let deviation = (found.iter().map(|s| (s.sim - mean).powi(2)).sum::<f32>() / count).sqrt().max(1e-4);
    for sentence in found {
        sentence.worth += SENTENCE_WEIGHT * (sentence.sim - mean) / deviation;
        if sentence.fits == Some(true) {
            sentence.worth += KIND_BONUS;
        }
    }
}
