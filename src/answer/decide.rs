//! Given the evidence, should we answer? A calibrated confidence against a fitted threshold.
//!
//! Knows nothing about wording; see `compose`. The weights are fitted by `dialogdesk calibrate` on
//! labelled questions of several collections and kept in a versioned file with their error rates.

use serde::{Deserialize, Serialize};

use super::{Evidence, FEATURES, Features, Nothing};

/// A logistic regression over [`FEATURES`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Model {
    pub version: u32,
    pub features: Vec<Weight>,
    pub bias: f64,
    /// Questions at or above this confidence are answered.
    pub threshold: f64,
    /// What it was fitted on, and can therefore not be judged by.
    #[serde(default)]
    pub fitted_on: Vec<FittedOn>,
    /// Share of the answerable questions that the threshold refuses, cross-validated, 0 to 1; absent in
    /// files of before it was written.
    #[serde(default)]
    pub answerable_refused: Option<f64>,
    /// The same of the unanswerable questions.
    #[serde(default)]
    pub unanswerable_refused: Option<f64>,
}

/// A question set that the confidence was fitted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedOn {
    pub collection: String,
    pub answerable: usize,
    pub unanswerable: usize,
    /// SHA-256 of the question file, lower-case hex.
    pub hash: String,
    /// Eight hex digits for each question, one after the other, so that a question is known again in
    /// another file; empty in files of before there were any.
    #[serde(default)]
    pub questions: String,
}

/// What there is to find and judge passages with; each has a model of its own, since features that
/// are missing cannot be weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Encoder and reader.
    Reader,
    /// The encoder alone.
    Encoder,
    /// Neither (`degraded`).
    Words,
}

/// One feature's part: `weight · (value − mean) / scale`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Weight {
    pub name: String,
    pub mean: f64,
    pub scale: f64,
    pub weight: f64,
}

/// What was decided, and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Estimated probability that the sources answer, 0 to 1.
    pub confidence: f64,
    pub answer: bool,
    /// A stable word for why not, one of [`Decision::REASONS`].
    pub reason: Option<&'static str>,
}

impl Decision {
    /// Every reason there is, for those who have words for each.
    pub const REASONS: [&'static str; 8] = [
        "false_premise",
        "unknown_name",
        "below_threshold",
        "nothing_found",
        "unknown_speaker",
        "speaker_silent",
        "no_such_item",
        "instruction",
    ];
}

/// Why a decision model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    #[error("the decision model is not readable: {0}")]
    Format(#[from] serde_json::Error),
    #[error(
        "the decision model weighs {0:?}, which this version does not compute; fit it again with `dialogdesk calibrate`"
    )]
    UnknownFeature(String),
}

impl Model {
    /// The model that comes with the product, fitted with these means.
    ///
    /// # Errors
    /// [`ModelFileError`]; a test holds that there is none.
    pub fn shipped(means: Means) -> Result<Self, ModelFileError> {
        Self::parse(match means {
            Means::Reader => include_str!("decision.json"),
            Means::Encoder => include_str!("decision-without-reader.json"),
            Means::Words => include_str!("decision-words-alone.json"),
        })
    }

    /// Reads a file written by `dialogdesk calibrate`.
    ///
    /// # Errors
    /// [`ModelFileError`].
    pub fn parse(json: &str) -> Result<Self, ModelFileError> {
        let model: Self = serde_json::from_str(json)?;
        match model.features.iter().find(|w| !FEATURES.contains(&w.name.as_str())) {
            Some(unknown) => Err(ModelFileError::UnknownFeature(unknown.name.clone())),
            None => Ok(model),
        }
    }

    fn probability(&self, features: &Features) -> f64 {
        let value = |name: &str| FEATURES.iter().position(|f| *f == name).map_or(0.0, |i| features[i]);
        let sum: f64 = self.features.iter().map(|w| w.weight * (value(&w.name) - w.mean) / w.scale).sum();
        1.0 / (1.0 + (-(self.bias + sum)).exp())
    }
}

