//! "And on costs?", "what about the year before?", "and the lid?": the question before with one part
//! of it exchanged.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::clause::Clause;
use super::context::{Turn, article_start};
use super::lexicon::{Human, agreeing, is_superlative};
use super::phrases::{Phrase, Place, phrases};
use super::{cased, pattern};
use crate::question::{Kind, People};
use crate::text::{terms, word_ranges};

static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:1[0-9]|20|21)\d\d\b"));
static YEAR_SPAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:between|from) (?:1[0-9]|20|21)\d\d (?:and|to|until) (?:1[0-9]|20|21)\d\d\b"));
static IN_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bin (?:1[0-9]|20|21)\d\d\b"));
static BARE_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:in )?((?:1[0-9]|20|21)\d\d)$"));
/// "the year before", "five years earlier", "two years later".
static OTHER_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:in )?(?:(?:the|a|one|(two|three|four|five|six|seven|eight|nine|ten|\d{1,2})) )?(?:(previous|preceding|next|following) years?|years? (before|earlier|prior|previously|ago|after|later|on|afterwards))(?: that| this| it)?$",
    )
});
static LAST_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:(last)|(this)) year\b"));
/// Words of which one stands for another: months, days of the week, seasons.
static CALENDAR: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        r"(?i)\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
        r"(?i)\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
        r"(?i)\b(?:spring|summer|autumn|winter)s?\b",
        r"(?i)\b(?:(?:this|next|last) (?:week|month|year|season|weekend|spring|summer|autumn|winter)|today|tomorrow|yesterday)\b",
    ]
    .map(pattern)
});
static SUPERLATIVE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^the ((?:most|least) \w+|\w+est)( ones?)?$"));
static PREPOSITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(about|on|regarding|concerning|for|in|at|by|with|to|from|of|during|under|over|against|between|after|before|since) (.+)$",
    )
});

/// The question of a turn with the part that `topic` is a counterpart of replaced by it.
pub(super) fn substitute(topic: &str, turn: &Turn, people: &People) -> String {
    let before = turn.question.as_str();
    other_time(topic, before)
        .or_else(|| other_person(topic, turn, people))
        .or_else(|| prepositional(topic, turn))
        .or_else(|| superlative(topic, turn))
        .or_else(|| counterpart(topic, turn))
        .unwrap_or_else(|| appended(topic, before))
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}

fn appended(topic: &str, before: &str) -> String {
    let preposition = if PREPOSITION.is_match(topic) { "" } else { "about " };
    format!("{} {preposition}{topic}?", before.trim_end_matches(['?', '.', '!', ' ']))
}

/// Another year, month or day in the place of the one in the question.
pub(super) fn other_time(topic: &str, before: &str) -> Option<String> {
    if let Some(year) = BARE_YEAR.captures(topic).and_then(|c| c.get(1)) {
        let last = LAST_YEAR.find(before).map(|m| m.range());
        return if let Some(span) = YEAR_SPAN.find(before) {
            Some(replaced(before, span.range(), &format!("in {}", year.as_str())))
        } else if let Some(old) = YEAR.find(before) {
            Some(replaced(before, old.range(), year.as_str()))
        } else {
            last.map(|range| replaced(before, range, &format!("in {}", year.as_str())))
        };
    }
    if matches!(
        topic.to_lowercase().as_str(),
        "now" | "today" | "currently" | "nowadays" | "these days" | "at the moment"
    ) {
        let open = before.trim_end_matches(['?', '.', '!', ' ']);
        return Some(match IN_YEAR.find(before) {
            Some(old) => replaced(before, old.range(), topic),
            None => format!("{open} {topic}?"),
        });
    }
    if let Some(found) = OTHER_YEAR.captures(topic) {
        let many = found.get(1).map_or(Some(1), |m| count(m.as_str()))?;
        let word = found.get(2).or(found.get(3)).map_or("", |m| m.as_str()).to_lowercase();
        let back = !matches!(word.as_str(), "next" | "following" | "after" | "later" | "on" | "afterwards");
        return shifted(before, if back { -many } else { many }).or_else(|| {
            let open = before.trim_end_matches(['?', '.', '!', ' ']);
            Some(format!("{open} {}{topic}?", if topic.to_lowercase().starts_with("in ") { "" } else { "in " }))
        });
    }
    // "in May" for "in April", "on Sundays" for "on weekdays" as a phrase.
    let bare = PREPOSITION.captures(topic).and_then(|c| c.get(2)).map_or(topic, |m| m.as_str());
    CALENDAR.iter().find_map(|class| {
        let new = class.find(bare).filter(|m| m.len() == bare.len())?;
        let old = class.find_iter(before).last()?;
        Some(replaced(before, old.range(), new.as_str()))
    })
}

