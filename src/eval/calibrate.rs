//! How sure is sure enough? Fits the confidence on labelled questions and chooses the threshold.
//!
//! The features are read from the traces of replies; what they mean is told in `answer::decide`,
//! which also reads the file that is written here.

use serde::{Deserialize, Serialize};

use super::fitted;
use super::logistic::{Model, Row};
use super::measures::{auroc, float};
use super::reliability::expected_calibration_error;
use super::run::{Asked, Outcome};
use crate::answer::FittedOn;

/// Version of the file; raised when a key changes its meaning.
pub const VERSION: u32 = 1;
const FOLDS: usize = 5;
/// Questions next to one another that go into one fold.
const NEIGHBOURS: usize = 4;

/// The fitted confidence: `sigmoid(bias + Σ weight · (value - mean) / scale)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub version: u32,
    pub features: Vec<Feature>,
    pub bias: f64,
    /// A question is answered from this confidence on.
    pub threshold: f64,
    pub fitted_on: Vec<FittedOn>,
    /// Cross-validated, as are the three below; weighted as the fit was.
    pub auroc: f64,
    /// Share of the answerable questions that the threshold refuses.
    pub answerable_refused: f64,
    pub unanswerable_refused: f64,
    /// Expected calibration error, ten bins of equal mass.
    pub ece: f64,
}

/// One input of the confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    pub name: String,
    pub mean: f64,
    pub scale: f64,
    pub weight: f64,
}

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Penalty on the squared weights of standardised features.
    pub l2: f64,
    /// Most of the answerable questions that may be refused, 0 to 1.
    pub max_answerable_refused: f64,
    pub balance: Balance,
}

/// What counts the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    /// Every question set, however many questions it has.
    #[default]
    Sets,
    /// Every question.
    Questions,
}

impl Default for Options {
    fn default() -> Self {
        Self { l2: 1.0, max_answerable_refused: 0.1, balance: Balance::Sets }
    }
}

/// Why nothing could be fitted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalibrateError {
    #[error("no reply names any feature in its trace; nothing can be fitted")]
    NoFeatures,
    #[error("the reply to {question:?} of {collection} names the features [{found}], others name [{expected}]")]
    OtherFeatures { collection: String, question: String, found: String, expected: String },
    #[error("the feature {feature:?} of the reply to {question:?} is not a finite number")]
    NotFinite { feature: String, question: String },
    #[error("fitting needs questions of both kinds; there are {answerable} answerable and {unanswerable} others")]
    OneKind { answerable: usize, unanswerable: usize },
}

/// The fit and what a person should know about it besides the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub calibration: Calibration,
    /// Cross-validated AUROC of each collection; absent where it has one kind of question alone.
    pub collections: Vec<(String, Option<f64>)>,
    /// Replies without features (errors, refusals before any search), left out.
    pub left_out: usize,
}

/// Fits the confidence on several collections.
///
/// # Errors
/// [`CalibrateError`].
pub fn fit(labelled: &[Asked], options: Options) -> Result<Fit, CalibrateError> {
    let (names, rows) = rows(labelled, options.balance)?;
    let flat: Vec<Row> = rows.iter().flatten().cloned().collect();
    let answerable = flat.iter().filter(|row| row.y).count();
    if answerable == 0 || answerable == flat.len() {
        return Err(CalibrateError::OneKind { answerable, unanswerable: flat.len() - answerable });
    }
    let predicted = cross_validated(&rows, options.l2);
    let scored: Vec<(f64, bool, f64)> = predicted.iter().flatten().copied().collect();
    let threshold = threshold(&scored, options.max_answerable_refused);
    let model = Model::fit(&flat, options.l2);
    let features = names.into_iter().enumerate().map(|(c, name)| Feature {
        name,
        mean: model.means[c],
        scale: model.scales[c],
        weight: model.weights[c],
    });
    let calibration = Calibration {
        version: VERSION,
        features: features.collect(),
        bias: model.bias,
        threshold,
        fitted_on: labelled.iter().map(fitted::record).collect(),
        auroc: weighted_auroc(&scored),
        answerable_refused: refused(&scored, threshold, true),
        unanswerable_refused: refused(&scored, threshold, false),
        ece: expected_calibration_error(&scored),
    };
    let unweighted = |scored: &[(f64, bool, f64)]| auroc(&scored.iter().map(|(p, y, _)| (*p, *y)).collect::<Vec<_>>());
    let collections = labelled.iter().zip(&predicted).map(|(l, p)| (l.name.clone(), unweighted(p))).collect();
    let asked: usize = labelled.iter().map(|l| l.outcomes.len()).sum();
    Ok(Fit { calibration, collections, left_out: asked - flat.len() })
}

