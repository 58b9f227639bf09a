//! Items of a list and things among their like: "the third one", "and after that?", "the other one".

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::clause::Clause;
use super::context::{Context, Turn};
use super::lexicon::{Human, ORDINALS, is_be, is_contrast, is_do, is_plural, is_possessive, is_time, plural, singular};
use super::pattern;
use super::phrases::{Phrase, Place, salience};
use crate::text::{fold, is_stop_word, stem, terms, word_ranges};

/// How a question for an item of a list reads when the list has no name of its own.
const ITEM_OF: &str = "What is the ";

const ORDINAL: &str =
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final|next|previous|penultimate";

/// "And the third one?", "what was the first?", "and his fourth one?"
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:(?:and|but|so|what about|how about|what(?:’s|'s| is| was| were)|which (?:one )?(?:is|was|comes|came)|what (?:comes|came)|then|tell me|say|more|about|a bit|explain|describe|elaborate on|expand on|give me)[, ]+)*(?:(?:the|his|her|their|its)(?: very)? )?(ORDINAL)(?: (\w+))?(?: (?:on|in|of) (?:the|that|this) list)?(?: (?:about|say))?\s*[?.!]*$",
    )
});
/// "And then?", "what comes next?", "the one after that?"
static NEXT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:(?:and|so|but|then|what about|how about|which one is|what is|what’s|what's)[, ]+)*(?:(?:what|which(?: one)?) (?:comes?|came|follows?|followed|is|was|stands?)(?: (?:next|then|after (?:that|this|it)(?: one)?|afterwards))?|(?:the )?(?:one )?(?:(?:right |directly )?after (?:that|this|it)(?: one)?|afterwards|next|following(?: one)?)|then(?: what)?)\s*[?.!]*$",
    )
});
/// "And number two?"
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:(?:and|but|what about|how about)[, ]+)*(?:number|no\.?|point|item) (one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})\s*[?.!]*$",
    )
});
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:(?:and|so|but|what about|how about|which one is|what is|what came)[, ]+)*(?:the )?(?:one )?before (?:that|this|it)(?: one)?\s*[?.!]*$",
    )
});
static ONE_ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)^(?:(?:and|but|what about|how about)[, ]+)*the ones? ((?:about|on|with|for|from|regarding|concerning) .+?)\s*[?.!]*$",
    )
});
/// "the second one", "a new one", "the other two", "which one".
static ONE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:(?:the|a|an|his|her|its|their|this|that|another|any|each|every|which)(?: \w+){0,2} ones?|(?:the )?other (?:two|three|four|five|ones?)|the (?:other|others|latter|former))\b",
    )
});

fn fixed(text: &str) -> Regex {
    pattern(&text.replace("ORDINAL", ORDINAL))
}

/// A complete question for the item of a list that this one asks for.
pub(super) fn item(question: &str, context: &Context) -> Option<String> {
    let last = context.last()?;
    let now = last_ordinal(&last.question);
    if let Some(about) = ONE_ABOUT.captures(question).and_then(|c| c.get(1)) {
        let list = context.list().and_then(list_phrase)?;
        return Some(format!("Which of {list} is {}?", about.as_str()));
    }
    let found = ITEM.captures(question);
    if let Some(found) = found.filter(|c| c.get(2).is_none_or(|noun| is_listed(noun.as_str(), context))) {
        let word = found[1].to_lowercase();
        let word = match word.as_str() {
            "next" => nth(now.map_or(1, |n| n + 1)),
            "previous" => nth(now?.checked_sub(1)?),
            other => other,
        };
        return same_with(word, last).or_else(|| nth_of(word, context));
    }
    if let Some(number) = NUMBER.captures(question).and_then(|c| c.get(1)) {
        const CARDINALS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
        let word = number.as_str().to_lowercase();
        let digits = || word.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < ORDINALS.len());
        let at = CARDINALS.iter().position(|c| *c == word).or_else(digits)?;
        return nth_of(nth(at), context);
    }
    if BEFORE.is_match(question) {
        let word = nth(now?.checked_sub(1)?);
        return same_with(word, last).or_else(|| nth_of(word, context));
    }
    if NEXT.is_match(question) {
        // Without a list at hand it is what happened afterwards.
        let listed =
            now.is_some() || context.list().is_some_and(|t| list_phrase(t).is_some() && t.question == last.question);
        return if listed {
            let word = nth(now.map_or(1, |n| n + 1));
            same_with(word, last).or_else(|| nth_of(word, context))
        } else {
            let clause = last.clause();
            Some(match clause.event(true).filter(|_| !clause.subject.is_empty()) {
                Some(event) => format!("What happened after {event}?"),
                None => format!("What happened next: {}", last.question),
            })
        };
    }
    None
}

/// Whether a noun behind an ordinal is one of the list: any "point", or "step" of the steps.
fn is_listed(noun: &str, context: &Context) -> bool {
    let noun = noun.to_lowercase();
    let same = |p: &Phrase| p.plural && p.stem == stem(&noun);
    matches!(noun.as_str(), "one" | "thing" | "point" | "item")
        || context.list().is_some_and(|t| t.phrases.iter().any(same))
}

