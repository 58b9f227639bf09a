//! What the decision is computed from: named numbers about a question and what was found for it.
//!
//! Each is about 0 to 1 and defined without any document in mind; `decide` weighs them.

use std::collections::BTreeSet;

use super::{Evidence, Nothing, ReadingSummary, Scene};
use crate::question::{Kind, Query};
use crate::retrieve::{Candidate, Retrieval};
use crate::text::{Term, is_negative, is_stop_word, terms};

/// The names, in the order of [`Features`].
pub const FEATURES: [&str; 30] = [
    "max_sim",
    "sentence_sim",
    "cosine",
    "coverage",
    "least_covered",
    "statement_coverage",
    "unknown_words",
    "missing_names",
    "missing_numbers",
    "kind_fits",
    "kind_fails",
    "margin",
    "agreement",
    "bm25",
    "structural",
    "nothing",
    "speaker_asked",
    "topic_words",
    "reader",
    "reader_span",
    "reader_highest",
    "least_low",
    "coverage_low",
    "reader_low",
    "speaker_least",
    "reason_least",
    "negative_unmet",
    "unknown_names",
    "unknown_numbers",
    "max_sim_low",
];

/// The values, in the order of [`FEATURES`].
pub type Features = [f64; FEATURES.len()];

/// Computes the features of one question.
#[must_use]
pub fn features(
    scene: Scene<'_>,
    query: &Query,
    retrieval: &Retrieval,
    read: &ReadingSummary,
    found: &Result<Evidence, Nothing>,
) -> Features {
    let evidence = found.as_ref().ok();
    let best = best_candidate(scene, retrieval, evidence);
    let cover = Cover::of(scene, query, retrieval, best, evidence);
    let statement = evidence.map_or(0.0, |e| f64::from(e.sentence_sim));
    let fits = evidence.and_then(|e| e.kind_fits);
    [
        best.and_then(|c| c.max_sim).map_or(0.0, f64::from),
        statement,
        retrieval.dense.first().map_or(0.0, |s| f64::from(s.score)),
        cover.mean,
        cover.least,
        cover.statement,
        cover.unknown,
        cover.missing_names,
        cover.missing_numbers,
        f64::from(u8::from(fits == Some(true))),
        f64::from(u8::from(fits == Some(false))),
        evidence.map_or(0.0, |e| f64::from(e.margin.clamp(0.0, 2.0))),
        best.map_or(0.0, |c| agreement(c, retrieval)),
        bm25(scene, query, retrieval),
        f64::from(u8::from(evidence.is_some_and(|e| e.structural))),
        f64::from(u8::from(evidence.is_none())),
        f64::from(u8::from(!query.speakers.is_empty() || query.kind == Kind::WhoSaid)),
        (query.topic.len() as f64).min(12.0) / 12.0,
        f64::from(read.logit),
        f64::from(read.span),
        f64::from(read.highest),
        below(cover.least, 0.35),
        below(cover.mean, 0.5),
        below(f64::from(read.highest), 0.0),
        if query.speakers.is_empty() { 0.0 } else { 1.0 - cover.least },
        if query.kind == Kind::Reason { 1.0 - cover.least } else { 0.0 },
        negative_unmet(scene, query, best),
        cover.unknown_names,
        cover.unknown_numbers,
        below(best.and_then(|c| c.max_sim).map_or(0.0, f64::from), 0.4),
    ]
}

/// How far a value is below a knee: what a straight line through the whole range would flatten.
fn below(value: f64, knee: f64) -> f64 {
    (knee - value).max(0.0)
}

