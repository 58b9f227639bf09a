//! What the decision is computed from: named numbers about a question and what was found for it.
//!
//! Each is defined without any document in mind. Most are 0 to 1; those of the reader are log-odds.
//! `decide` scales and weighs them.

use std::ops::Range;

use super::names::unnamed;
use super::score::passage_columns;
use super::topic::Word;
use super::{Evidence, Nothing, ReadingSummary, Scene, Topic};
use crate::corpus::Corpus;
use crate::index::stems::StemId;
use crate::question::{Expected, Kind, Query};
use crate::retrieve::{Candidate, Retrieval};
use crate::text::is_negative;

/// The names, in the order of [`Features`].
pub const FEATURES: [&str; 69] = [
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
    "reader",
    "reader_span",
    "reader_highest",
    "coverage_low",
    "reader_low",
    "speaker_least",
    "reason_least",
    "negative_unmet",
    "unknown_names",
    "unknown_numbers",
    "max_sim_low",
    "focus_cover",
    "predicate_cover",
    "statement_least",
    "contradicted",
    "figure_fails",
    "name_fails",
    "here_and_now",
    "unknown_role",
    "speaker_reader",
    "speaker_statement_least",
    "which_unfocused",
    "reason_reader",
    "figure_reader",
    "reader_quoted",
    "unnamed",
    "alone",
    "alone_cosine",
    "alone_max_sim",
    "alone_sentence_sim",
    "alone_coverage",
    "alone_least_covered",
    "alone_reader",
    "alone_reader_span",
    "speaker_gap",
    "reader_mean",
    "reason",
    "bm25_high",
    "cosine_high",
    "agreement_high",
    "statement_coverage_high",
    "max_sim_lowest",
    "unknown_words_many",
    "unknown_words_bm25",
    "unfocused_reader_mean",
    "kind_fails_reader_highest",
    "reader_lower",
    "reader_lowest",
    "reader_high",
    "listed",
    "listed_coverage",
    "speaker_unquoted",
];

/// A search of at most this many passages has no choice among them.
const ALONE: usize = 3;

/// The values, in the order of [`FEATURES`].
pub type Features = [f64; FEATURES.len()];

/// Computes the features of one question.
#[must_use]
pub fn features(
    scene: Scene<'_>,
    query: &Query,
    topic: &Topic,
    retrieval: &Retrieval,
    read: &ReadingSummary,
    found: &Result<Evidence, Nothing>,
) -> Features {
    let evidence = found.as_ref().ok();
    let best = best_candidate(scene, retrieval, evidence);
    let cover = Cover::of(scene, query, topic, retrieval, best, evidence);
    let statement = evidence.map_or(0.0, |e| f64::from(e.sentence_sim));
    let max_sim = best.and_then(|c| c.max_sim).map_or(0.0, f64::from);
    let cosine = retrieval.dense.first().map_or(0.0, |s| f64::from(s.score));
    let agreement = best.map_or(0.0, |c| agreement(c, retrieval));
    let bm25 = bm25(topic, retrieval);
    let (reader, reader_span) = (f64::from(read.logit), f64::from(read.span));
    let (reader_highest, reader_mean) = (f64::from(read.highest), f64::from(read.mean));
    let fits = evidence.and_then(|e| e.kind_fits);
    let misfits = flag(fits == Some(false));
    let structural = evidence.is_some_and(|e| e.structural);
    let figure = flag(query.expects.is_some_and(Expected::is_figure));
    let speaker = flag(!query.speakers.is_empty());
    let reason = flag(query.kind == Kind::Reason);
    // Items of a list are quoted: one asked for by its number, or one that stands out, or all together.
    let listed = flag(!structural && evidence.is_some_and(|e| e.count.is_some()));
    let unfocused = if query.focus.is_some() { 1.0 - cover.focus } else { 0.0 };
    // The best of many is similar to anything; where little was searched, similarity tells more.
    let alone = flag(retrieval.candidates.len() <= ALONE);
    [
        max_sim,
        statement,
        cosine,
        cover.mean,
        cover.least,
        cover.statement,
        cover.unknown,
        cover.missing_names,
        cover.missing_numbers,
        flag(fits == Some(true)),
        misfits,
        evidence.map_or(0.0, |e| f64::from(e.margin.clamp(0.0, 2.0))),
        agreement,
        bm25,
        flag(structural),
        flag(evidence.is_none()),
        flag(!query.speakers.is_empty() || query.kind == Kind::WhoSaid),
        reader,
        reader_span,
        reader_highest,
        below(cover.mean, 0.5),
        below(reader_highest, 0.0),
        speaker * (1.0 - cover.least),
        reason * (1.0 - cover.least),
        if structural { 0.0 } else { negative_unmet(scene, topic, best) },
        cover.unknown_names,
        cover.unknown_numbers,
        below(max_sim, 0.4),
        cover.focus,
        cover.predicate,
        cover.statement_least,
        flag(evidence.is_some_and(|e| e.contradiction.is_some())),
        misfits * figure,
        misfits * (1.0 - figure),
        flag(query.here_and_now),
        flag(query.unknown_role),
        speaker * reader,
        speaker * (1.0 - cover.statement_least),
        unfocused,
        reason * reader,
        figure * reader,
        flag(evidence.is_some_and(|e| e.statements.iter().any(|s| s.key.is_some()))),
        unnamed(scene, query, evidence),
        alone,
        alone * cosine,
        alone * max_sim,
        alone * statement,
        alone * cover.mean,
        alone * cover.least,
        alone * reader,
        alone * reader_span,
        speaker_gap(scene, query, retrieval),
        reader_mean,
        reason,
        above(bm25, 0.35),
        above(cosine, 0.33),
        above(agreement, 0.5),
        above(cover.statement, 0.5),
        below(max_sim, 0.3),
        above(cover.unknown, 0.7),
        cover.unknown * bm25,
        unfocused * reader_mean,
        misfits * reader_highest,
        below(reader_highest, -2.0),
        below(reader_highest, -4.0),
        above(reader_highest, 2.0),
        listed,
        listed * cover.mean,
        // Somebody's words are asked for whom the documents know and do not quote.
        flag(query.unknown_speaker.is_some()),
    ]
}

