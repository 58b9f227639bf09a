//! Names in a sentence, told from words that only begin it, and whether they name what was asked for.
//!
//! Knows names by their capitals and by what the documents print in lower case elsewhere, nothing
//! about who or what they belong to.

use super::{Evidence, Scene};
use crate::index::stems::Stems;
use crate::question::{People, Query};
use crate::text::{Term, is_stop_word, terms};

/// A name this many words from the thing it names is taken to name it ("Ada Whitlock, who was then
/// the mayor").
const NEAR: usize = 6;

/// From this share of capitals on a sentence is set as a title, and capitals tell nothing.
const TITLE_CASE: f64 = 0.7;

/// What tells a name from a word that only begins a sentence.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) stems: &'a Stems,
    pub(super) people: &'a People,
}

impl<'a> Scene<'a> {
    pub(super) fn known_names(&self) -> Known<'a> {
        Known { stems: &self.snapshot.stems, people: self.people }
    }
}

/// Positions of the words of a sentence that are names the question does not hold already.
pub(super) fn new_names(known: Known<'_>, sentence: &str, words: &[Term], asked: &[Term]) -> Vec<usize> {
    let content = || words.iter().filter(|w| !is_stop_word(&w.folded));
    let capitals = content().filter(|w| w.capital).count() as f64;
    let title = content().count() >= 4 && capitals / content().count() as f64 > TITLE_CASE;
    let is_name = |at: usize| {
        let word = &words[at];
        let short = word.folded.chars().count() < 2 || is_stop_word(&word.folded);
        let in_question = asked.iter().any(|other| other.stem == word.stem);
        let begins = at == 0 || begins_anew(&sentence[words[at - 1].range.end..word.range.start]);
        let doubtful = (title || begins) && known.stems.stands_plain(&word.folded);
        word.capital && !short && !in_question && (!doubtful || known.people.has_name_word(&word.folded))
    };
    (0..words.len()).filter(|&at| is_name(at)).collect()
}

/// Whether what stands between two words lets any word begin with a capital.
fn begins_anew(between: &str) -> bool {
    between.contains(['.', ':', '?', '!', '“', '"', '—', '\n', '：', '。'])
}

/// How far the quoted words fall short of naming what the question asks to be named, 0 to 1: 1 when
/// they hold no new name, less when they hold one that does not stand with the thing asked for, 0
/// when it is named or no name is asked for.
pub(super) fn unnamed(scene: Scene<'_>, query: &Query, evidence: Option<&Evidence>) -> f64 {
    let (true, Some(evidence)) = (query.asks_name, evidence) else { return 0.0 };
    if evidence.structural {
        return 0.0;
    }
    let asked = terms(&query.text);
    let corpus = &scene.snapshot.corpus;
    let sentences = evidence.statements.iter().flat_map(|s| corpus.sentences_within(s.document, s.block, &s.words));
    let gap = |id| gap(scene.known_names(), query, &asked, corpus.sentence_text(id));
    sentences.map(gap).fold(1.0, f64::min)
}

/// The same for one sentence.
fn gap(known: Known<'_>, query: &Query, asked: &[Term], sentence: &str) -> f64 {
    let words = terms(sentence);
    let names = new_names(known, sentence, &words, asked);
    if names.is_empty() {
        return 1.0;
    }
    let Some(head) = query.focus.as_ref().and_then(|focus| asked.iter().position(|w| w.range == *focus)) else {
        return 0.0;
    };
    // Whoever is "the mayor" is not named by a dialog of mayors.
    let same = |w: &Term| {
        if query.unknown_role { w.folded == asked[head].folded } else { w.stem == asked[head].stem }
    };
    let heads: Vec<usize> = (0..words.len()).filter(|&at| same(&words[at])).collect();
    if heads.is_empty() {
        return 0.5;
    }
    let named = heads.iter().any(|&head| names.iter().any(|name| name.abs_diff(head) <= NEAR));
    // "The deputy mayor" is not named by whoever names the mayor.
    let mut before = asked[..head].iter().rev().take_while(|w| !is_stop_word(&w.folded));
    let whole = before.all(|w| words.iter().any(|other| other.stem == w.stem));
    if named && whole { 0.0 } else { 0.75 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sample;
    use crate::mechanism::Mechanisms;
    use crate::question::{Question, single};

    #[test]
    fn a_capital_that_only_begins_a_sentence_is_no_name() {
        let document =
            sample::document("a", "en", "Pier | Divers found it. The divers met Tom Reed. Smart Old Pier Divers");
        let stems = Stems::of(&sample::corpus(vec![document]));
        let people = People::default();
        let names = |sentence: &str, question: &str| {
            let words = terms(sentence);
            let found = new_names(Known { stems: &stems, people: &people }, sentence, &words, &terms(question));
            found.into_iter().map(|at| words[at].folded.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("Divers found it.", "Who found it?"), Vec::<String>::new());
        assert_eq!(names("The divers met Tom Reed.", "Who met Tom?"), ["reed"]);
        assert_eq!(names("Kelday is a port.", "Which town is a port?"), ["kelday"]);
    }

    #[test]
    fn a_name_must_stand_with_the_very_thing_that_is_to_be_named() {
        let (stems, people) = (Stems::default(), People::default());
        let gap = |question: &str, sentence: &str| {
            let question = Question::parse(question).unwrap();
            let query = single(&question, &people, Mechanisms::default());
            assert!(query.asks_name, "{}", query.text);
            super::gap(Known { stems: &stems, people: &people }, &query, &terms(&query.text), sentence)
        };
        for (question, sentence, expected) in [
            ("Who is the mayor of Kelday?", "Ada Whitlock, mayor of Kelday, opened it.", 0.0),
            ("Who is the mayor of Kelday?", "it was opened by the mayor.", 1.0),
            ("Who is the mayor of Kelday?", "at the Dialog of Mayors in Kelday, fares were raised.", 0.5),
            ("Who is the deputy mayor?", "it was opened by Ada Whitlock, the mayor.", 0.75),
            ("Who is the deputy mayor?", "it was opened by Ada Whitlock, the deputy mayor.", 0.0),
            ("Which company built the pier?", "the pier was built by Reed Brothers.", 0.5),
            ("Which company built the pier?", "the pier was built in a year.", 1.0),
        ] {
            assert!(
                (gap(question, sentence) - expected).abs() < 1e-9,
                "{question} {sentence}: {}",
                gap(question, sentence)
            );
        }
    }
}