/// The names of the features, and per collection its rows. Where sets are balanced, the weights of
/// each sum to the mean size of a set.
fn rows(labelled: &[Asked], balance: Balance) -> Result<(Vec<String>, Vec<Vec<Row>>), CalibrateError> {
    let features = |o: &Outcome| o.trace().map(|t| t.features.clone()).filter(|f| !f.is_empty());
    let first = labelled.iter().flat_map(|l| &l.outcomes).find_map(features).ok_or(CalibrateError::NoFeatures)?;
    let names: Vec<String> = first.into_iter().map(|(name, _)| name).collect();
    let mut collections = Vec::new();
    for collection in labelled {
        let mut rows = Vec::new();
        for outcome in &collection.outcomes {
            if let Some(features) = features(outcome) {
                check(&collection.name, outcome, &names, &features)?;
                let x = features.into_iter().map(|(_, value)| value).collect();
                rows.push(Row { x, y: outcome.question.answerable, weight: 1.0 });
            }
        }
        collections.push(rows);
    }
    let filled = collections.iter().filter(|rows| !rows.is_empty()).count();
    let mean_size = float(collections.iter().map(Vec::len).sum()) / float(filled.max(1));
    for rows in collections.iter_mut().filter(|_| balance == Balance::Sets) {
        let weight = mean_size / float(rows.len().max(1));
        rows.iter_mut().for_each(|row| row.weight = weight);
    }
    Ok((names, collections))
}

fn check(
    collection: &str,
    outcome: &Outcome,
    names: &[String],
    features: &[(String, f64)],
) -> Result<(), CalibrateError> {
    let question = outcome.question.id.clone();
    if !features.iter().map(|(name, _)| name).eq(names) {
        let found = features.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let expected = names.join(", ");
        return Err(CalibrateError::OtherFeatures { collection: collection.to_owned(), question, found, expected });
    }
    match features.iter().find(|(_, value)| !value.is_finite()) {
        Some((feature, _)) => Err(CalibrateError::NotFinite { feature: feature.clone(), question }),
        None => Ok(()),
    }
}

/// Probability, label and weight of every row, each predicted by a model that did not see it.
///
/// Neighbours stay together, because question sets put paraphrases of one question next to one
/// another and those must not be on both sides; the pieces are small, so that no fold holds a whole
/// category that the others lack.
fn cross_validated(collections: &[Vec<Row>], l2: f64) -> Vec<Vec<(f64, bool, f64)>> {
    let folds: Vec<Vec<usize>> = collections.iter().map(|rows| folds(rows)).collect();
    let models: Vec<Model> = (0..FOLDS)
        .map(|fold| {
            let kept = collections.iter().zip(&folds).flat_map(|(rows, folds)| rows.iter().zip(folds));
            let kept: Vec<Row> = kept.filter(|(_, f)| **f != fold).map(|(row, _)| row.clone()).collect();
            Model::fit(&kept, l2)
        })
        .collect();
    let predict = |(row, fold): (&Row, &usize)| (models[*fold].probability(&row.x), row.y, row.weight);
    collections.iter().zip(&folds).map(|(rows, folds)| rows.iter().zip(folds).map(predict).collect()).collect()
}

/// The fold of each row: pieces of [`NEIGHBOURS`] in turn, each label counted for itself.
fn folds(rows: &[Row]) -> Vec<usize> {
    let mut seen = [0, 0];
    let mut place = |row: &Row| {
        let count = &mut seen[usize::from(row.y)];
        *count += 1;
        (*count - 1) / NEIGHBOURS % FOLDS
    };
    rows.iter().map(&mut place).collect()
}

/// Among the thresholds that refuse at most `limit` of the answerable questions, the one with the
/// best mean of answerable answered and unanswerable refused; of equals the lowest.
fn threshold(scored: &[(f64, bool, f64)], limit: f64) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weight_of = |label: bool| sorted.iter().filter(|s| s.1 == label).map(|s| s.2).sum::<f64>();
    let (answerable, unanswerable) = (weight_of(true), weight_of(false));
    let (mut refused_answerable, mut refused_unanswerable) = (0.0, 0.0);
    let mut best = (f64::NEG_INFINITY, 0.0);
    let mut below = 0.0;
    for (p, label, weight) in sorted {
        let lost = refused_answerable / answerable;
        if lost > limit {
            break;
        }
        let merit = refused_unanswerable / unanswerable - lost;
        if merit > best.0 + 1e-12 {
            // Halfway to the next lower confidence, so that no question stands on the threshold.
            best = (merit, f64::midpoint(below, p));
        }
        if label {
            refused_answerable += weight
        } else {
            refused_unanswerable += weight
        }
        below = p;
    }
    best.1
}