/// "When does the last bus leave?" after "When does the first bus leave?"
fn same_with(word: &str, last: &Turn) -> Option<String> {
    let words = terms(&last.question);
    let at = words.iter().position(|t| ORDINALS.contains(&t.folded.as_str()) || t.folded == "last")?;
    let noun = words.get(at + 1)?;
    let of_list = noun.folded == "of" && !last.question.contains(": ");
    let noun = Some(noun).filter(|t| of_list || !is_stop_word(&t.folded) && !is_time(&t.folded))?;
    let plain = of_list
        || last.phrases.iter().any(|p| p.noun.contains(&words[at].range.start) && p.noun.contains(&noun.range.start));
    let range = words[at].range.clone();
    plain.then(|| format!("{}{word}{}", &last.question[..range.start], &last.question[range.end..]))
}

fn nth(at: usize) -> &'static str {
    ORDINALS[at.min(ORDINALS.len() - 1)]
}

/// The ordinal named in a question, from 0.
fn last_ordinal(question: &str) -> Option<usize> {
    terms(question).iter().rev().find_map(|t| ORDINALS.iter().position(|o| *o == t.folded))
}

fn nth_of(word: &str, context: &Context) -> Option<String> {
    let turn = context.list()?;
    Some(match list_phrase(turn) {
        Some(list) => format!("{ITEM_OF}{word} of {list}?"),
        None => format!("{ITEM_OF}{word} one: {}", base(&turn.question)),
    })
}

/// The list behind "What is the third one: which steps …?", the question behind "Since when: …".
pub(super) fn base(question: &str) -> &str {
    match question.split_once(": ") {
        Some((head, rest)) if head.starts_with(ITEM_OF) && head.ends_with(" one") => rest,
        Some((head, rest)) if word_ranges(head).count() <= 3 => rest,
        _ => question,
    }
}

/// The item that a question asked for, as a thing: "the second of the districts".
pub(super) fn asked_for(question: &str) -> Option<String> {
    static ABOUT: LazyLock<Regex> = LazyLock::new(|| fixed(r"^Which of (.+) is (about .+?)\?$"));
    static NTH: LazyLock<Regex> = LazyLock::new(|| fixed(r"^What is (the (?:ORDINAL) of .+?)\?$"));
    let about = ABOUT.captures(question).map(|c| format!("the one of {} {}", &c[1], &c[2]));
    about.or_else(|| NTH.captures(question).map(|c| c[1].to_owned()))
}

/// "the districts next in line" of "Which districts are next in line?", where that reads well.
pub(super) fn list_phrase(turn: &Turn) -> Option<String> {
    static COUNT: LazyLock<Regex> = LazyLock::new(|| {
        fixed(r"(?i)^((?:the|his|her|its|their) )(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) ")
    });
    // Whoever asks for the fifth does not know that there are four.
    list_named(turn).map(|list| COUNT.replace(&list, "$1").into_owned())
}

fn list_named(turn: &Turn) -> Option<String> {
    let clause = turn.clause();
    let asking = clause.asking?;
    let auxiliary = clause.auxiliary.filter(|&a| is_be(clause.word(a)))?;
    let text = clause.text.trim_end_matches(['?', '.', '!', ' ']);
    let rest = text[clause.words[auxiliary].range.end..].trim();
    let next = clause.word(auxiliary + 1);
    if matches!(clause.word(asking), "what" | "which" | "who") && auxiliary == asking + 1 {
        let owned = next == "the" || is_possessive(next) || rest.contains("’s ") || rest.contains("'s ");
        let first = turn.phrases.iter().find(|p| p.range.start >= clause.words[auxiliary].range.end)?;
        return (owned && first.plural).then(|| rest.to_owned());
    }
    let noun = clause.slice(asking + 1..auxiliary);
    let focus = turn.phrases.iter().any(|p| p.place == Place::Focus && p.plural);
    (matches!(clause.word(asking), "which" | "what") && focus && !rest.is_empty() && clause.subject.is_empty())
        .then(|| format!("the {noun} {rest}"))
}

/// A question in which "one" has got its noun: "the second pump" for "the second one".
pub(super) fn with_noun(question: &str, context: &Context) -> Option<String> {
    let Some(found) = ONE.find_iter(question).find(|m| is_open(question, &m.range())) else {
        return single(question, context);
    };
    let many = found.as_str().ends_with("ones") || is_counted(found.as_str());
    let singles = terms(found.as_str()).iter().any(|t| is_contrast(&t.folded));
    let (turn, phrase) = like(context, question, singles, many)?;
    let kind = shared_kind(context, turn, phrase);
    let (front, head) = kind.rsplit_once(' ').map_or(("", kind), |(front, head)| (front, head));
    let head = if many { plural(head) } else { singular(head) };
    let noun = if front.is_empty() { head } else { format!("{front} {head}") };
    let own = found.as_str();
    let lead = own.strip_suffix(" ones").or_else(|| own.strip_suffix(" one"));
    let text = match lead {
        Some(lead) => format!("{lead} {noun}"),
        None if own.ends_with("others") => format!("{} {}", own.trim_end_matches('s'), plural(&noun)),
        None => format!("{own} {noun}"),
    };
    let text = if own.starts_with("other") { format!("the {text}") } else { text };
    Some(format!("{}{text}{}", &question[..found.start()], &question[found.end()..]))
}