/// The year of a question moved by some years.
fn shifted(before: &str, by: i64) -> Option<String> {
    if let Some(old) = YEAR.find_iter(before).last() {
        let year = old.as_str().parse::<i64>().ok()? + by;
        return match YEAR_SPAN.find(before) {
            Some(span) => Some(replaced(before, span.range(), &format!("in {year}"))),
            None => Some(replaced(before, old.range(), &year.to_string())),
        };
    }
    let found = LAST_YEAR.captures(before)?;
    let range = found.get(0)?.range();
    let last = found.get(1).is_some();
    match (last, by) {
        (true, -1) => Some(replaced(before, range, "the year before last")),
        (true, 1) => Some(replaced(before, range, "this year")),
        (false, -1) => Some(replaced(before, range, "last year")),
        (false, 1) => Some(replaced(before, range, "next year")),
        _ => None,
    }
}

fn count(word: &str) -> Option<i64> {
    const NUMBERS: [&str; 9] = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let listed = NUMBERS.iter().position(|n| n.eq_ignore_ascii_case(word)).and_then(|i| i64::try_from(i + 2).ok());
    listed.or_else(|| word.parse().ok())
}

/// Somebody else in the place of whoever is named.
fn other_person(topic: &str, turn: &Turn, people: &People) -> Option<String> {
    let new = people.mentioned(topic);
    let own = topic_phrases(topic);
    let colleague = own.last().is_some_and(|p| p.human == Human::Yes && !p.plural) && !PREPOSITION.is_match(topic);
    if !(colleague || !new.people.is_empty() && !new.leaves_words) {
        return None;
    }
    let person = topic.strip_suffix("'s").or_else(|| topic.strip_suffix("’s")).unwrap_or(topic);
    let before = turn.question.as_str();
    if let Some(range) = turn.names.first() {
        let mut end = range.end;
        // "Reed's objections": what is owned stays.
        let own = &before[range.clone()];
        if let Some(mark) = own.rfind(['’', '\'']).filter(|_| own.ends_with("’s") || own.ends_with("'s")) {
            end = range.start + mark;
        }
        return Some(replaced(before, article_start(before, range.start)..end, person));
    }
    let somebody = turn.phrases.iter().find(|p| p.human != Human::No && !p.plural && p.place != Place::Focus)?;
    Some(replaced(before, somebody.range.clone(), person))
}

fn topic_phrases(topic: &str) -> Vec<Phrase> {
    // Behind a preposition any words are a noun phrase.
    let text = format!("about {topic}");
    phrases(&Clause::of(&text, &[]), &[])
}