/// The question presupposes something bad that the passage does not hold: 1 when the passage holds
/// nothing bad at all, 0.5 when it holds something else that is.
fn negative_unmet(scene: Scene<'_>, query: &Query, best: Option<&Candidate>) -> f64 {
    let Some(best) = best else { return 0.0 };
    let passage = scene.snapshot.corpus.passage(best.passage);
    let there = stems(&format!("{} {}", passage.passage.context, passage.block.text.text));
    let unmet = query.topic.iter().any(|t| is_negative(&t.stem) && !there.contains(&t.stem));
    match (unmet, there.iter().any(|s| is_negative(s))) {
        (false, _) => 0.0,
        (true, true) => 0.5,
        (true, false) => 1.0,
    }
}

/// The retrieved passage that the first statement comes from, else the best one.
fn best_candidate<'a>(
    scene: Scene<'_>,
    retrieval: &'a Retrieval,
    evidence: Option<&Evidence>,
) -> Option<&'a Candidate> {
    let of_statement =
        evidence.and_then(|e| e.statements.iter().max_by(|a, b| a.score.total_cmp(&b.score))).and_then(|s| {
            retrieval.candidates.iter().find(|c| {
                let p = &scene.snapshot.corpus.passages[c.passage as usize];
                p.document == s.document && p.block == s.block
            })
        });
    of_statement.or_else(|| retrieval.candidates.first())
}

/// How far both rankings put the passage first: mean of the reciprocal ranks.
fn agreement(candidate: &Candidate, retrieval: &Retrieval) -> f64 {
    let reciprocal = |ranking: &[crate::index::Scored]| {
        ranking.iter().position(|s| s.passage == candidate.passage).map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0))
    };
    f64::midpoint(reciprocal(&retrieval.lexical), reciprocal(&retrieval.dense))
}

/// The best lexical score against what the question's words could reach: BM25 rises with each
/// word's idf, and a word found once scores about its idf.
fn bm25(scene: Scene<'_>, query: &Query, retrieval: &Retrieval) -> f64 {
    let most: f64 = query.topic.iter().map(|t| scene.idf(&t.folded)).sum();
    let best = retrieval.lexical.first().map_or(0.0, |s| f64::from(s.score));
    if most > 0.0 { (best / most).min(2.0) / 2.0 } else { 0.0 }
}

/// How the words of the question are found again in the passage and in the quoted words.
#[derive(Debug, Default)]
struct Cover {
    mean: f64,
    least: f64,
    statement: f64,
    unknown: f64,
    missing_names: f64,
    missing_numbers: f64,
    unknown_names: f64,
    unknown_numbers: f64,
}

impl Cover {
    fn of(
        scene: Scene<'_>,
        query: &Query,
        retrieval: &Retrieval,
        best: Option<&Candidate>,
        evidence: Option<&Evidence>,
    ) -> Self {
        let Some(best) = best else { return Self { unknown: 1.0, ..Self::default() } };
        let passage = scene.snapshot.corpus.passage(best.passage);
        let there = stems(&format!("{} {}", passage.passage.context, passage.block.text.text));
        let quoted = quoted_stems(scene, evidence);
        let weights: Vec<f64> = query.topic.iter().map(|t| scene.idf(&t.folded)).collect();
        let total: f64 = weights.iter().sum::<f64>().max(1e-9);
        let found: Vec<f64> = query.topic.iter().map(|t| word_cover(t, &there, retrieval, best)).collect();
        let share = |values: &[f64]| values.iter().zip(&weights).map(|(v, w)| v * w).sum::<f64>() / total;
        let unknown = |t: &Term| {
            scene.snapshot.lexical.document_frequency(&t.folded) == 0
                && scene.snapshot.lexical.near_words(&t.folded, 1).is_empty()
        };
        let is_number = |t: &Term| t.folded.starts_with(|c: char| c.is_ascii_digit());
        let unknown_share = |which: &dyn Fn(&Term) -> bool| {
            let count = query.topic.iter().filter(|t| which(t) && unknown(t)).count();
            (count as f64 / 2.0).min(1.0)
        };
        let first = terms(&query.text).first().map(|t| t.range.clone());
        let shouted = !query.text.contains(|c: char| c.is_lowercase());
        let unknowns: Vec<f64> = query.topic.iter().map(|t| f64::from(u8::from(unknown(t)))).collect();
        let in_statement: Vec<f64> = query.topic.iter().map(|t| f64::from(u8::from(holds(&quoted, t)))).collect();
        Self {
            mean: if query.topic.is_empty() { 0.5 } else { share(&found) },
            least: found.iter().copied().reduce(f64::min).unwrap_or(0.5),
            statement: if query.topic.is_empty() { 0.5 } else { share(&in_statement) },
            unknown: share(&unknowns),
            missing_names: missing(scene, query, &there, |t| {
                t.capital && !t.folded.starts_with(|c: char| c.is_ascii_digit())
            }),
            unknown_names: unknown_share(&|t| {
                t.capital && !is_number(t) && !shouted && Some(&t.range) != first.as_ref()
            }),
            unknown_numbers: unknown_share(&is_number),
            missing_numbers: missing(scene, query, &there, |t| t.folded.starts_with(|c: char| c.is_ascii_digit())),
        }
    }
}

