//! Finding passages: two rankings, one mixture, one rerank.
//!
//! Each stage orders by score and then by passage id. What is made of the passages is told in
//! `answer`; nothing here reads a sentence.

mod fuse;
mod interaction;
mod nearby;
mod rerank;

use crate::corpus::{Corpus, PassageId};
use crate::index::lexical::LexicalQuery;
use crate::index::{PassageFilter, Scored, Snapshot};
use crate::mechanism::{Mechanism, Mechanisms};
use crate::models::Encoding;
use crate::text::{is_stop_word, terms};

pub use interaction::{Interaction, QuestionPieces};

/// How many passages each stage looks at, and how the stages are mixed.
#[derive(Debug, Clone, PartialEq)]
pub struct RetrieveOptions {
    /// Passages taken from each ranking.
    pub depth: usize,
    /// Passages compared token by token.
    pub rerank: usize,
    /// Weight of the lexical ranking against the dense one, 0 to 1.
    pub lexical_weight: f32,
    /// Weight of late interaction against the fused score.
    pub interaction_weight: f32,
}

impl Default for RetrieveOptions {
    fn default() -> Self {
        Self { depth: 200, rerank: 40, lexical_weight: 0.5, interaction_weight: 3.0 }
    }
}

/// A passage with everything the rankings say of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub passage: PassageId,
    /// The score it is ranked by.
    pub score: f32,
    /// Weighted sum of the standardised scores of both rankings.
    pub fused: f32,
    /// IDF-weighted mean of the question's best token similarities, about 0 to 1; absent without
    /// an encoder.
    pub max_sim: Option<f32>,
    /// Token by token, for choosing sentences; only for reranked candidates.
    pub interaction: Option<Interaction>,
}

/// The rankings of one query.
#[derive(Debug, Clone, Default)]
pub struct Retrieval {
    pub lexical: Vec<Scored>,
    pub dense: Vec<Scored>,
    pub fused: Vec<Scored>,
    /// The question as late interaction sees it; absent without an encoder.
    pub question: Option<QuestionPieces>,
    /// Reranked, best first; those beyond `RetrieveOptions::rerank` follow in fused order.
    pub candidates: Vec<Candidate>,
}

impl Retrieval {
    /// Adds to the score of each candidate and orders them anew.
    pub fn add_scores(&mut self, more: impl Fn(PassageId) -> f32) {
        for candidate in &mut self.candidates {
            candidate.score += more(candidate.passage);
        }
        order(&mut self.candidates);
    }
}

/// Prefers passages near those that the question before was about.
pub fn prefer_near(snapshot: &Snapshot, retrieval: &mut Retrieval, before: &Retrieval) {
    nearby::prefer(&snapshot.corpus, retrieval, before);
}

/// Best first, equal ones by passage id; those that were not compared token by token stay behind,
/// since their scores are not comparable.
fn order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        let plain = |c: &Candidate| c.interaction.is_none();
        plain(a).cmp(&plain(b)).then(b.score.total_cmp(&a.score)).then(a.passage.cmp(&b.passage))
    });
}

/// What passages are looked for with.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub text: &'a str,
    /// Bytes of the text that say what it is about; empty when all of it does.
    pub topic: Vec<std::ops::Range<usize>>,
    /// Absent without an encoder: the lexical ranking then stands alone.
    pub encoding: Option<&'a Encoding>,
    /// What is in use.
    pub mechanisms: Mechanisms,
}

/// Finds the passages for a query.
#[must_use]
pub fn retrieve(
    snapshot: &Snapshot,
    wanted: &Wanted<'_>,
    filter: Option<&PassageFilter>,
    options: &RetrieveOptions,
) -> Retrieval {
    let uses = |mechanism| wanted.mechanisms.has(mechanism);
    let query = LexicalQuery { exact: !uses(Mechanism::Spelling), ..lexical_query(wanted.text) };
    let lexical_depth = if uses(Mechanism::Lexical) { options.depth } else { 0 };
    let lexical = snapshot.lexical.search(&query, lexical_depth, filter);
    let dense = match (wanted.encoding, &snapshot.dense) {
        (Some(encoding), Some(index)) if uses(Mechanism::Dense) => {
            index.search(&encoding.vector, options.depth, filter)
        }
        _ => Vec::new(),
    };
    let fused = fuse::fuse(&lexical, &dense, options.lexical_weight);
    let (question, candidates) = rerank::rerank(snapshot, wanted, &fused, options);
    Retrieval { lexical, dense, fused, question, candidates }
}

/// Content words for BM25; all words when nothing else is left.
#[must_use]
pub fn lexical_query(text: &str) -> LexicalQuery {
    let all: Vec<String> = terms(text).into_iter().map(|t| t.folded).collect();
    let content: Vec<String> = all.iter().filter(|w| !is_stop_word(w)).cloned().collect();
    LexicalQuery { words: if content.is_empty() { all } else { content }, exact: false }
}

/// A ranking of blocks: the first passage of each block counts, as `(document, block)`.
pub fn blocks(corpus: &Corpus, passages: impl Iterator<Item = PassageId>) -> Vec<(usize, usize)> {
    let mut seen = std::collections::HashSet::new();
    passages
        .map(|id| &corpus.passages[id as usize])
        .map(|p| (p.document, p.block))
        .filter(|place| seen.insert(*place))
        .collect()
}
