//! What "she", "it", "they" and "that" stand for, put in their place.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::clause::Clause;
use super::context::Context;
use super::lexicon::{Human, agreeing, is_auxiliary, is_determiner, is_plural, is_preposition};
use super::pattern;
use super::phrases::{Place, phrases};
use crate::question::People;
use crate::text::{fold, is_stop_word, terms, word_ranges};

static PERSON: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(he|she|him|his|hers?)\b"));
static THING: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(it|its|they|them|theirs?|that|this|those|these)\b"));
/// An "it" that stands for nothing: "is it true that …", "does it take long to …".
static EMPTY_IT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bit (?:\w+ )?(?:true|false|possible|impossible|clear|likely|unlikely|hard|difficult|easy|important|necessary|worth|legal|safe|allowed|known|fair|right|wrong|better|best|common|normal|usual|cheaper|hoped|expected|said|planned|feared|like) (?:that|to|for|whether|if|when)\b|\bit (?:takes?|took|taken|costs?|means?|meant|feels?) (?:\w+ ){0,3}?to (?:[a-z]+ )|\b(?:is|was) it (?:that|who|which)\b|\bit (?:rain|snow|get dark)",
    )
});

/// Of which kind a pronoun is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    One,
    Many,
}

/// A pronoun that needs a thing.
#[derive(Debug, Clone)]
pub(super) struct Pronoun {
    pub(super) range: Range<usize>,
    pub(super) word: String,
    pub(super) number: Number,
    /// "its theme"
    pub(super) possessive: bool,
    /// The subject of its question, not the object of a verb.
    pub(super) subject: bool,
}

impl Pronoun {
    /// "that" and "this" may stand for what was done or said; "it" and "they" stand for things.
    pub(super) fn points(&self) -> bool {
        matches!(self.word.as_str(), "that" | "this")
    }
}

/// A question with its pronouns filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled {
    pub(super) text: String,
    pub(super) person: bool,
    pub(super) thing: bool,
}

/// Fills in what can be; `None` when nothing was.
pub(super) fn fill(question: &str, context: &Context, people: &People) -> Option<Filled> {
    let mut filled = Filled { text: question.to_owned(), ..Filled::default() };
    // From the end, so that the places before keep their bytes; the thing is looked for in the
    // question as it was asked.
    let thing = pronoun(question, people).and_then(|p| Some((context.thing(question, &p, people)?, p)));
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    if let Some((thing, pronoun)) = thing {
        filled.thing = true;
        if let Some(change) = agree(question, &pronoun, &thing) {
            changes.push(change);
        }
        changes.push((pronoun.range, if pronoun.possessive { owned(&thing) } else { thing }));
    }
    for (range, name) in persons(question, context, people) {
        filled.person = true;
        changes.push((range, name));
    }
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, text) in changes {
        filled.text.replace_range(range, &text);
    }
    (filled.person || filled.thing).then_some(filled)
}

/// "Why are winter fares important?": the verb before what was a "that" agrees with it.
fn agree(question: &str, pronoun: &Pronoun, thing: &str) -> Option<(Range<usize>, String)> {
    let words = terms(thing);
    let end = words.iter().position(|w| is_preposition(&w.folded)).unwrap_or(words.len());
    let head = words[..end].last()?;
    let clause_like = words[0].folded == "what" || words.iter().any(|w| w.folded.ends_with("ing"));
    let many = !head.capital && is_plural(&head.folded) && !clause_like;
    let before = word_ranges(&question[..pronoun.range.start]).last()?;
    let fits = many && pronoun.number == Number::One && !pronoun.possessive;
    let word = agreeing(&question[before.clone()], true).filter(|_| fits)?;
    Some((before.clone(), super::cased(word, &question[before])))
}

fn owned(name: &str) -> String {
    if name.ends_with('s') && !name.ends_with("ss") { format!("{name}’") } else { format!("{name}’s") }
}

/// The names for "she", "his", "him"; two persons where both sexes are spoken of.
fn persons(question: &str, context: &Context, people: &People) -> Vec<(Range<usize>, String)> {
    // Whoever is named in the question itself is meant.
    if !people.mentioned(question).people.is_empty() {
        return Vec::new();
    }
    let mut given: Vec<(bool, String)> = Vec::new();
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for m in PERSON.find_iter(question) {
        let word = m.as_str().to_lowercase();
        let male = matches!(word.as_str(), "he" | "him" | "his");
        let name = match given.iter().find(|(sex, _)| *sex == male) {
            // The same person again keeps the pronoun; it is clear by now.
            Some(_) => continue,
            None => {
                let taken: Vec<&str> = given.iter().map(|(_, name)| name.as_str()).collect();
                context
                    .person(male, &taken)
                    .or_else(|| given.is_empty().then(|| people.interviewee().map(str::to_owned)).flatten())
            }
        };
        let Some(name) = name else { continue };
        let next = next_word(question, m.end());
        let possessive = match word.as_str() {
            "his" | "hers" => true,
            "her" => next.is_some_and(|w| !is_stop_word(&w) || w == "own"),
            _ => false,
        };
        found.push((m.range(), if possessive { format!("{name}’s") } else { name.clone() }));
        given.push((male, name));
    }
    found
}

