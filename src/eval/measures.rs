//! Measures of rankings and of confidences, with the names and definitions of ir_measures.
//!
//! Pure functions of lists; which lists they are taken of is told in `summary`. Relevance is
//! binary. A query without a single relevant block has no measure and must not be asked for one.

/// Success@k: 1 when a relevant block is among the first `k`, else 0.
#[must_use]
pub fn success(ranking: &[String], relevant: &[String], k: usize) -> f64 {
    if ranking.iter().take(k).any(|id| relevant.contains(id)) { 1.0 } else { 0.0 }
}

/// RR@k: one divided by the rank of the first relevant block, 0 when none is among the first `k`.
#[must_use]
pub fn reciprocal_rank(ranking: &[String], relevant: &[String], k: usize) -> f64 {
    ranking.iter().take(k).position(|id| relevant.contains(id)).map_or(0.0, |at| 1.0 / float(at + 1))
}

/// nDCG@k with gain 1 and discount `log2(rank + 1)` (Järvelin and Kekäläinen 2002).
#[must_use]
pub fn ndcg(ranking: &[String], relevant: &[String], k: usize) -> f64 {
    let discount = |at: usize| 1.0 / float(at + 2).log2();
    let found = ranking.iter().take(k).enumerate().filter(|(_, id)| relevant.contains(id));
    let gained = found.map(|(at, _)| discount(at)).fold(0.0, |sum, gain| sum + gain);
    let ideal: f64 = (0..relevant.len().min(k)).map(discount).sum();
    if ideal > 0.0 { gained / ideal } else { 0.0 }
}

/// R@k: share of the relevant blocks that are among the first `k`.
#[must_use]
pub fn recall(ranking: &[String], relevant: &[String], k: usize) -> f64 {
    let found = ranking.iter().take(k).filter(|id| relevant.contains(id)).count();
    if relevant.is_empty() { 0.0 } else { float(found) / float(relevant.len()) }
}

/// Area under the ROC curve: the probability that a positive has a higher score than a negative,
/// equal scores counting half (Mann and Whitney 1947). Absent without both kinds.
#[must_use]
pub fn auroc(scored: &[(f64, bool)]) -> Option<f64> {
    let positives = scored.iter().filter(|(_, positive)| *positive).count();
    let negatives = scored.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0;
    let mut wins = 0.0;
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let tied_positives = tied.iter().filter(|(_, positive)| *positive).count();
        let tied_negatives = tied.len() - tied_positives;
        wins += float(tied_positives) * (float(below) + float(tied_negatives) / 2.0);
        below += tied_negatives;
    }
    Some(wins / (float(positives) * float(negatives)))
}

/// Arithmetic mean; absent of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / float(values.len()))
}

/// The value that a share `p` (0..=1) of the values does not exceed (nearest rank); absent of nothing.
#[must_use]
pub fn percentile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let rank = (p * float(sorted.len())).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Bounds of a statistic that hold in 95 of 100 resamplings (percentile bootstrap, Efron 1979), with
/// a fixed seed. Resamplings that have no such statistic are left out. Absent below two values.
#[must_use]
pub fn confidence_interval<T: Copy>(values: &[T], statistic: impl Fn(&[T]) -> Option<f64>) -> Option<[f64; 2]> {
    const RESAMPLINGS: usize = 1000;
    if values.len() < 2 {
        return None;
    }
    let mut random = SplitMix(0x5eed);
    let mut resample = || -> Vec<T> { values.iter().map(|_| values[random.below(values.len())]).collect() };
    let found: Vec<f64> = (0..RESAMPLINGS).filter_map(|_| statistic(&resample())).collect();
    Some([percentile(&found, 0.025)?, percentile(&found, 0.975)?])
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, seeded, the same everywhere.
pub(super) struct SplitMix(pub(super) u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which must not be 0. The bias of the remainder is below 2⁻⁴⁰ here.
    #[allow(clippy::cast_possible_truncation, reason = "below a usize")]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of questions and blocks")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn ranking_measures_equal_those_worked_out_by_hand() {
        let (ranking, relevant) = (ids("x a y b z"), ids("a b c"));
        close(success(&ranking, &relevant, 1), 0.0);
        close(success(&ranking, &relevant, 2), 1.0);
        close(reciprocal_rank(&ranking, &relevant, 10), 0.5);
        close(reciprocal_rank(&ranking, &relevant, 1), 0.0);
        close(recall(&ranking, &relevant, 10), 2.0 / 3.0);
        close(recall(&ranking, &relevant, 3), 1.0 / 3.0);
        // (1/log2 3 + 1/log2 5) / (1 + 1/log2 3 + 1/log2 4)
        close(ndcg(&ranking, &relevant, 10), 0.498_189_257_466_412_85);
        // At 2 the ideal has two of the three.
        close(ndcg(&ranking, &relevant, 2), 0.386_852_807_234_541_63);
        close(ndcg(&ids("a b c x"), &relevant, 10), 1.0);
        close(ndcg(&[], &relevant, 10), 0.0);
    }

    #[test]
    fn auroc_counts_ties_half() {
        assert_eq!(auroc(&[(0.9, true), (0.1, false)]), Some(1.0));
        assert_eq!(auroc(&[(0.9, false), (0.1, true)]), Some(0.0));
        assert_eq!(auroc(&[(0.5, true), (0.5, false)]), Some(0.5));
        // Pairs: 0.8>0.5 1, 0.8>0.3 1, 0.5=0.5 ½, 0.5>0.3 1 of four.
        assert_eq!(auroc(&[(0.8, true), (0.5, true), (0.5, false), (0.3, false)]), Some(0.875));
        assert_eq!(auroc(&[(0.8, true)]), None);
    }

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&values, 0.5), Some(50.0));
        assert_eq!(percentile(&values, 0.99), Some(99.0));
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn an_interval_holds_the_mean_and_is_the_same_every_time() {
        let values: Vec<f64> = (0..200).map(|i| if i % 4 == 0 { 0.0 } else { 1.0 }).collect();
        let [low, high] = confidence_interval(&values, mean).unwrap();
        assert!(low > 0.68 && low < 0.73 && high > 0.77 && high < 0.82, "{low} to {high}");
        assert_eq!(confidence_interval(&values, mean), Some([low, high]));
        assert_eq!(confidence_interval(&[1.0, 1.0, 1.0], mean), Some([1.0, 1.0]));
        assert_eq!(confidence_interval(&[1.0], mean), None);
    }

    #[test]
    fn an_interval_of_auroc_leaves_out_resamplings_of_one_kind() {
        // A quarter of the resamplings of two has one kind only; the others have AUROC 1.
        assert_eq!(confidence_interval(&[(0.9, true), (0.1, false)], auroc), Some([1.0, 1.0]));
        let noisy: Vec<(f64, bool)> = (0..100).map(|i| (f64::from(i * 37 % 100), i % 2 == 0)).collect();
        let [low, high] = confidence_interval(&noisy, auroc).unwrap();
        let value = auroc(&noisy).unwrap();
        assert!(low < value && value < high && high - low > 0.1 && high - low < 0.35, "{low} {value} {high}");
    }
}