/// Names or numbers of the question that the passage lacks: 0, or 0.5 for one, up to 1.
fn missing(scene: Scene<'_>, query: &Query, there: &BTreeSet<String>, which: impl Fn(&Term) -> bool) -> f64 {
    let shouted = !query.text.contains(|c: char| c.is_lowercase());
    let first = terms(&query.text).first().map(|t| t.range.clone());
    let count = query
        .topic
        .iter()
        .filter(|t| which(t) && !shouted && Some(&t.range) != first.as_ref())
        .filter(|t| !holds(there, t) && !known_person(scene, t))
        .count();
    (count as f64 / 2.0).min(1.0)
}

fn known_person(scene: Scene<'_>, term: &Term) -> bool {
    scene.people.iter().any(|(_, p)| terms(&p.name).iter().any(|t| t.folded == term.folded))
}

/// 1 for a word that stands there; else the similarity of its pieces with the nearest ones there.
fn word_cover(term: &Term, there: &BTreeSet<String>, retrieval: &Retrieval, best: &Candidate) -> f64 {
    if holds(there, term) {
        return 1.0;
    }
    let (Some(question), Some(interaction)) = (&retrieval.question, &best.interaction) else { return 0.0 };
    let sims: Vec<f32> = interaction
        .best(0..interaction.columns())
        .zip(&question.offsets)
        .filter(|(_, range)| term.range.start < range.end && range.start < term.range.end)
        .map(|(sim, _)| sim)
        .collect();
    let mean = sims.iter().sum::<f32>() / sims.len().max(1) as f32;
    f64::from(mean.clamp(0.0, 1.0))
}

/// The stem stands there, or a near spelling of it.
fn holds(there: &BTreeSet<String>, term: &Term) -> bool {
    let length = term.stem.chars().count();
    let allowed = if length >= 8 { 2 } else { usize::from(length >= 5) };
    let digit = term.stem.starts_with(|c: char| c.is_ascii_digit());
    there.contains(&term.stem)
        || (allowed > 0
            && !digit
            && there.iter().any(|w| {
                w.len().abs_diff(term.stem.len()) <= allowed
                    && w.as_bytes().first() == term.stem.as_bytes().first()
                    && strsim::damerau_levenshtein(w, &term.stem) <= allowed
            }))
}

fn stems(text: &str) -> BTreeSet<String> {
    terms(text).into_iter().filter(|t| !is_stop_word(&t.folded)).map(|t| t.stem).collect()
}

fn quoted_stems(scene: Scene<'_>, evidence: Option<&Evidence>) -> BTreeSet<String> {
    let statements = evidence.map_or(&[][..], |e| &e.statements);
    statements
        .iter()
        .flat_map(|s| stems(&scene.snapshot.corpus.documents[s.document].blocks[s.block].text.text[s.words.clone()]))
        .collect()
}