/// "and at break?": goes where the question before has the same preposition, else to its end.
fn prepositional(topic: &str, turn: &Turn) -> Option<String> {
    let found = PREPOSITION.captures(topic)?;
    let (word, rest) = (found[1].to_lowercase(), found.get(2)?.as_str());
    let before = turn.question.as_str();
    let subject = |w: &str| matches!(w, "about" | "on" | "regarding" | "concerning");
    let mut slots = turn.phrases.iter().filter(|p| matches!(&p.place, Place::After(_)));
    let same = slots.clone().rfind(|p| p.place == Place::After(word.clone()));
    let alike = slots.rfind(|p| matches!(&p.place, Place::After(w) if subject(w) && subject(&word)));
    if let Some(old) = same.or(alike) {
        let end = if subject(&word) { end_of_topic(before, old) } else { old.range.end };
        return Some(replaced(before, old.range.start..end, rest));
    }
    // "on the bridge" and "in the tunnel" are both where.
    let says_where = |w: &str| matches!(w, "in" | "on" | "at");
    let place = turn.phrases.iter().rfind(|p| matches!(&p.place, Place::After(w) if says_where(w)));
    if let Some(old) = place.filter(|_| says_where(&word) && !(word == "on" && turn.kind == Kind::SaidAbout)) {
        let start = before[..old.range.start].trim_end().rfind(' ').map_or(0, |at| at + 1);
        return Some(replaced(before, start..old.range.end, topic));
    }
    Some(appended(topic, before))
}

/// A topic runs to the end of the question: "about the noise of driving piles".
fn end_of_topic(before: &str, phrase: &Phrase) -> usize {
    let follows = before[phrase.range.end..].trim_start();
    let goes_on = word_ranges(follows).next().is_some_and(|r| matches!(&follows[r], "of" | "and"));
    if goes_on { before.trim_end_matches(['?', '.', '!', ' ']).len() } else { phrase.range.end }
}

/// "the most expensive?" after "the cheapest bed".
fn superlative(topic: &str, turn: &Turn) -> Option<String> {
    let new = SUPERLATIVE.captures(topic)?.get(1)?.as_str();
    let before = turn.question.as_str();
    let words = terms(before);
    let at = words.iter().position(|w| is_superlative(&w.folded) || matches!(w.folded.as_str(), "most" | "least"))?;
    let long = matches!(words[at].folded.as_str(), "most" | "least") && at + 1 < words.len();
    Some(replaced(before, words[at].range.start..words[at + usize::from(long)].range.end, new))
}

/// A determiner or the number in common, besides being a common noun.
const LEAST_ALIKE: i32 = 3;

/// The phrase of the question before that is most like the new one.
fn counterpart(topic: &str, turn: &Turn) -> Option<String> {
    let before = turn.question.as_str();
    let own = topic_phrases(topic);
    let new = own.first()?;
    let fits =
        |p: &&Phrase| p.place != Place::Focus && !p.is_property() && (p.human != Human::Yes || new.human != Human::No);
    let alike = |p: &Phrase| {
        let article = |p: &Phrase| p.determiner.is_some();
        let share = own.iter().any(|n| n.stem == p.stem);
        let about = matches!(&p.place, Place::After(w) if matches!(w.as_str(), "about" | "on" | "regarding" | "of"));
        6 * i32::from(share)
            + 4 * i32::from(p.human != Human::No && new.human != Human::No)
            + 2 * i32::from(article(p) == article(new))
            + 2 * i32::from(p.name == new.name)
            + i32::from(p.plural == new.plural)
            + 2 * i32::from(about)
            + i32::from(p.place == Place::Object || p.place == Place::Subject)
    };
    let mut best: Option<(&Phrase, i32)> = None;
    for phrase in turn.phrases.iter().filter(fits) {
        let worth = alike(phrase);
        if best.is_none_or(|(_, top)| worth >= top) {
            best = Some((phrase, worth));
        }
    }
    // Too unlike: the new words stand for nothing in the question.
    let (old, _) = best.filter(|(_, worth)| *worth >= LEAST_ALIKE)?;
    let topical = matches!(&old.place, Place::After(w) if matches!(w.as_str(), "about" | "on" | "regarding"));
    let end = if topical { end_of_topic(before, old) } else { old.range.end };
    let exchanged = replaced(before, old.range.start..end, topic);
    // "Do the fishermen" after "Does the harbour master".
    let verb = word_ranges(&before[..old.range.start]).last().filter(|_| old.plural != new.plural);
    let agreed = verb.and_then(|v| Some((agreeing(&before[v.clone()], new.plural)?, v)));
    Some(match agreed {
        Some((word, range)) => replaced(&exchanged, range.clone(), &cased(word, &before[range])),
        None => exchanged,
    })
}
