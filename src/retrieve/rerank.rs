//! The best of the fused ranking, ordered again by late interaction.

use super::fuse::moments;
use super::{Candidate, QuestionPieces, RetrieveOptions, Wanted, order};
use crate::index::{Scored, Snapshot};
use crate::mechanism::Mechanism;

/// Compares the first candidates token by token and mixes that with their fused score; the rest
/// keep their order behind them.
pub(super) fn rerank(
    snapshot: &Snapshot,
    wanted: &Wanted<'_>,
    fused: &[Scored],
    options: &RetrieveOptions,
) -> (Option<QuestionPieces>, Vec<Candidate>) {
    let mut candidates: Vec<Candidate> = fused.iter().map(plain).collect();
    let (Some(encoding), Some(tokens)) = (wanted.encoding, &snapshot.tokens) else { return (None, candidates) };
    let pieces = QuestionPieces::new(wanted.text, &wanted.topic, encoding, tokens);
    let first = candidates.len().min(options.rerank);
    for candidate in &mut candidates[..first] {
        let interaction = pieces.meet(tokens.passage(candidate.passage));
        candidate.max_sim = Some(interaction.max_sim(&pieces, 0..interaction.columns()));
        candidate.interaction = Some(interaction);
    }
    if wanted.mechanisms.has(Mechanism::Rerank) {
        mix(&mut candidates[..first], options.interaction_weight);
    }
    (Some(pieces), candidates)
}

fn plain(scored: &Scored) -> Candidate {
    Candidate { passage: scored.passage, score: scored.score, fused: scored.score, max_sim: None, interaction: None }
}

fn mix(candidates: &mut [Candidate], weight: f32) {
    let sims = candidates.iter().map(|c| c.max_sim.unwrap_or(0.0));
    let (mean, deviation) = moments(sims);
    let (fused_mean, fused_deviation) = moments(candidates.iter().map(|c| c.fused));
    for candidate in candidates.iter_mut() {
        let sim = (candidate.max_sim.unwrap_or(0.0) - mean) / deviation;
        candidate.score = ((candidate.fused - fused_mean) / fused_deviation + weight * sim) / (1.0 + weight);
    }
    order(candidates);
}