/// "How much does one cost?" after "What is a heat pump?"
fn single(question: &str, context: &Context) -> Option<String> {
    static SINGLE: LazyLock<Regex> = LazyLock::new(|| {
        fixed(r"(?i)\b(\w+) (one)(?: (?:costs?|weighs?|lasts?|works?|looks?|holds?|needs?)\b|\s*[?.!]*$)")
    });
    let found = SINGLE.captures(question)?;
    let before = found[1].to_lowercase();
    if is_contrast(&before) || matches!(before.as_str(), "number" | "step" | "item" | "part" | "no" | "which" | "point")
    {
        return None;
    }
    let last = context.last()?;
    let one = last.phrases.iter().find(|p| !p.plural && matches!(p.determiner.as_deref(), Some("a" | "an")))?;
    let range = found.get(2)?.range();
    Some(format!("{}{}{}", &question[..range.start], &last.question[one.range.clone()], &question[range.end..]))
}

/// The words of a phrase that others of its kind have too: "pump" of "first pump" and "heat pumps".
fn shared_kind<'a>(context: &Context, turn: &'a Turn, phrase: &Phrase) -> &'a str {
    let own = terms(&turn.question[phrase.noun.clone()]);
    let mut kept = terms(phrase.kind(&turn.question)).len();
    for other in &context.turns {
        for like in other.phrases.iter().filter(|p| p.stem == phrase.stem) {
            let words = terms(like.kind(&other.question));
            let same = words.iter().rev().zip(own.iter().rev()).take_while(|(a, b)| a.stem == b.stem).count();
            kept = kept.min(same.max(1));
        }
    }
    &turn.question[phrase.noun.start + own[own.len() - kept.max(1)].range.start..phrase.noun.end]
}

fn is_counted(text: &str) -> bool {
    ["two", "three", "four", "five", "others"].iter().any(|n| text.ends_with(n))
}

/// Whether a "one" stands without a noun and without what tells which: "the one who paid".
fn is_open(question: &str, range: &Range<usize>) -> bool {
    let next = word_ranges(&question[range.end..]).next().map(|r| fold(&question[range.end..][r]));
    let own = question[range.clone()].to_lowercase();
    let named = terms(&own).iter().any(|t| !is_stop_word(&t.folded) && !is_contrast(&t.folded) && t.folded.len() < 3);
    match next.as_deref() {
        None => !named,
        Some("of" | "who" | "that" | "which" | "day" | "hand" | "more" | "another") => false,
        Some(next) if is_counted(&own) => !is_plural(next),
        // "the other side": a noun follows.
        Some(next) => own.ends_with("one") || own.ends_with("ones") || is_stop_word(next),
    }
}

/// The thing last named that may have others like it, best one that was itself singled out.
fn like<'a>(context: &'a Context, question: &str, singles: bool, many: bool) -> Option<(&'a Turn, &'a Phrase)> {
    let own: Vec<String> = terms(question).into_iter().map(|t| t.stem).collect();
    let mut best: Option<(i32, &Turn, &Phrase)> = None;
    for (age, turn) in context.turns.iter().rev().enumerate() {
        for phrase in &turn.phrases {
            let human = phrase.human == Human::Yes && phrase.name;
            if human || phrase.is_property() || own.contains(&phrase.stem) {
                continue;
            }
            let single = singles && phrase.contrast(&turn.question).is_some();
            let ageing = 6 * i32::try_from(age).unwrap_or(i32::MAX / 8).min(20);
            let worth = salience(phrase, !many || phrase.plural) + if single { 8 } else { 0 } - ageing;
            if best.as_ref().is_none_or(|(top, ..)| worth > *top) {
                best = Some((worth, turn, phrase));
            }
        }
    }
    best.map(|(_, turn, phrase)| (turn, phrase))
}

/// Whether a question asks for one of several by its place.
pub(super) fn leans(question: &str) -> bool {
    ITEM.is_match(question)
        || NUMBER.is_match(question)
        || NEXT.is_match(question)
        || ONE.find_iter(question).any(|m| is_open(question, &m.range()))
}

/// "of them" is of the list: "What is the first of them?"
pub(super) fn of_them(question: &str, context: &Context) -> Option<String> {
    static OF_THEM: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?i)\bof (them|these|those)\b"));
    let range = OF_THEM.captures(question)?.get(1)?.range();
    let clause = Clause::of(question, &[]);
    let asks_for_item = last_ordinal(question).is_some() || clause.words.iter().any(|w| w.folded == "last");
    let list = context.list().filter(|_| asks_for_item && !clause.auxiliary.is_some_and(|a| is_do(clause.word(a))))?;
    let list = list_phrase(list)?;
    Some(format!("{}{list}{}", &question[..range.start], &question[range.end..]))
}
