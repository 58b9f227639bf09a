//! Can the confidence be believed? How near it comes to the share it promises, and how many wrong
//! answers one buys by answering more.
//!
//! Pure functions of confidences and labels. Two labels are meant: whether the sources *answer* (what
//! the confidence promises), and whether the answer is or would be *wrong* (what answering risks).

use serde::{Deserialize, Serialize};

use super::measures::{float, mean};

/// Bins of the calibration error.
pub const BINS: usize = 10;
/// Shares of the questions at which the risk is told.
pub const COVERAGES: [f64; 5] = [0.5, 0.7, 0.8, 0.9, 1.0];

/// A confidence with its label and weight.
pub type Labelled = (f64, bool, f64);

/// What is known about the confidences of a set of questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// Expected calibration error, 0 to 1; see [`expected_calibration_error`].
    pub ece: f64,
    /// Lowest confidences first; together they hold every question once.
    pub bins: Vec<Bin>,
    /// Area under the curve of risk against coverage; see [`aurc`].
    pub aurc: f64,
    /// The risk at each of [`COVERAGES`].
    pub risks: Vec<Risk>,
}

/// Questions of about the same confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Lowest and highest confidence.
    pub from: f64,
    pub to: f64,
    /// Sum of the weights: the number of questions where each counts once.
    pub weight: f64,
    /// Mean confidence: the share that is promised …
    pub confidence: f64,
    /// … and the share of answerable questions that there is.
    pub answerable: f64,
}

/// What happens when this share of the questions is answered, the most confident ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    pub coverage: f64,
    /// Share of wrong answers among them.
    pub risk: f64,
    /// The lowest confidence that is answered then: the threshold that gives this coverage.
    pub threshold: f64,
}

/// One question: its confidence, whether the sources answer it, and whether the answer is wrong, or
/// would be were it given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    pub confidence: f64,
    pub answerable: bool,
    pub wrong: bool,
}

impl Reliability {
    /// Absent of nothing.
    #[must_use]
    pub fn of(judged: &[Judged]) -> Option<Self> {
        let labelled: Vec<Labelled> = judged.iter().map(|j| (j.confidence, j.answerable, 1.0)).collect();
        let bins = bins(&labelled);
        let (aurc, curve) = (aurc(judged)?, risks(judged));
        let at = |coverage: f64| {
            let (risk, threshold) = curve[answered_at(coverage, curve.len()) - 1];
            Risk { coverage, risk, threshold }
        };
        Some(Self { ece: expected_calibration_error(&labelled), bins, aurc, risks: COVERAGES.map(at).to_vec() })
    }
}

/// The mean distance between the confidence that is promised and the share of positives that there
/// is, over ten bins of equal mass: `Σ weight(b) / weight · |confidence(b) − share(b)|` (ECE of
/// Naeini, Cooper and Hauskrecht 2015, with the bins of Nixon et al. 2019, of which each holds as
/// many questions, because confidences crowd at both ends and bins of equal width are half empty).
/// 0 of nothing.
#[must_use]
pub fn expected_calibration_error(labelled: &[Labelled]) -> f64 {
    let total: f64 = labelled.iter().map(|(_, _, weight)| weight).sum();
    let distance = |bin: &Bin| bin.weight * (bin.confidence - bin.answerable).abs();
    if total > 0.0 { bins(labelled).iter().map(distance).sum::<f64>() / total } else { 0.0 }
}

/// Ten bins of equal mass, lowest confidences first. Equal confidences stay together, in the bin that
/// their middle falls into, so that no figure hangs on the order of the questions; a bin that gets
/// none is left out.
fn bins(labelled: &[Labelled]) -> Vec<Bin> {
    let mut sorted: Vec<Labelled> = labelled.iter().copied().filter(|(_, _, weight)| *weight > 0.0).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = sorted.iter().map(|(_, _, weight)| weight).sum();
    let mut members: [Vec<Labelled>; BINS] = Default::default();
    let mut before = 0.0;
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let weight: f64 = tied.iter().map(|(_, _, weight)| weight).sum();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the bins")]
        let bin = (float(BINS) * (before + weight / 2.0) / total) as usize;
        members[bin.min(BINS - 1)].extend(tied);
        before += weight;
    }
    members.iter().filter_map(|members| Bin::of(members)).collect()
}

impl Bin {
    fn of(members: &[Labelled]) -> Option<Self> {
        let (first, last) = (members.first()?, members.last()?);
        let weight: f64 = members.iter().map(|(_, _, weight)| weight).sum();
        let share = |value: fn(&Labelled) -> f64| members.iter().map(|m| m.2 * value(m)).sum::<f64>() / weight;
        Some(Self {
            from: first.0,
            to: last.0,
            weight,
            confidence: share(|m| m.0),
            answerable: share(|m| if m.1 { 1.0 } else { 0.0 }),
        })
    }
}