/// The pronoun for a thing that nothing in the question itself can stand for.
pub(super) fn pronoun(question: &str, people: &People) -> Option<Pronoun> {
    let names = people.mentioned(question).ranges;
    let clause = Clause::of(question, &names);
    THING.find_iter(question).find_map(|m| {
        let word = m.as_str().to_lowercase();
        let number = match word.as_str() {
            "they" | "them" | "their" | "theirs" | "those" | "these" => Number::Many,
            _ => Number::One,
        };
        let points = matches!(word.as_str(), "that" | "this" | "those" | "these");
        let fits = if points { stands_alone(question, &m.range()) } else { !is_empty(question, &m.range()) };
        let subject = clause.subject.clone().any(|i| clause.words[i].range.start == m.start())
            || next_word(question, m.end()).is_some_and(|w| is_auxiliary(&w));
        let pronoun =
            Pronoun { range: m.range(), possessive: matches!(word.as_str(), "its" | "their"), number, subject, word };
        (fits && !answered_inside(&clause, &names, &pronoun)).then_some(pronoun)
    })
}

fn is_empty(question: &str, range: &Range<usize>) -> bool {
    EMPTY_IT.find_iter(question).any(|m| m.start() <= range.start && range.end <= m.end())
}

/// Whether a thing named before the pronoun, in the same question, is what it stands for. What is
/// asked for ("how many parts has it") is not.
fn answered_inside(clause: &Clause<'_>, names: &[Range<usize>], pronoun: &Pronoun) -> bool {
    if pronoun.points() {
        return false;
    }
    let asking = clause.asking_phrase();
    phrases(clause, names).iter().any(|p| {
        let asked = asking.clone().any(|i| p.noun.contains(&clause.words[i].range.start));
        let many = pronoun.number == Number::Many;
        let fits = if many { p.plural } else { !p.plural && !p.name && p.human != Human::Yes };
        // "in favour of it", "on sale": a bare noun after a preposition is no thing.
        let whole = p.determiner.is_some() || p.place == Place::Subject;
        whole && p.range.end <= pronoun.range.start && !asked && fits && !p.is_property() && p.place != Place::Focus
    })
}

/// "Why is that important?", and not "that ferry" or "said that the ferry …".
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let next = next_word(text, range.end);
    let before = text[..range.start].split_whitespace().next_back().map(|w| fold(w.trim_matches(',')));
    let ends = next.is_none() || text[range.end..].starts_with(['?', '.', '!', ',']);
    if ends {
        return true;
    }
    let next = next.unwrap_or_default();
    let after_verb = before.as_deref().is_some_and(is_auxiliary);
    let few_follow = word_ranges(&text[range.end..]).nth(2).is_none();
    let after_preposition = before.as_deref().is_some_and(is_preposition);
    match next.as_str() {
        _ if after_preposition => is_auxiliary(&next) || is_preposition(&next),
        "the" | "he" | "she" | "we" | "it" | "they" | "there" | "one" | "ones" | "a" | "an" | "his" | "her" => false,
        _ if after_verb && (few_follow || super::lexicon::is_verb(&next)) => true,
        _ if before.is_none() => is_auxiliary(&next),
        _ => is_stop_word(&next) && !is_auxiliary(&next) && !is_determiner(&next),
    }
}

fn next_word(text: &str, from: usize) -> Option<String> {
    word_ranges(&text[from..]).next().map(|r| fold(&text[from..][r]))
}

/// Whether any pronoun leans on the talk before.
pub(super) fn has_pronoun(question: &str) -> bool {
    PERSON.is_match(question)
        || THING.find_iter(question).any(|m| {
            let points = matches!(m.as_str().to_lowercase().as_str(), "that" | "this" | "those" | "these");
            if points { stands_alone(question, &m.range()) } else { !is_empty(question, &m.range()) }
        })
}

/// Content words of a question, without those that name somebody.
pub(super) fn own_words(question: &str, people: &People) -> Vec<String> {
    let names = people.mentioned(question).ranges;
    terms(question)
        .into_iter()
        .filter(|t| !is_stop_word(&t.folded) && !names.iter().any(|r| r.contains(&t.range.start)))
        .map(|t| t.folded)
        .collect()
}