/// How far a value is below a knee: what a straight line through the whole range would flatten.
fn below(value: f64, knee: f64) -> f64 {
    (knee - value).max(0.0)
}

/// How far a value is above a knee.
fn above(value: f64, knee: f64) -> f64 {
    (value - knee).max(0.0)
}

/// The question presupposes something bad that the passage does not hold: 1 when the passage holds
/// nothing bad at all, 0.5 when it holds something else that is.
fn negative_unmet(scene: Scene<'_>, topic: &Topic, best: Option<&Candidate>) -> f64 {
    let Some(best) = best else { return 0.0 };
    let stems = &scene.snapshot.stems;
    let there = stems.passage(best.passage);
    let unmet = topic.words.iter().any(|w| is_negative(&w.term.stem) && !w.is_in(there));
    match (unmet, there.iter().any(|id| is_negative(stems.word(*id)))) {
        (false, _) => 0.0,
        (true, true) => 0.5,
        (true, false) => 1.0,
    }
}

/// How much better the words of others match than those of whoever is asked for, in similarity:
/// what somebody said nothing about is often said by somebody else.
fn speaker_gap(scene: Scene<'_>, query: &Query, retrieval: &Retrieval) -> f64 {
    if query.speakers.is_empty() {
        return 0.0;
    }
    let (mut own, mut others) = (0.0_f32, 0.0_f32);
    for candidate in &retrieval.candidates {
        let sentences = &scene.snapshot.corpus.passages[candidate.passage as usize].sentences;
        let best = if sentences.clone().any(|id| scene.says(id, &query.speakers)) { &mut own } else { &mut others };
        *best = best.max(candidate.max_sim.unwrap_or(0.0));
    }
    f64::from(others - own)
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
fn bm25(topic: &Topic, retrieval: &Retrieval) -> f64 {
    let most = topic.weight();
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
    focus: f64,
    predicate: f64,
    statement_least: f64,
}

impl Cover {
    fn of(
        scene: Scene<'_>,
        query: &Query,
        topic: &Topic,
        retrieval: &Retrieval,
        best: Option<&Candidate>,
        evidence: Option<&Evidence>,
    ) -> Self {
        let Some(best) = best else { return Self { unknown: 1.0, ..Self::default() } };
        let there = scene.snapshot.stems.passage(best.passage);
        let quoted = quoted_stems(scene, evidence);
        let words = &topic.words;
        let found: Vec<f64> = words.iter().map(|w| word_cover(w, there, retrieval, best)).collect();
        let share = |value: &dyn Fn(usize) -> f64| {
            let sum: f64 = words.iter().enumerate().map(|(i, w)| w.idf * value(i)).sum();
            sum / topic.weight().max(1e-9)
        };
        let near = quoted_columns(scene, best, evidence);
        let in_statement: Vec<f64> = words
            .iter()
            .map(|w| if w.is_near(&quoted) { 1.0 } else { similarity(w, retrieval, best, near.clone()) })
            .collect();
        let of = |range: Option<&Range<usize>>| {
            let at = words.iter().position(|w| Some(&w.term.range) == range);
            at.map_or(1.0, |at| in_statement[at])
        };
        let shouted = !query.text.contains(|c: char| c.is_lowercase());
        let opening = crate::text::word_ranges(&query.text).next();
        let is_name =
            |w: &Word| w.term.capital && !w.is_number() && !shouted && Some(&w.term.range) != opening.as_ref();
        let missing = |w: &&Word| !w.is_near(there) && !scene.people.has_name_word(&w.term.folded);
        Self {
            mean: if words.is_empty() { 0.5 } else { share(&|i| found[i]) },
            least: found.iter().copied().reduce(f64::min).unwrap_or(0.5),
            statement: if words.is_empty() { 0.5 } else { share(&|i| flag(words[i].is_near(&quoted))) },
            unknown: share(&|i| flag(words[i].unknown)),
            missing_names: some(words.iter().filter(|w| is_name(w)).filter(missing).count()),
            missing_numbers: some(words.iter().filter(|w| w.is_number()).filter(missing).count()),
            unknown_names: some(words.iter().filter(|w| is_name(w) && w.unknown).count()),
            unknown_numbers: some(words.iter().filter(|w| w.is_number() && w.unknown).count()),
            focus: of(query.focus.as_ref()),
            predicate: of(query.predicate.as_ref()),
            statement_least: in_statement.iter().copied().reduce(f64::min).unwrap_or(0.5),
        }
    }
}

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// 0 for none, 0.5 for one, 1 for more.
fn some(count: usize) -> f64 {
    (count as f64 / 2.0).min(1.0)
}

/// 1 for a word that stands there; else the similarity of its pieces with the nearest ones there.
fn word_cover(word: &Word, there: &[StemId], retrieval: &Retrieval, best: &Candidate) -> f64 {
    if word.is_near(there) { 1.0 } else { similarity(word, retrieval, best, 0..usize::MAX) }
}

/// Similarity of a word's pieces with the nearest pieces in some columns of a passage, 0 to 1.
fn similarity(word: &Word, retrieval: &Retrieval, best: &Candidate, columns: Range<usize>) -> f64 {
    let (Some(question), Some(interaction)) = (&retrieval.question, &best.interaction) else { return 0.0 };
    let range = &word.term.range;
    let sims: Vec<f32> = interaction
        .best(columns)
        .zip(&question.offsets)
        .filter(|(_, piece)| range.start < piece.end && piece.start < range.end)
        .map(|(sim, _)| sim)
        .collect();
    let mean = sims.iter().sum::<f32>() / sims.len().max(1) as f32;
    f64::from(mean.clamp(0.0, 1.0))
}

/// The word pieces of the best passage that are quoted; all of them when none is.
fn quoted_columns(scene: Scene<'_>, best: &Candidate, evidence: Option<&Evidence>) -> Range<usize> {
    let passage = scene.snapshot.corpus.passage(best.passage);
    let place = (passage.passage.document, passage.passage.block);
    let quoted = evidence.and_then(|e| e.statements.iter().find(|s| (s.document, s.block) == place));
    quoted.and_then(|s| passage_columns(scene, passage, &s.words)).unwrap_or(0..usize::MAX)
}

/// The stems of all quoted sentences, sorted.
fn quoted_stems(scene: Scene<'_>, evidence: Option<&Evidence>) -> Vec<StemId> {
    let corpus: &Corpus = &scene.snapshot.corpus;
    let mut stems: Vec<StemId> = evidence
        .map_or(&[][..], |e| &e.statements)
        .iter()
        .flat_map(|s| corpus.sentences_within(s.document, s.block, &s.words))
        .flat_map(|id| scene.snapshot.stems.sentence(id).iter().copied())
        .collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}
