//! Questions that presuppose what the sources deny: "why did the club fold?" where it grew.
//!
//! A sentence contradicts a question when it is about the same things and says the opposite of one
//! word of it, or denies it, or affirms what the question denies. General English decides what is
//! opposite (`text::are_opposite`); no document does.

use std::ops::Range;

use super::score::ScoredSentence;
use super::topic::{Topic, Word};
use super::window::words;
use super::{Place, Scene, Statement};
use crate::corpus::SentenceId;
use crate::mechanism::Mechanism;
use crate::question::{Kind, Query};
use crate::text::{Term, are_opposite, has_opposite, is_denial, terms};

/// Sentences that are looked at, best first.
const DEPTH: usize = 10;
/// Share of the rest of the question, by idf, that a contradicting passage must hold.
const SAME_SUBJECT: f64 = 0.5;
/// A denial reaches this many words on.
const REACH: usize = 4;

/// The sentence that contradicts what the question presupposes, if one of the best does.
pub(super) fn contradiction(
    scene: Scene<'_>,
    query: &Query,
    topic: &Topic,
    scored: &[ScoredSentence],
) -> Option<Statement> {
    // Whether something is so may be asked without taking it for granted.
    let taken = !matches!(query.kind, Kind::YesNo | Kind::Keywords | Kind::Instruction);
    if !taken || !scene.uses(Mechanism::Premises) {
        return None;
    }
    let asked = terms(&query.text);
    let turning: Vec<&Word> = topic.words.iter().filter(|w| turns(query, w)).collect();
    let near = &scored[..scored.len().min(DEPTH)];
    // What the sources say in the question's own words is not contradicted elsewhere.
    let turning = turning.into_iter().filter(|w| !near.iter().any(|s| affirms(scene, &asked, w, s.id)));
    for word in turning {
        let found =
            near.iter().find(|s| same_subject(scene, query, topic, word, s) && contradicts(scene, &asked, word, s.id));
        if let Some(s) = found {
            return Some(statement(scene, s));
        }
    }
    None
}

/// Words that can be contradicted: those with an opposite, and what is said of the subject.
fn turns(query: &Query, word: &Word) -> bool {
    has_opposite(&word.term.stem) || query.predicate.as_ref() == Some(&word.term.range)
}

/// Whether a sentence says the word as the question does.
fn affirms(scene: Scene<'_>, asked: &[Term], word: &Word, id: SentenceId) -> bool {
    let said = terms(scene.snapshot.corpus.sentence_text(id));
    let denied = is_denied(asked, |t| t.range == word.term.range);
    said.iter().any(|t| t.stem == word.term.stem) && is_denied(&said, |t| t.stem == word.term.stem) == denied
}

fn contradicts(scene: Scene<'_>, asked: &[Term], word: &Word, id: SentenceId) -> bool {
    let said = terms(scene.snapshot.corpus.sentence_text(id));
    let denied = is_denied(asked, |t| t.range == word.term.range);
    if said.iter().any(|t| t.stem == word.term.stem) {
        return is_denied(&said, |t| t.stem == word.term.stem) != denied;
    }
    let opposite = |t: &Term| are_opposite(&t.stem, &word.term.stem);
    said.iter().any(opposite) && is_denied(&said, opposite) == denied
}

/// Whether the first word that fits stands within reach of a denial before it.
fn is_denied(words: &[Term], fits: impl Fn(&Term) -> bool) -> bool {
    let Some(at) = words.iter().position(fits) else { return false };
    words[at.saturating_sub(REACH)..at].iter().any(|t| is_denial(&t.folded))
}

/// Whether the sentence's passage is about what the rest of the question is about.
fn same_subject(scene: Scene<'_>, query: &Query, topic: &Topic, word: &Word, sentence: &ScoredSentence) -> bool {
    let there = scene.snapshot.stems.passage(sentence.passage);
    let own = scene.snapshot.stems.sentence(sentence.id);
    let rest = || topic.words.iter().filter(|w| w.term.range != word.term.range);
    let weight: f64 = rest().map(|w| w.idf).sum();
    let held: f64 = rest().filter(|w| w.is_near(there)).map(|w| w.idf).sum();
    let touched = rest().any(|w| w.is_near(own));
    let spoken = !query.speakers.is_empty() && scene.says(sentence.id, &query.speakers);
    (spoken && weight <= 0.0) || (weight > 0.0 && held >= SAME_SUBJECT * weight && (touched || spoken))
}

fn statement(scene: Scene<'_>, sentence: &ScoredSentence) -> Statement {
    let span: Range<SentenceId> = sentence.id..sentence.id + 1;
    Statement {
        document: sentence.document,
        block: sentence.block,
        words: words(&scene.snapshot.corpus, &span),
        speaker: scene.voice(sentence.id),
        place: Place::Main,
        repeats: None,
        key: None,
        score: sentence.worth,
    }
}