/// Weighted share of the questions of one kind below the threshold.
fn refused(scored: &[(f64, bool, f64)], threshold: f64, label: bool) -> f64 {
    let of_kind = || scored.iter().filter(move |s| s.1 == label);
    let total: f64 = of_kind().map(|s| s.2).sum();
    of_kind().filter(|s| s.0 < threshold).map(|s| s.2).sum::<f64>() / total
}

/// AUROC where a pair counts with the product of its weights.
fn weighted_auroc(scored: &[(f64, bool, f64)]) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut positives) = (0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let weight_of = |label: bool| tied.iter().filter(|s| s.1 == label).map(|s| s.2).sum::<f64>();
        let (here, others) = (weight_of(true), weight_of(false));
        wins += here * (below + others / 2.0);
        below += others;
        positives += here;
    }
    wins / (positives * below)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::outcome;
    use super::super::measures::SplitMix;
    use super::*;

    /// Outcomes whose feature `signal` is higher for answerable questions, by `distance`.
    fn labelled(collection: &str, size: usize, distance: f64, seed: u64) -> Asked {
        let mut random = SplitMix(seed);
        let mut noise = || (0..6).map(|_| float(random.below(1000)) / 1000.0 - 0.5).sum::<f64>();
        let outcomes = (0..size).map(|i| {
            let answerable = i % 2 == 0;
            let mut outcome = outcome(&format!(r#""answerable":{answerable}"#), Some(0.5), false, &[]);
            let signal = noise() + if answerable { distance } else { 0.0 };
            if let Some(head) = &mut outcome.head {
                head.trace.features = vec![("signal".to_owned(), signal), ("noise".to_owned(), noise())];
            }
            outcome
        });
        Asked { name: collection.to_owned(), hash: "h".to_owned(), fitted: 0, outcomes: outcomes.collect() }
    }

    #[test]
    fn the_telling_feature_gets_the_weight_and_the_figures_are_honest() {
        let fit = fit(&[labelled("a", 400, 1.5, 1)], Options::default()).unwrap();
        let calibration = &fit.calibration;
        assert!(calibration.features[0].weight > 5.0 * calibration.features[1].weight.abs(), "{calibration:?}");
        // Two normal curves with variance 1/2 each, 1.5 apart: AUROC = Φ(1.5) = .933.
        assert!((calibration.auroc - 0.933).abs() < 0.03, "{}", calibration.auroc);
        assert!(calibration.answerable_refused <= 0.1 && calibration.unanswerable_refused > 0.6, "{calibration:?}");
        assert!(calibration.ece < 0.1, "{}", calibration.ece);
        assert_eq!(calibration.fitted_on[0].answerable, 200);
    }

    #[test]
    fn fitting_twice_gives_the_same_file() {
        let once =
            || serde_json::to_string(&fit(&[labelled("a", 60, 1.0, 7)], Options::default()).unwrap().calibration);
        assert_eq!(once().unwrap(), once().unwrap());
    }

    #[test]
    fn a_large_collection_does_not_outvote_a_small_one() {
        // The signal tells in the small collection and misleads in the large one, equally strongly.
        let both = [labelled("small", 100, 1.5, 2), labelled("large", 1000, -1.5, 3)];
        let signal = |balance| {
            let options = Options { balance, ..Options::default() };
            fit(&both, options).unwrap().calibration.features[0].weight
        };
        assert!(signal(Balance::Sets).abs() < 0.3, "{}", signal(Balance::Sets));
        assert!(signal(Balance::Questions) < -0.8, "{}", signal(Balance::Questions));
    }

    #[test]
    fn the_threshold_keeps_to_the_limit() {
        let scored = [(0.2, true, 1.0), (0.3, false, 1.0), (0.6, true, 1.0), (0.7, false, 1.0), (0.9, true, 1.0)];
        assert!(threshold(&scored, 0.0) <= 0.2);
        // One answerable of three may go: 0.45 refuses it and one of the two others.
        assert!((threshold(&scored, 0.34) - 0.45).abs() < 1e-9);
        // Two may go: no better.
        assert_eq!(refused(&scored, threshold(&scored, 0.7), false), 1.0);
    }

    #[test]
    fn replies_with_other_features_are_refused_and_those_without_any_are_left_out() {
        let mut set = labelled("a", 20, 1.0, 5);
        if let Some(head) = &mut set.outcomes[4].head {
            head.trace.features.clear();
        }
        assert_eq!(fit(&[set], Options::default()).unwrap().left_out, 1);
        let mut set = labelled("a", 20, 1.0, 5);
        if let Some(head) = &mut set.outcomes[4].head {
            head.trace.features[0].0 = "other".to_owned();
        }
        assert!(matches!(fit(&[set], Options::default()), Err(CalibrateError::OtherFeatures { .. })));
        assert!(matches!(fit(&[], Options::default()), Err(CalibrateError::NoFeatures)));
    }
}
