//! How well each sentence of the best passages answers: its passage's rank, its own similarity,
//! the kind of thing it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Scene, Topic, kinds};
use crate::corpus::{Block, BlockId, BlockKind, Document, PassageId, PassageRef, SentenceId};
use crate::mechanism::Mechanism;
use crate::question::Query;
use crate::retrieve::{Candidate, QuestionPieces, Retrieval};

/// A sentence with its worth.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredSentence {
    pub(super) id: SentenceId,
    pub(super) document: usize,
    pub(super) block: BlockId,
    pub(super) passage: PassageId,
    /// Similarity with the question, 0 to 1.
    pub(super) sim: f32,
    /// Holds the kind asked for; `None` when no kind is.
    pub(super) fits: Option<bool>,
    /// Standard deviations; what sentences are compared by.
    pub(super) worth: f32,
    /// The words in it that answer, when it was read: a range of the block's plain text.
    pub(super) key: Option<Range<usize>>,
}

/// Weights of the parts of a sentence's worth. Chosen on the development sets.
const SENTENCE_WEIGHT: f32 = 0.35;
const KIND_BONUS: f32 = 0.4;
/// For the share of the topic's words, by idf, that the sentence holds itself, where there are no token
/// vectors to compare it by; beside those it brings nothing.
const OVERLAP_WEIGHT: f32 = 0.6;
/// A turn that asks is no answer, unless a question is asked for.
const ASKS_PENALTY: f32 = 1.2;
/// The turn that answers is at most this far behind the one that asks.
const ANSWER_LAG: f32 = 0.1;
/// An answer begins with what it comes to.
const FIRST_SENTENCE: f32 = 0.25;

/// Scores the sentences of the first `depth` candidates that `allowed` lets through; best first,
/// equal ones in source order.
pub(super) fn score(
    scene: Scene<'_>,
    query: &Query,
    topic: &Topic,
    retrieval: &Retrieval,
    depth: usize,
    allowed: impl Fn(SentenceId) -> bool,
) -> Vec<ScoredSentence> {
    let pairs = Pairs::of(scene, query, retrieval, depth);
    let by_words = retrieval.question.is_none();
    let mut found = Vec::new();
    for candidate in retrieval.candidates.iter().take(depth) {
        let passage = scene.snapshot.corpus.passage(candidate.passage);
        if query.wants_answer && pairs.asks(passage) {
            continue;
        }
        let base = pairs.score(candidate, passage);
        let sims = sentence_sims(scene, retrieval.question.as_ref(), candidate, passage);
        for (id, sim) in passage.passage.sentences.clone().zip(sims).filter(|(id, _)| allowed(*id)) {
            let text = scene.snapshot.corpus.sentence_text(id);
            // A question is no answer.
            if !query.wants_question && text.ends_with(['?', '？']) && passage.block.turn().is_some() {
                continue;
            }
            let fits = query
                .expects
                .filter(|_| scene.uses(Mechanism::Kinds))
                .map(|e| kinds::holds(scene.known_names(), text, e, &query.asked));
            let overlap = if by_words { topic.share_in(scene.snapshot.stems.sentence(id)) as f32 } else { 0.0 };
            let worth = base + OVERLAP_WEIGHT * overlap + pairs.position(scene, passage, id);
            let (document, block) = (passage.passage.document, passage.passage.block);
            found.push(ScoredSentence { id, document, block, passage: candidate.passage, sim, fits, worth, key: None });
        }
    }
    add_own_worth(&mut found);
    found.sort_by(|a, b| b.worth.total_cmp(&a.worth).then(a.id.cmp(&b.id)));
    found
}

/// Questions and answers in a conversation: whoever finds the turn that asks has found the turn
/// that answers.
struct Pairs {
    /// Score of the asking turn, by the block that answers it.
    answers: BTreeMap<(usize, BlockId), f32>,
    /// Turns that ask, to be quoted only when a question is asked for.
    asking: BTreeSet<(usize, BlockId)>,
}

impl Pairs {
    fn of(scene: Scene<'_>, query: &Query, retrieval: &Retrieval, depth: usize) -> Self {
        let mut pairs = Self { answers: BTreeMap::new(), asking: BTreeSet::new() };
        if query.wants_question || !scene.uses(Mechanism::Pairs) {
            return pairs;
        }
        for candidate in retrieval.candidates.iter().take(depth) {
            let p = &scene.snapshot.corpus.passages[candidate.passage as usize];
            let document = &scene.snapshot.corpus.documents[p.document];
            if let Some(answer) = answering_turn(document, p.block) {
                pairs.asking.insert((p.document, p.block));
                pairs.answers.entry((p.document, answer)).or_insert(candidate.score);
            }
        }
        pairs
    }

    fn asks(&self, passage: PassageRef<'_>) -> bool {
        self.asking.contains(&(passage.passage.document, passage.passage.block))
    }

    /// The score of a passage, raised when its turn answers one that was found.
    fn score(&self, candidate: &Candidate, passage: PassageRef<'_>) -> f32 {
        let place = (passage.passage.document, passage.passage.block);
        let own = if self.asks(passage) { candidate.score - ASKS_PENALTY } else { candidate.score };
        self.answers.get(&place).map_or(own, |asked| own.max(asked - ANSWER_LAG))
    }

    /// The beginning of an answer counts for a little more.
    fn position(&self, scene: Scene<'_>, passage: PassageRef<'_>, id: SentenceId) -> f32 {
        let place = (passage.passage.document, passage.passage.block);
        let first = scene.snapshot.corpus.sentences[id as usize].range.start == passage.block.body;
        if first && self.answers.contains_key(&place) { FIRST_SENTENCE } else { 0.0 }
    }
}

/// The next turn of another speaker, when this one ends with a question.
pub(super) fn answering_turn(document: &Document, block: BlockId) -> Option<BlockId> {
    let BlockKind::Turn { number, speaker } = document.blocks[block].kind else { return None };
    if !document.blocks[block].body_text().trim_end_matches(['”', '"', ' ']).ends_with(['?', '？']) {
        return None;
    }
    let next =
        |b: &Block| matches!(b.kind, BlockKind::Turn { number: n, speaker: s } if n == number + 1 && s != speaker);
    (block + 1..document.blocks.len()).find(|&b| next(&document.blocks[b]))
}

/// The similarity of each sentence, from the word pieces it covers.
fn sentence_sims(
    scene: Scene<'_>,
    question: Option<&QuestionPieces>,
    candidate: &Candidate,
    passage: PassageRef<'_>,
) -> Vec<f32> {
    let sentences = passage.passage.sentences.clone();
    let (Some(question), Some(interaction)) = (question, &candidate.interaction) else {
        return vec![0.0; sentences.len()];
    };
    sentences
        .map(|id| {
            let words = &scene.snapshot.corpus.sentences[id as usize].range;
            let columns = passage_columns(scene, passage, words).unwrap_or(0..0);
            interaction.max_sim(question, columns)
        })
        .collect()
}

/// The word pieces of a passage that stand for a range of its block's plain text; `None` without
/// token vectors.
pub(super) fn passage_columns(scene: Scene<'_>, passage: PassageRef<'_>, words: &Range<usize>) -> Option<Range<usize>> {
    let offsets = scene.snapshot.tokens.as_ref()?.passage(passage.id).offsets;
    let at = |byte: usize| byte.saturating_sub(passage.passage.range.start) + passage.prefix_length();
    Some(columns(offsets, at(words.start)..at(words.end)))
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