/// The curve of risk against coverage (El-Yaniv and Wiener 2010): for every number of questions
/// answered, most confident first, the share of wrong ones and the last confidence. Of questions with
/// equal confidences each counts with their mean, as if their order were drawn by lot.
fn risks(judged: &[Judged]) -> Vec<(f64, f64)> {
    let mut sorted = judged.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut curve = Vec::with_capacity(sorted.len());
    let mut wrong = 0.0;
    for tied in sorted.chunk_by(|a, b| a.confidence == b.confidence) {
        let each = float(tied.iter().filter(|j| j.wrong).count()) / float(tied.len());
        for judged in tied {
            wrong += each;
            curve.push((wrong / float(curve.len() + 1), judged.confidence));
        }
    }
    curve
}

/// Area under the curve of risk against coverage: the mean of the risks at every coverage 1/n, 2/n,
/// …, 1 (Geifman, Uziel and El-Yaniv 2019). 0 is best; a confidence that says nothing gives the share
/// of wrong answers. Absent of nothing.
#[must_use]
pub fn aurc(judged: &[Judged]) -> Option<f64> {
    mean(&risks(judged).into_iter().map(|(risk, _)| risk).collect::<Vec<_>>())
}

/// How many of `of` questions are answered at a coverage: at least that share, at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of questions")]
fn answered_at(coverage: f64, of: usize) -> usize {
    // A coverage of .7 of 10 questions is 7, which binary fractions miss by a hair.
    ((coverage * float(of) - 1e-9).ceil() as usize).clamp(1, of.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    /// Confidence, answerable, wrong.
    fn judged(rows: &[(f64, bool, bool)]) -> Vec<Judged> {
        rows.iter().map(|&(confidence, answerable, wrong)| Judged { confidence, answerable, wrong }).collect()
    }

    #[test]
    fn calibration_error_is_the_distance_between_promise_and_share_in_bins_of_equal_mass() {
        // Twenty questions, two to a bin, at .05 .05 .15 .15 … .95 .95; from .55 on both of a bin are
        // answerable, below none. Off by .05 .15 .25 .35 .45 and the same again: mean .25.
        let pairs: Vec<Labelled> = (0..20).map(|i| (f64::from(i / 2) / 10.0 + 0.05, i >= 10, 1.0)).collect();
        close(expected_calibration_error(&pairs), 0.25);
        let bins = bins(&pairs);
        assert_eq!(bins.len(), 10);
        close(bins[3].confidence, 0.35);
        assert_eq!((bins[3].answerable, bins[9].answerable, bins[9].weight), (0.0, 1.0, 2.0));
    }

    #[test]
    fn equal_confidences_share_a_bin_whatever_their_order() {
        // Ten at .8 of which seven are answerable: off by .1. Split in two bins it would be more.
        let tied: Vec<Labelled> = (0..10).map(|i| (0.8, i < 7, 1.0)).collect();
        close(expected_calibration_error(&tied), 0.1);
        let shuffled: Vec<Labelled> = (0..10).map(|i| (0.8, i % 3 != 0 || i == 9, 1.0)).collect();
        close(expected_calibration_error(&shuffled), 0.1);
        assert_eq!(expected_calibration_error(&[]), 0.0);
    }

    #[test]
    fn a_weight_counts_as_repeated_questions() {
        // Half the mass at .9, half of that positive; half at .1, none of it: (.4 + .1) / 2.
        let weighted = [(0.9, true, 2.0), (0.9, false, 2.0), (0.1, false, 4.0)];
        close(expected_calibration_error(&weighted), 0.25);
    }

    #[test]
    fn the_risk_is_the_share_of_wrong_answers_among_the_most_confident() {
        // Most confident first: right, right, wrong, right, wrong. Risks 0, 0, 1/3, 1/4, 2/5.
        let five = judged(&[
            (0.5, true, false),
            (0.9, true, false),
            (0.6, false, true),
            (0.8, true, false),
            (0.2, false, true),
        ]);
        close(aurc(&five).unwrap(), (1.0 / 3.0 + 0.25 + 0.4) / 5.0);
        let reliability = Reliability::of(&five).unwrap();
        let told: Vec<(f64, f64)> = reliability.risks.iter().map(|r| (r.coverage, r.threshold)).collect();
        // Half of five is three questions, .7 and .8 four, .9 five.
        assert_eq!(told, [(0.5, 0.6), (0.7, 0.5), (0.8, 0.5), (0.9, 0.2), (1.0, 0.2)]);
        for (risk, expected) in reliability.risks.iter().zip([1.0 / 3.0, 0.25, 0.25, 0.4, 0.4]) {
            close(risk.risk, expected);
        }
        assert_eq!(Reliability::of(&[]), None);
    }

    #[test]
    fn a_confidence_that_says_nothing_has_the_share_of_wrong_answers_as_its_area() {
        let flat = judged(&[(0.5, true, false), (0.5, false, true), (0.5, true, false), (0.5, true, false)]);
        close(aurc(&flat).unwrap(), 0.25);
    }
}