/// Weighs the features. Having nothing to say bounds the confidence from above, so that it stays
/// the only thing the outcome depends on.
#[must_use]
pub fn decide(model: &Model, threshold: f64, features: &Features, found: &Result<Evidence, Nothing>) -> Decision {
    let nothing = found.as_ref().err();
    let probability = model.probability(features);
    let elsewhere = found.as_ref().is_ok_and(|e| e.elsewhere);
    let confidence = match nothing {
        None if elsewhere => probability.min(0.5 * threshold),
        None => probability,
        Some(Nothing::SpeakerSilent(_) | Nothing::NoSuchItem) => probability.min(0.5 * threshold),
        Some(_) => probability.min(0.1 * threshold),
    };
    let answer = confidence >= threshold;
    let reason = match nothing {
        _ if answer => None,
        None if found.as_ref().is_ok_and(|e| e.contradiction.is_some()) => Some("false_premise"),
        None if elsewhere => Some("unknown_name"),
        None => Some("below_threshold"),
        Some(Nothing::Empty) => Some("nothing_found"),
        Some(Nothing::UnknownSpeaker(_)) => Some("unknown_speaker"),
        Some(Nothing::SpeakerSilent(_)) => Some("speaker_silent"),
        Some(Nothing::NoSuchItem) => Some("no_such_item"),
        Some(Nothing::Instruction) => Some("instruction"),
    };
    Decision { confidence, answer, reason }
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    fn model() -> Model {
        Model {
            version: 1,
            features: vec![Weight { name: "coverage".into(), mean: 0.5, scale: 0.25, weight: 2.0 }],
            bias: 0.0,
            threshold: 0.5,
            fitted_on: Vec::new(),
            answerable_refused: None,
            unanswerable_refused: None,
        }
    }

    fn evidence() -> Evidence {
        Evidence {
            shape: Shape::Fact,
            statements: Vec::new(),
            count: None,
            structural: false,
            kind_fits: None,
            sentence_sim: 0.5,
            margin: 0.5,
            contradiction: None,
            elsewhere: false,
        }
    }

    fn covering(value: f64) -> Features {
        let mut features = [0.0; FEATURES.len()];
        features[FEATURES.iter().position(|f| *f == "coverage").unwrap()] = value;
        features
    }

    #[test]
    fn the_shipped_model_fits_the_features() {
        for means in [Means::Reader, Means::Encoder, Means::Words] {
            let model = Model::shipped(means).unwrap();
            let rates = [model.answerable_refused, model.unanswerable_refused];
            assert!(rates.iter().all(|rate| rate.is_some_and(|r| (0.0..=1.0).contains(&r))), "{means:?}: {rates:?}");
        }
    }

    #[test]
    fn every_reason_is_listed() {
        let nothing = [
            Nothing::Empty,
            Nothing::UnknownSpeaker("Ann Lee".into()),
            Nothing::SpeakerSilent(0),
            Nothing::NoSuchItem,
            Nothing::Instruction,
        ];
        let elsewhere = Evidence { elsewhere: true, ..evidence() };
        let found: Vec<Result<Evidence, Nothing>> =
            nothing.into_iter().map(Err).chain([Ok(evidence()), Ok(elsewhere)]).collect();
        for found in found {
            let reason = decide(&model(), 0.5, &covering(0.0), &found).reason;
            assert!(reason.is_some_and(|r| Decision::REASONS.contains(&r)), "{reason:?}");
        }
    }

    #[test]
    fn answering_is_exactly_reaching_the_threshold() {
        for value in [0.0, 0.2, 0.5, 0.7, 1.0] {
            let decision = decide(&model(), 0.5, &covering(value), &Ok(evidence()));
            assert_eq!(decision.answer, decision.confidence >= 0.5, "{value}");
        }
        assert!(decide(&model(), 0.5, &covering(0.9), &Ok(evidence())).answer);
        assert!(!decide(&model(), 0.5, &covering(0.1), &Ok(evidence())).answer);
    }

    #[test]
    fn every_reason_to_refuse_is_in_the_confidence() {
        let decision = decide(&model(), 0.5, &covering(1.0), &Err(Nothing::SpeakerSilent(0)));
        assert!(!decision.answer && decision.confidence < 0.5);
        let decision = decide(&model(), 0.5, &covering(1.0), &Ok(Evidence { elsewhere: true, ..evidence() }));
        assert!(decision.confidence < 0.5 && decision.reason == Some("unknown_name"), "{decision:?}");
    }

    #[test]
    fn a_model_for_other_features_is_refused() {
        let json =
            r#"{"version":1,"features":[{"name":"no_such","mean":0,"scale":1,"weight":1}],"bias":0,"threshold":0.5}"#;
        assert!(matches!(Model::parse(json), Err(ModelFileError::UnknownFeature(_))));
    }
}
